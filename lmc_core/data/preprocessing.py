"""What is done to the images of a data set before a network sees them."""

from dataclasses import dataclass

from torch import Tensor

from lmc_core.data.normalisation import Statistics, normalise
from lmc_core.data.resizing import Resample, resize


@dataclass(frozen=True)
class Preprocessing:
    """How a network wants its images; by default as they are, normalised by their own statistics.

    Attributes:
        side: of what it sees; None leaves the data set's.
        resample: the filter of resizing.
        mean: of each channel in [0, 1], as the network was pretrained; None takes the data set's.
        std: likewise.
        crop: part of each side of the resized image that it sees, cut out of the middle.
    """

    side: int | None = None
    resample: Resample = "bilinear"
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    crop: float = 1.0

    def statistics(self, of_data: Statistics) -> Statistics:
        """The mean and the standard deviation that images are normalised with, given those of the data set."""
        return of_data if self.mean is None or self.std is None else (self.mean, self.std)

    def __call__(self, images: Tensor, side: int, of_data: Statistics) -> Tensor:
        """Images float32 [B, C, side, side], resized and normalised; grey ones in as many channels as there are means.

        Args:
            images: uint8 [B, C, H, W], of the data set's size or cut out of it.
            side: of the data set's images.
            of_data: mean and standard deviation of its channels.
        """
        mean, std = self.statistics(of_data)
        seen = self.side or side
        resized = resize(images, uncropped(seen, self.crop), self.resample)
        first = (resized.shape[-1] - seen) // 2
        middle = resized[..., first : first + seen, first : first + seen]
        return normalise(middle.expand(-1, len(mean), -1, -1), mean, std)


def uncropped(side: int, crop: float) -> int:
    """Pixels to which an image is resized so that the middle part of so many pixels is left."""
    return round(side / crop)
