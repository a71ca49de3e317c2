"""A folder with weights, read without torch: what network they belong to, and their fingerprint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from lmc_core.checkpoints.files import read_json
from lmc_core.checkpoints.layout import CONFIG, INDEX, NESTED, PROCESSOR, WEIGHTS, stored_tensors
from lmc_core.checkpoints.tensors import EXPONENTS, Place, check_finite, fingerprint_of, place_of, tensors_in, weight_files
from lmc_core.checkpoints.vit import vit_of
from lmc_core.data.spec import CATALOG
from lmc_core.errors import MODELS_FOLDER, LMCError, place
from lmc_core.models.spec import ArchitectureSpec, Start, ViT

OWN = "lmc_core"
"""The section of config.json in which this program writes which network a checkpoint of its own belongs to."""


@dataclass(frozen=True)
class Checkpoint:
    """Weights to begin with.

    Attributes:
        name: by which specs have it.
        folder: where it lies on this machine.
        architecture: of its network.
        channels: of the images that it takes.
        side: of the images that it takes, in pixels.
        fingerprint: the beginning of the sha256 of its weights.
        places: where each parameter but the classifier's lies, by its name in the module.
    """

    name: str
    folder: Path
    architecture: ArchitectureSpec
    channels: int
    side: int
    fingerprint: str
    places: Mapping[str, Place] = field(repr=False)

    @property
    def start(self) -> Start:
        """The section of a spec that begins with these weights."""
        return Start(checkpoint=self.name, fingerprint=self.fingerprint)


def read_checkpoint(name: str, folder: Path) -> Checkpoint:
    """The checkpoint in a folder that `save_pretrained` wrote; no code in it is run, and no pickle opened.

    Raises:
        LMCError: the folder is none, its weights are no safetensors, are damaged or not finite, or the network is none of this
            program's.
    """
    architecture, channels, side = described(name, folder)
    files = weight_files(name, folder)
    if not files:
        raise LMCError(_without_weights(name, folder))
    places = _places(name, tensors_in(name, files), architecture, channels, side)
    check_finite(name, tuple(places.values()))
    return Checkpoint(name, folder, architecture, channels, side, fingerprint_of(name, files), places)


def described(name: str, folder: Path) -> tuple[ArchitectureSpec, int, int]:
    """The network that a checkpoint's configuration describes: its architecture, the channels and the side of its images.

    Raises:
        LMCError: the folder has no configuration, or that of no network of this program.
    """
    config = read_json(name, folder / CONFIG)
    if config is None:
        raise LMCError(f"{_at(name, folder)} is no checkpoint: it has no {CONFIG}; give a folder that save_pretrained wrote.")
    if OWN in config:
        return _own(name, config[OWN])
    nested = (read_json(name, folder / NESTED) or {}).get("image_processor")
    processor = nested if isinstance(nested, Mapping) else read_json(name, folder / PROCESSOR)
    architecture, channels = vit_of(name, config, processor)
    return architecture, channels, architecture.side


def is_whole(folder: Path) -> bool:
    """Whether a folder has a configuration and weights, as far as their names tell."""
    return (folder / CONFIG).is_file() and ((folder / WEIGHTS).is_file() or (folder / INDEX).is_file())


def is_begun(folder: Path) -> bool:
    """Whether a folder has a configuration or weights, of whatever form, and so is meant as a checkpoint."""
    return any((folder / file).exists() for file in (CONFIG, WEIGHTS, INDEX)) or any(folder.glob("*.bin"))


def _own(name: str, section: object) -> tuple[ArchitectureSpec, int, int]:
    try:
        values = dict(section) if isinstance(section, Mapping) else {}
        data = CATALOG[values["dataset"]]
        architecture: ArchitectureSpec = TypeAdapter(ArchitectureSpec).validate_python(values["architecture"])
    except (KeyError, TypeError, ValidationError):
        raise LMCError(f"The {CONFIG} of {name} says {OWN}, but describes no network of this version of the program.") from None
    return architecture, data.channels, architecture.side if isinstance(architecture, ViT) else data.side


def _places(name: str, found: Mapping[str, Place], architecture: ArchitectureSpec, channels: int, side: int) -> dict[str, Place]:
    """Where the tensors lie that the configuration promises; files may hold more.

    Raises:
        LMCError: a tensor is missing, has another shape or another kind of numbers.
    """
    places = {}
    for tensor in stored_tensors(architecture, channels, side):
        place = place_of(tensor, found)
        if place is None:
            raise LMCError(f"{name} holds the weights of another network than its {CONFIG} describes: {tensor.file_name} is missing.")
        if place.shape != tensor.shape:
            raise LMCError(
                f"{name} holds the weights of another network than its {CONFIG} describes: {place.key} is "
                f"{_by(place.shape)} instead of {_by(tensor.shape)}."
            )
        if place.kind not in EXPONENTS:
            raise LMCError(f"{name} holds {place.kind} numbers in {place.key}; take a checkpoint in floating point, not a quantised one.")
        places[tensor.name] = place
    return places


def _without_weights(name: str, folder: Path) -> str:
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt*")) or any(folder.glob("*.ckpt")):
        return (
            f"{_at(name, folder)} has its weights as a pickle only, which could run code and is never opened: "
            f"convert them to {WEIGHTS}, or take a checkpoint that has it."
        )
    return f"{_at(name, folder)} is no checkpoint: it has no {WEIGHTS}; give a folder that save_pretrained wrote."


def _at(name: str, folder: Path) -> str:
    return place(folder, name) if name == str(folder) else f"{name} (in {place(folder, MODELS_FOLDER)})"


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a single number"
