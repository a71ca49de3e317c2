"""Pruning: what may be pruned, masks, and which weights the methods take. Pure functions on tensors."""
