"""python -m benchmarks.twins: twins of MLP 784-512-10, batch 128, whole epochs."""

from benchmarks.setting import mnist_shaped, parser, table
from benchmarks.training_speed import compare

if __name__ == "__main__":
    arguments = parser("Twins of MLP 784-512-10, batch 128, SGD with momentum: seconds an epoch of both.").parse_args()
    seconds, own = compare(mnist_shaped(arguments.data), width=512, pairs=1, measured=2, repeats=arguments.repeats)
    print(
        table("Twins, MLP 784-512-10, batch 128, a whole epoch of both", seconds, own, "Optimiser steps alone; measuring is not counted.")
    )
