"""The GPUs of this machine, found without torch, which the web process does not load."""

import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path

DEVICES = Path("/dev")
NVIDIA = re.compile(r"nvidia(\d+)")


def accelerators(devices: Path | None = None, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """What CUDA_VISIBLE_DEVICES calls each GPU that this process may use; empty where there is none.

    Args:
        devices: the folder of device files, /dev if not given; NVIDIA's driver makes one for each GPU, `nvidia0` and so on.
        environment: whose CUDA_VISIBLE_DEVICES, where it is set, bounds what may be used.
    """
    folder = devices or DEVICES
    found = tuple(map(str, range(_count(folder, folder.stat().st_mtime_ns if folder.exists() else 0))))  # whatever the files are called
    chosen = environment.get("CUDA_VISIBLE_DEVICES")
    if chosen is None or not found:
        return found
    return tuple(name for name in map(str.strip, chosen.split(",")) if name and name != "-1")


@functools.lru_cache(maxsize=8)
def _count(folder: Path, _changed: int) -> int:
    """How many GPUs have a device file; looked at again when the folder has changed, since pages ask many times a second."""
    return sum(NVIDIA.fullmatch(path.name) is not None for path in folder.glob("nvidia*"))
