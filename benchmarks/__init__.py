"""Figures that docs/benchmarks.md quotes, each made again by one command."""
