"""Optimisers and learning rates over training."""
