"""The small files of a checkpoint, read within bounds."""

import json
from collections.abc import Mapping
from pathlib import Path

from lmc_core.errors import LMCError

MOST_JSON_BYTES = 2**20
"""A configuration has some KB; the index of a network in a hundred files some 100 KB."""


def read_json(name: str, path: Path) -> Mapping[str, object] | None:
    """The object in a JSON file of a checkpoint; None where there is no such file.

    Raises:
        LMCError: it cannot be read, is too large, or holds no object.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_JSON_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise LMCError(unreadable(name, path, fault)) from None
    if len(content) > MOST_JSON_BYTES:
        raise LMCError(too_large(name, path.name))
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise LMCError(f"The {path.name} of {name} is not a JSON object, so this is no checkpoint that save_pretrained wrote.")
    return values


def too_large(name: str, file: str) -> str:
    """The sentence for a JSON file that no checkpoint has."""
    return f"The {file} of {name} is larger than {MOST_JSON_BYTES // 2**20} MiB, so this is no checkpoint that save_pretrained wrote."


def unreadable(name: str, path: Path, fault: OSError) -> str:
    """The sentence for a file that is there and cannot be read."""
    return f"The {path.name} of {name} cannot be read ({fault.strerror or fault}): change its rights or take another checkpoint."
