"""The GPUs of this machine, found without torch, which the web process does not load."""

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
    numbers = [int(match[1]) for path in (devices or DEVICES).glob("nvidia*") if (match := NVIDIA.fullmatch(path.name))]
    found = tuple(map(str, range(len(numbers))))  # CUDA counts from 0 whatever the files in a container are called
    chosen = environment.get("CUDA_VISIBLE_DEVICES")
    if chosen is None or not found:
        return found
    return tuple(name for name in map(str.strip, chosen.split(",")) if name and name != "-1")
