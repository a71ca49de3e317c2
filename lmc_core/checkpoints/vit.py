"""From the configuration of a transformers ViT and of its image processor to the architecture in a spec."""

from collections.abc import Mapping

from pydantic import ValidationError

from lmc_core.checkpoints.processor import Processor, quoted, square
from lmc_core.errors import LMCError
from lmc_core.frozen import allowed, allowed_each
from lmc_core.models.spec import ViT

FIXED: Mapping[str, object] = {
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "qkv_bias": True,
}
"""What every ViT of this program has, as ViTConfig's defaults; a checkpoint with another value would be another function."""

SETTINGS: Mapping[str, tuple[str, object]] = {
    "side": ("image_size", 224),
    "patch": ("patch_size", 16),
    "width": ("hidden_size", 768),
    "layers": ("num_hidden_layers", 12),
    "heads": ("num_attention_heads", 12),
    "mlp": ("intermediate_size", 3072),
    "norm_epsilon": ("layer_norm_eps", 1e-12),
}
"""ViTConfig's name and default of each field of an architecture."""
MOST_CHANNELS = 16
SQUARES = ("side", "patch")
"""Those that may be pairs."""


def vit_of(name: str, config: Mapping[str, object], processor: Mapping[str, object] | None) -> tuple[ViT, int]:
    """The architecture of a checkpoint, and the channels of its images.

    Where a checkpoint has no image processor, images are resized and normalised with the data's own statistics.

    Args:
        name: of the checkpoint, for sentences.
        config: the content of config.json.
        processor: the content of preprocessor_config.json.

    Raises:
        LMCError: it is no ViT, or one that this program does not have.
    """
    if config.get("model_type") != "vit":
        raise LMCError(f"{name} is no ViT but {quoted(config.get('model_type'))}: take a checkpoint whose config.json says model_type vit.")
    for field, expected in FIXED.items():
        if config.get(field, expected) != expected:
            raise LMCError(
                f"{name} has {field} {quoted(config[field])}; this program's ViT has {expected} there, so take another checkpoint."
            )
    values = {field: config.get(setting, default) for field, (setting, default) in SETTINGS.items()}
    values |= {field: square(values[field]) or values[field] for field in SQUARES}
    channels = config.get("num_channels", 3)
    if not isinstance(channels, int) or not 1 <= channels <= MOST_CHANNELS:
        raise LMCError(f"{name} has num_channels {quoted(channels)}; that should be a whole number from 1 to {MOST_CHANNELS}.")
    architecture = _validated(name, values)
    if architecture.side % architecture.patch or architecture.width % architecture.heads:
        raise LMCError(f"{name} has patches that do not divide its images, or heads that do not divide its width; it is damaged.")
    if processor is None:
        return architecture, channels
    return _validated(name, values | Processor(name, processor).architecture(architecture.side, channels)), channels


def _validated(name: str, values: Mapping[str, object]) -> ViT:
    try:
        return ViT.model_validate(values)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        field, *inside = map(str, first["loc"] or ("",))
        setting, _ = SETTINGS.get(field, (field, None))
        takes = f"; allowed: {(allowed_each if inside else allowed)(ViT.model_fields[field])}" if field in ViT.model_fields else ""
        raise LMCError(f"{name} has {setting} {quoted(first['input'])}, with which this program has no ViT{takes}.") from None
