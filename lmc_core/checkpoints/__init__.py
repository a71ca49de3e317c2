"""Weights to begin with: found, described and vouched for before a run is queued, without torch."""
