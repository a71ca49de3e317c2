"""What is kept of runs: here so far the packs of those that ship with the program."""
