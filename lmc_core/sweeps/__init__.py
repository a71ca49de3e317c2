"""Sweeps and the paper's tables and figures: lists of ordinary runs, what the paper printed, and what is made of the results."""
