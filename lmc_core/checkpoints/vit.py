"""From the configuration of a transformers ViT and of its image processor to the architecture in a spec."""

from collections.abc import Mapping

from pydantic import ValidationError

from lmc_core.errors import LMCError
from lmc_core.spec import ViT

FIXED: Mapping[str, object] = {
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "qkv_bias": True,
}
"""What every ViT of this program has, as ViTConfig's defaults; a checkpoint with another value would be another function."""

RESAMPLING = {1: "lanczos", 2: "bilinear", 3: "bicubic"}
"""Pillow's numbers, as image processors are saved with."""
BILINEAR = 2
"""The default of transformers' ViTImageProcessor."""
SIDE = 224
"""Its size by default."""
HALF = (0.5, 0.5, 0.5)
"""Mean and standard deviation of the same by default."""


def vit_of(name: str, config: Mapping[str, object], processor: Mapping[str, object] | None) -> tuple[ViT, int]:
    """The architecture of a checkpoint, and the channels of its images.

    Images are resized to the side that the network was made for, or beyond it where the processor cuts out the middle (DeiT).
    Where a checkpoint has no image processor, images are normalised with the data's own statistics.

    Args:
        name: of the checkpoint, for sentences.
        config: the content of config.json.
        processor: the content of preprocessor_config.json.

    Raises:
        LMCError: it is no ViT, or one that this program does not have.
    """
    if config.get("model_type") != "vit":
        raise LMCError(
            f"{name} is no ViT but {_quoted(config.get('model_type'))}: take a checkpoint whose config.json says model_type vit."
        )
    for field, expected in FIXED.items():
        if config.get(field, expected) != expected:
            raise LMCError(
                f"{name} has {field} {_quoted(config[field])}; this program's ViT has {expected} there, so take another checkpoint."
            )
    values = {
        "side": config.get("image_size", 224),
        "patch": config.get("patch_size", 16),
        "width": config.get("hidden_size", 768),
        "layers": config.get("num_hidden_layers", 12),
        "heads": config.get("num_attention_heads", 12),
        "mlp": config.get("intermediate_size", 3072),
        "norm_epsilon": config.get("layer_norm_eps", 1e-12),
    }
    channels = config.get("num_channels", 3)
    try:
        architecture = ViT.model_validate(values | _processing(name, processor))
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        path = ".".join(map(str, first["loc"]))
        raise LMCError(f"{name} has {path} {_quoted(first['input'])}, with which this program has no ViT ({first['msg']}).") from None
    if not isinstance(channels, int) or channels < 1:
        raise LMCError(f"{name} has num_channels {_quoted(channels)}; that should be a whole number of at least 1.")
    if architecture.side % architecture.patch or architecture.width % architecture.heads:
        raise LMCError(f"{name} has patches that do not divide its images, or heads that do not divide its width; it is damaged.")
    return architecture, channels


def _processing(name: str, processor: Mapping[str, object] | None) -> dict[str, object]:
    if processor is None:
        return {}
    number = processor.get("resample", BILINEAR)
    if not isinstance(number, int) or number not in RESAMPLING:
        raise LMCError(f"{name} has an image processor with resample {_quoted(number)}; it should be one of {_choices()}.")
    values: dict[str, object] = {"resample": RESAMPLING[number], "crop": _crop(name, processor)}
    if processor.get("do_normalize", True):
        return values | {"mean": processor.get("image_mean", HALF), "std": processor.get("image_std", HALF)}
    return values | {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}


def _crop(name: str, processor: Mapping[str, object]) -> float:
    """The part of a resized image's side that the processor leaves."""
    if not processor.get("do_center_crop", False):
        return 1.0
    whole, middle = (_side(processor.get(field, SIDE)) for field in ("size", "crop_size"))
    if whole is None or middle is None or middle > whole:
        raise LMCError(
            f"{name} has an image processor that cuts {_quoted(processor.get('crop_size'))} out of {_quoted(processor.get('size'))}; "
            "it should be the middle square of a square."
        )
    return middle / whole


def _side(size: object) -> int | None:
    """Pixels of a square's side, which processors are saved with as a number or with a height and a width."""
    sides = {size.get("height"), size.get("width")} if isinstance(size, Mapping) else {size}
    side = sides.pop()
    return side if not sides and isinstance(side, int) and side > 0 else None


def _choices() -> str:
    return ", ".join(f"{number} ({word})" for number, word in RESAMPLING.items())


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
