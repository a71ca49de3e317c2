"""python -m benchmarks.cohort: 24 networks 784-128-10 together, batch 128, whole epochs."""

from benchmarks.setting import mnist_shaped, parser, table
from benchmarks.training_speed import compare

PAIRS = 12

if __name__ == "__main__":
    arguments = parser("24 networks 784-128-10, batch 128, SGD with momentum: seconds an epoch of all.")
    arguments.add_argument("--whole", action="store_true", help="train all 24 networks of the plain variants (half an hour)")
    chosen = arguments.parse_args()
    measured = 2 * PAIRS if chosen.whole else 2
    seconds, own = compare(mnist_shaped(chosen.data), width=128, pairs=PAIRS, measured=measured, repeats=chosen.repeats)
    scaled = (
        "" if chosen.whole else f" The plain variants trained {measured} networks; their time is multiplied by {2 * PAIRS // measured}."
    )
    remarks = f"Optimiser steps alone; measuring is not counted.{scaled}"
    print(table("24 networks 784-128-10, batch 128, a whole epoch of all", seconds, own, remarks))
