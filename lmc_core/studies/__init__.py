"""Studies beyond the paper: what the blog tried with vision transformers, and where connectivity emerges."""
