"""What a checkpoint's name may lead to: for a visitor what lies below the models' folder, for the owner any folder of this machine."""

import re
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)?")
LONGEST_NAME = 96
"""As the hub has it."""


def is_hub_name(name: str) -> bool:
    """Whether a text could be the name of a model on the hub."""
    return len(name) <= LONGEST_NAME and NAME.fullmatch(name) is not None and "--" not in name and ".." not in name


LONGEST_SHOWN = 60


def models_folder(data_dir: Path) -> Path:
    """Where checkpoints are kept that are named without a folder, a hub's among them."""
    return data_dir / "models"


def path_refusal(name: str) -> str | None:
    """The sentence that refuses a visitor a path; None for a name.

    Only the text is looked at, so that neither the sentence nor its time tells what is on the disk.
    """
    if name.startswith("~") or not name.isprintable() or "\\" in name or any(part.startswith(".") for part in name.split("/")):
        return _refused(name)
    return _refused(name) if name.startswith("/") else None


def folders_named(name: str, models: Path, *, anywhere: bool) -> list[Path]:
    """The folders of that name, the one below the models' folder first.

    Args:
        name: of a checkpoint, or of a folder that holds some.
        models: the models' folder.
        anywhere: whether any folder of this machine may be named; otherwise only what lies below the models' folder, links followed.
    """
    try:
        if not anywhere:
            inside = models.absolute() / name
            return [inside] if not path_refusal(name) and inside.is_dir() and inside.resolve().is_relative_to(models.resolve()) else []
        return [place.absolute() for place in (models / name, Path(name).expanduser()) if place.is_dir()]
    except (OSError, RuntimeError, ValueError):  # too long, an unknown user's, not a name of a file, or not to be looked into
        return []


def named(folder: Path, models: Path) -> str:
    """The name of a folder: relative to the models' folder where it lies below, so that a run is the same on another machine."""
    return folder.relative_to(models.absolute()).as_posix() if folder.is_relative_to(models.absolute()) else str(folder)


def _refused(name: str) -> str:
    shown = name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}…"
    return (
        f"{shown!r} is a path; choose a checkpoint by its name in the models' folder or on the Hugging Face hub. "
        "Paths are for the owner, whose token the page All runs takes."
    )
