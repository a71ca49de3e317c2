"""A folder with weights, read without torch: what network they belong to, and their fingerprint."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError, safe_open

from lmc_core.checkpoints.layout import CONFIG, PROCESSOR, WEIGHTS, stored_tensors
from lmc_core.checkpoints.vit import vit_of
from lmc_core.data.catalog import CATALOG
from lmc_core.errors import LMCError
from lmc_core.spec import ArchitectureSpec, Start, ViT

FINGERPRINT_LENGTH = 20
OWN = "lmc_core"
"""The section of config.json in which this program writes which network a checkpoint of its own belongs to."""
FLOATS = ("F64", "F32", "F16", "BF16")
BASE_PREFIX = "vit."
"""What names of tensors begin with but in checkpoints of transformers' ViTModel, which has no classifier."""


@dataclass(frozen=True)
class Checkpoint:
    """Weights to begin with.

    Attributes:
        name: by which specs have it.
        folder: where it lies on this machine.
        architecture: of its network.
        channels: of the images that it takes.
        side: of the images that it takes, in pixels.
        fingerprint: the beginning of the sha256 of its weights' file.
    """

    name: str
    folder: Path
    architecture: ArchitectureSpec
    channels: int
    side: int
    fingerprint: str

    @property
    def start(self) -> Start:
        """The section of a spec that begins with these weights."""
        return Start(checkpoint=self.name, fingerprint=self.fingerprint)


def read_checkpoint(name: str, folder: Path) -> Checkpoint:
    """The checkpoint in a folder that `save_pretrained` wrote; no code in it is run, and no pickle opened.

    Raises:
        LMCError: the folder is none, its weights are no safetensors or are damaged, or the network is none of this program's.
    """
    architecture, channels, side = described(name, folder)
    if not (folder / WEIGHTS).is_file():
        raise LMCError(_without_weights(name, folder))
    _check_header(name, folder / WEIGHTS, architecture, channels, side)
    return Checkpoint(name, folder, architecture, channels, side, fingerprint_of(name, folder / WEIGHTS))


def described(name: str, folder: Path) -> tuple[ArchitectureSpec, int, int]:
    """The network that a checkpoint's configuration describes: its architecture, the channels and the side of its images.

    Raises:
        LMCError: the folder has no configuration, or that of no network of this program.
    """
    config = _read_json(name, folder / CONFIG)
    if config is None:
        raise LMCError(f"{_at(name, folder)} is no checkpoint: it has no {CONFIG}; give a folder that save_pretrained wrote.")
    if OWN in config:
        return _own(name, config[OWN])
    architecture, channels = vit_of(name, config, _read_json(name, folder / PROCESSOR))
    return architecture, channels, architecture.side


def fingerprint_of(name: str, weights: Path) -> str:
    """The beginning of the sha256 of a checkpoint's weights; read anew only where the file has changed.

    Raises:
        LMCError: the file cannot be read.
    """
    try:
        facts = weights.stat()
        return _hashed(weights, facts.st_size, facts.st_mtime_ns, facts.st_ino)[:FINGERPRINT_LENGTH]
    except OSError as fault:
        raise LMCError(_unreadable(name, weights, fault)) from None


@lru_cache(maxsize=256)
def _hashed(weights: Path, _size: int, _changed: int, _inode: int) -> str:
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _own(name: str, section: object) -> tuple[ArchitectureSpec, int, int]:
    try:
        values = dict(section) if isinstance(section, Mapping) else {}
        data = CATALOG[values["dataset"]]
        architecture: ArchitectureSpec = TypeAdapter(ArchitectureSpec).validate_python(values["architecture"])
    except (KeyError, TypeError, ValidationError):
        raise LMCError(f"The {CONFIG} of {name} says {OWN}, but describes no network of this version of the program.") from None
    return architecture, data.channels, architecture.side if isinstance(architecture, ViT) else data.side


def _check_header(name: str, weights: Path, architecture: ArchitectureSpec, channels: int, side: int) -> None:
    """Return if the file holds the tensors that the configuration promises, or more.

    Raises:
        LMCError: a tensor is missing, has another shape or another kind of numbers; the file is damaged.
    """
    try:
        with safe_open(weights, framework="numpy") as file:
            found = {key: (tuple(part.get_shape()), part.get_dtype()) for key in file.keys() for part in [file.get_slice(key)]}  # noqa: SIM118
    except SafetensorError as fault:
        raise LMCError(f"The {WEIGHTS} of {name} is damaged or not safetensors ({fault}): fetch or save it again.") from None
    except OSError as fault:
        raise LMCError(_unreadable(name, weights, fault)) from None
    found = (
        {key if has_prefix(found) else BASE_PREFIX + key: value for key, value in found.items()} if isinstance(architecture, ViT) else found
    )
    for tensor in stored_tensors(architecture, channels, side):
        if tensor.file_name not in found:
            raise LMCError(f"{name} holds the weights of another network than its {CONFIG} describes: {tensor.file_name} is missing.")
        shape, kind = found[tensor.file_name]
        if shape != tensor.shape:
            raise LMCError(
                f"{name} holds the weights of another network than its {CONFIG} describes: {tensor.file_name} is "
                f"{_by(shape)} instead of {_by(tensor.shape)}."
            )
        if kind not in FLOATS:
            raise LMCError(f"{name} holds {kind} numbers in {tensor.file_name}; take a checkpoint in floating point, not a quantised one.")


def has_prefix(names: Iterable[str]) -> bool:
    """Whether the tensors of a ViT's file are those of a classifier, whose names begin with `vit.`."""
    return any(name.startswith(BASE_PREFIX) for name in names)


def _read_json(name: str, path: Path) -> Mapping[str, object] | None:
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise LMCError(_unreadable(name, path, fault)) from None
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise LMCError(f"The {path.name} of {name} is not a JSON object, so this is no checkpoint that save_pretrained wrote.")
    return values


def _without_weights(name: str, folder: Path) -> str:
    if (folder / f"{WEIGHTS}.index.json").exists():
        return f"The weights of {name} are in several files; only a single {WEIGHTS} is read: save it again in one."
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt*")) or any(folder.glob("*.ckpt")):
        return (
            f"{_at(name, folder)} has its weights as a pickle only, which could run code and is never opened: "
            f"convert them to {WEIGHTS}, or take a checkpoint that has it."
        )
    return f"{_at(name, folder)} is no checkpoint: it has no {WEIGHTS}; give a folder that save_pretrained wrote."


def _unreadable(name: str, path: Path, fault: OSError) -> str:
    return f"The {path.name} of {name} cannot be read ({fault.strerror or fault}): change its rights or take another checkpoint."


def _at(name: str, folder: Path) -> str:
    return name if name == str(folder) else f"{name} (in {folder})"


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a single number"
