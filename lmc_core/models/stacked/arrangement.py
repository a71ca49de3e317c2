"""How the images of a data set are laid out for a network."""

from torch import Tensor


def flat(images: Tensor) -> Tensor:
    """Images [N, C, H, W] as rows [N, C·H·W]."""
    return images.flatten(1).contiguous()


def patches(images: Tensor, side: int) -> Tensor:
    """Images [N, C, H, W] as non-overlapping square patches [N, positions, C·side·side].

    Positions go row by row; what a whole number of patches does not cover is left out, as an unpadded convolution does.
    """
    count, channels, height, width = images.shape
    rows, columns = height // side, width // side
    covered = images[:, :, : rows * side, : columns * side]
    blocks = covered.reshape(count, channels, rows, side, columns, side)
    return blocks.permute(0, 2, 4, 1, 3, 5).reshape(count, rows * columns, channels * side * side).contiguous()
