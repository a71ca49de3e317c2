"""Training: cohorts of members, their noise and schedules, and the loop that tells what happens."""
