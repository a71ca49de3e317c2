"""From the settings of a checkpoint's image processor to what a vision transformer's spec says of its images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from lmc_core.errors import LMCError

RESAMPLING = {1: "lanczos", 2: "bilinear", 3: "bicubic"}
"""Pillow's numbers, as image processors are saved with."""
LARGEST = 1e9
"""Numbers beyond it, and those that are none, belong to no image."""
BYTE = 255.0
"""White, before a processor rescales."""
SUFFIXES = ("FeatureExtractor", "ImageProcessorFast", "ImageProcessorPil", "ImageProcessor")
"""What the class of an image processor is called after its model, in older and newer versions of transformers."""


@dataclass(frozen=True)
class Defaults:
    """What a class of image processors does where its file does not say."""

    size: int
    crop: int | None
    resample: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


_HALF = (0.5, 0.5, 0.5)
_CLIP = Defaults(224, 224, 3, (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
DEFAULTS: Mapping[str, Defaults] = {
    "ViT": Defaults(224, None, 2, _HALF, _HALF),
    "DeiT": Defaults(256, 224, 3, _HALF, _HALF),
    "CLIP": _CLIP,
    "Bit": _CLIP,
}
"""transformers' classes that resize, cut out the middle, rescale and normalise, and nothing else."""


class Processor:
    """An image processor as its file has it, read setting by setting.

    Args:
        name: of the checkpoint, for sentences.
        settings: the content of preprocessor_config.json.

    Raises:
        LMCError: it is of a class that does more to an image than this program can.
    """

    def __init__(self, name: str, settings: Mapping[str, object]) -> None:
        self._name = name
        self._settings = {key: value for key, value in settings.items() if value is not None}
        self._defaults = self._of_class()

    def architecture(self, image_size: int, channels: int) -> dict[str, object]:
        """The fields of a ViT's architecture with which it sees the pixels that this processor makes of an image.

        Args:
            image_size: side of the images that the network takes.
            channels: of these.

        Raises:
            LMCError: a setting that cannot be followed.
        """
        if not self._flag("do_resize", default=True):
            raise self._refusal("do_resize", "images are always resized here to the side that the network takes; it should be true")
        if self._flag("do_pad", default=False):
            raise self._refusal("do_pad", "images are never padded here; it should be false")
        mean, std = self._statistics(channels)
        return {"resample": self._resample(), "crop": self._crop(image_size), "mean": mean, "std": std}

    def _of_class(self) -> Defaults:
        for setting in ("image_processor_type", "feature_extractor_type"):
            if setting in self._settings:
                kind = str(self._settings[setting])
                model = next((kind.removesuffix(suffix) for suffix in SUFFIXES if kind.endswith(suffix)), kind)
                if model not in DEFAULTS:
                    known = ", ".join(f"{model}ImageProcessor" for model in DEFAULTS)
                    raise self._refusal(setting, f"this program follows {known}")
                return DEFAULTS[model]
        return DEFAULTS["ViT"]

    def _resample(self) -> str:
        number = self._settings.get("resample", self._defaults.resample)
        if not isinstance(number, int) or number not in RESAMPLING:
            raise self._refusal("resample", f"it should be one of {', '.join(f'{key} ({word})' for key, word in RESAMPLING.items())}")
        return RESAMPLING[number]

    def _crop(self, image_size: int) -> float:
        """The part of a resized image's side that the processor leaves: all of it, or the middle."""
        whole = _resized(self._settings.get("size", self._defaults.size))
        if whole is None:
            raise self._refusal("size", "it should make squares of all square images")
        if not self._flag("do_center_crop", default=self._defaults.crop is not None):
            if whole != image_size:
                raise self._refusal("size", f"the network takes images of {image_size} pixels", whole)
            return 1.0
        given = self._settings.get("crop_size", self._defaults.crop or DEFAULTS["ViT"].size)
        middle = _cut(given)
        if middle is None or middle > whole:
            raise self._refusal("crop_size", f"it should be a square within the {whole} pixels of the resized image", given)
        if middle != image_size:
            raise self._refusal("crop_size", f"the network takes images of {image_size} pixels", given)
        return middle / whole

    def _statistics(self, channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation for images in [0, 1] with which the same numbers come out.

        A processor makes (factor · byte - mean) / std of a byte; here it is (byte / 255 - mean) / std.
        """
        white = BYTE * self._factor() if self._flag("do_rescale", default=True) else BYTE
        if not self._flag("do_normalize", default=True):
            return (0.0,) * channels, (1 / white,) * channels
        mean = self._numbers("image_mean", self._defaults.mean, channels)
        std = self._numbers("image_std", self._defaults.std, channels)
        if min(std) <= 0:
            raise self._refusal("image_std", "it should be above 0 in each channel")
        if len(mean) != len(std):
            raise self._refusal("image_std", f"it should have as many numbers as image_mean, {len(mean)}")
        return tuple(number / white for number in mean), tuple(number / white for number in std)

    def _factor(self) -> float:
        factor = self._settings.get("rescale_factor", 1 / BYTE)
        if not _is_number(factor) or float(factor) <= 0:
            raise self._refusal("rescale_factor", "it should be a number above 0")
        return float(factor)

    def _numbers(self, setting: str, default: tuple[float, ...], channels: int) -> tuple[float, ...]:
        """A number for each channel; one alone is that of all."""
        given = self._settings.get(setting, default)
        numbers = list(given) if isinstance(given, list | tuple) else [given]
        found = [float(number) for number in numbers if _is_number(number)]
        if not found or len(found) != len(numbers):
            raise self._refusal(setting, "it should be a number for each channel")
        return tuple(found) * (channels if len(found) == 1 else 1)

    def _flag(self, setting: str, *, default: bool) -> bool:
        value = self._settings.get(setting, default)
        if not isinstance(value, bool):
            raise self._refusal(setting, "it should be true or false")
        return value

    def _refusal(self, setting: str, reason: str, value: object = None) -> LMCError:
        said = self._settings.get(setting, value)
        return LMCError(f"{self._name} has an image processor with {setting} {quoted(said)}; {reason}.")


def quoted(value: object) -> str:
    """A value from a file as a sentence quotes it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _resized(size: object) -> int | None:
    """Pixels of the side that a square image is resized to; None where none would come out square."""
    if isinstance(size, Mapping):
        given = {key: value for key, value in size.items() if value is not None}
        for least in ({"shortest_edge"}, {"shortest_edge", "longest_edge"}, {"max_height", "max_width"}):
            if given.keys() == least:
                sides = [_side(value) for value in given.values()]
                return min((side for side in sides if side is not None), default=None) if None not in sides else None
    return _cut(size)


def _cut(size: object) -> int | None:
    """Pixels of a square's side, which processors are saved with as a number, as a pair, or as height and width."""
    if isinstance(size, Mapping):
        given = {key: value for key, value in size.items() if value is not None}
        return square(list(given.values())) if given.keys() == {"height", "width"} else None
    return square(size)


def square(size: object) -> int | None:
    """Pixels of a square's side, given as a number or as a pair of equal ones."""
    if isinstance(size, list | tuple):
        return _side(size[0]) if len(size) == 2 and size[0] == size[1] else None
    return _side(size)


def _side(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST
