"""What is measured between two networks: the line between them, barriers on it, and distances."""
