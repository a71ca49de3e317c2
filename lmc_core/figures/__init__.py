"""Figures: pure functions from data frames to charts that a page, a test or a file can draw."""
