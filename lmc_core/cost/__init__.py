"""What a run will take before it is started: seconds, and bytes of memory and of the disk."""
