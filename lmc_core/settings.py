"""Where the program keeps its files and how much of the machine one visitor may take."""

import functools
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

from lmc_core.errors import LMCError

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


@dataclass(frozen=True)
class Fetching:
    """Bounds of what is fetched for somebody; by default for the one whose machine it is.

    Attributes:
        names: of models, as patterns in which * stands for any letters.
        largest: bytes of one model; None is unbounded.
        in_all: bytes of all models in the models' folder; None is unbounded.
        seconds: that one model may take; None is unbounded.
        patience: seconds that who asks waits before being told that it goes on in the background; None waits for the end.
    """

    names: tuple[str, ...] = ("*",)
    largest: int | None = None
    in_all: int | None = None
    seconds: float | None = None
    patience: float | None = None

    def refusal(self, name: str) -> str | None:
        """The sentence that refuses a model for its name; None if it may be fetched."""
        if any(fnmatchcase(name, pattern) for pattern in self.names):
            return None
        allowed = f"these may be: {', '.join(self.names)}" if self.names else "none may be"
        return (
            f"{name} is not on this machine, and visitors may not have it fetched from the hub; {allowed}. The owner can fetch any, "
            "or allow more with LMC_HUB_MODELS."
        )


REPOSITORY = Path(__file__).resolve().parent.parent
GIB = 1024**3
MB = 10**6
HUB_PATIENCE_SECONDS = 5.0
"""How long a visitor's page waits for a model before it says that it is on its way."""
PATTERN = re.compile(r"[A-Za-z0-9_.*-]{1,96}(/[A-Za-z0-9_.*-]{1,96})?")
"""A name on the hub in which * may stand for any letters."""
MEMORY_SHARE = 0.7
"""Part of the machine's memory that one run may be estimated to need; the page and the system keep the rest."""


@dataclass(frozen=True)
class Settings:
    """Folders, the scheduler and the limits of one server or command; `from_environment` reads them from `LMC_*`."""

    cache_dir: Path
    """Runs, checkpoints, journal and logs (LMC_CACHE_DIR)."""
    data_dir: Path
    """Data sets in torchvision's layout (LMC_DATA_DIR)."""
    gallery_dir: Path | None = REPOSITORY / "cache" / "gallery"
    """Finished runs that ship with the program; only read."""
    scheduler: str | None = None
    """Address of a Dask scheduler, such as tcp://host:8786; None starts workers on this machine (LMC_SCHEDULER)."""
    workers: int = 1
    """Worker processes on this machine, each with one run or crew at a time (LMC_WORKERS); one for each GPU unless it is set."""
    max_seconds: float = 6 * 3600
    """Longest estimated time of one run, in seconds (LMC_MAX_SECONDS)."""
    max_memory_gib: float = field(default_factory=lambda: MEMORY_SHARE * machine_memory() / GIB)
    """Largest estimated memory of one run, in GiB (LMC_MAX_MEMORY_GIB)."""
    max_disk_gib: float = 4.0
    """Most that the files of one run may be estimated to take, in GiB (LMC_MAX_DISK_GIB)."""
    max_cache_gib: float = 50.0
    """Most that all runs and what waits may take on the disk, in GiB (LMC_MAX_CACHE_GIB)."""
    max_overrun: float = 5.0
    """How many times its estimated time a run may take before it is stopped (LMC_MAX_OVERRUN)."""
    max_queued: int = 5
    """Runs that one visitor may have waiting or running (LMC_MAX_QUEUED)."""
    max_queued_per_address: int = 120
    """The same for all visitors of one address together, such as a classroom behind a router (LMC_MAX_QUEUED_PER_ADDRESS)."""
    max_cells: int = 200
    """Runs that one sweep may have to train (LMC_MAX_CELLS)."""
    max_pages: int = 20
    """Pages that one browser may have open (LMC_MAX_PAGES)."""
    max_pages_per_address: int = 200
    """The same for all browsers of one address together (LMC_MAX_PAGES_PER_ADDRESS)."""
    max_upload_kib: int = 64
    """Largest file that a page takes, in KiB (LMC_MAX_UPLOAD_KIB); a spec has about one."""
    hub_models: tuple[str, ...] = ("google/vit-base-patch16-224-in21k", "facebook/deit-tiny-patch16-224")
    """Models that visitors may have fetched from the Hugging Face hub, as names in which * stands for any letters (LMC_HUB_MODELS)."""
    hub_max_mb: int = 1_000
    """Largest model that a server fetches, in MB (LMC_HUB_MAX_MB)."""
    hub_total_mb: int = 10_000
    """What all models together may take on the server's disk before it fetches no more, in MB (LMC_HUB_TOTAL_MB)."""
    hub_seconds: float = 600.0
    """Longest time in which a server fetches one model, in seconds (LMC_HUB_SECONDS)."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose word is taken on who their visitors are (LMC_TRUSTED_PROXIES)."""
    owner_token: str | None = None
    """What deleting runs asks for; None lets each engine draw one (LMC_OWNER_TOKEN)."""
    lease_seconds: float = 15.0
    """A server that was not heard of for so long has lost its running jobs to the others."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings that `LMC_*` variables give, defaults elsewhere.

        Raises:
            LMCError: a variable is not the kind of number it should be.
        """
        values = os.environ if environment is None else environment
        cache_dir = Path(values.get("LMC_CACHE_DIR") or REPOSITORY / "cache").expanduser().absolute()
        base = cls(cache_dir=cache_dir, data_dir=Path(values.get("LMC_DATA_DIR") or cache_dir / "data").expanduser().absolute())
        return replace(
            base,
            scheduler=values.get("LMC_SCHEDULER") or None,
            owner_token=values.get("LMC_OWNER_TOKEN") or None,
            workers=_whole(values, "LMC_WORKERS", max(1, len(accelerators(environment=values)))),
            max_queued=_whole(values, "LMC_MAX_QUEUED", base.max_queued),
            max_queued_per_address=_whole(values, "LMC_MAX_QUEUED_PER_ADDRESS", base.max_queued_per_address),
            max_cells=_whole(values, "LMC_MAX_CELLS", base.max_cells),
            max_pages=_whole(values, "LMC_MAX_PAGES", base.max_pages),
            max_pages_per_address=_whole(values, "LMC_MAX_PAGES_PER_ADDRESS", base.max_pages_per_address),
            max_upload_kib=_whole(values, "LMC_MAX_UPLOAD_KIB", base.max_upload_kib),
            hub_models=_patterns(values, "LMC_HUB_MODELS", base.hub_models),
            hub_max_mb=_whole(values, "LMC_HUB_MAX_MB", base.hub_max_mb),
            hub_total_mb=_whole(values, "LMC_HUB_TOTAL_MB", base.hub_total_mb),
            hub_seconds=_positive(values, "LMC_HUB_SECONDS", base.hub_seconds),
            trusted_proxies=_networks(values, "LMC_TRUSTED_PROXIES"),
            max_seconds=_positive(values, "LMC_MAX_SECONDS", base.max_seconds),
            max_memory_gib=_positive(values, "LMC_MAX_MEMORY_GIB", base.max_memory_gib),
            max_disk_gib=_positive(values, "LMC_MAX_DISK_GIB", base.max_disk_gib),
            max_cache_gib=_positive(values, "LMC_MAX_CACHE_GIB", base.max_cache_gib),
            max_overrun=_positive(values, "LMC_MAX_OVERRUN", base.max_overrun),
        )

    @property
    def fetching(self) -> Fetching:
        """What a server's visitors may have fetched from the hub."""
        return Fetching(self.hub_models, self.hub_max_mb * MB, self.hub_total_mb * MB, self.hub_seconds, HUB_PATIENCE_SECONDS)

    def for_command_line(self) -> Self:
        """The same without the limits on time, disk and number, which are there for visitors; memory stays bounded."""
        no_end = float("inf")
        return replace(
            self,
            max_seconds=no_end,
            max_disk_gib=no_end,
            max_cache_gib=no_end,
            max_overrun=no_end,
            max_queued=1_000_000,
            max_queued_per_address=1_000_000,
            max_cells=1_000_000,
        )


def machine_memory() -> int:
    """Bytes of memory that this machine, or the container it is in, has."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return physical
    return min(physical, int(limit)) if limit.isdigit() else physical


def _whole(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name)
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise LMCError(f"{name} is {text!r}; it should be a whole number of at least 1.")
    return int(text)


def _patterns(values: Mapping[str, str], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    text = values.get(name)
    if not text:
        return default
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    if parts == ("none",):
        return ()
    for part in parts:
        if PATTERN.fullmatch(part) is None:
            raise LMCError(f"{name} holds {part!r}; it should be names of models with commas between, such as google/vit-*, or none.")
    return parts


def _networks(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in (values.get(name) or "").split(",") if part.strip())
    for part in parts:
        try:
            ipaddress.ip_network(part)
        except ValueError:
            raise LMCError(
                f"{name} holds {part!r}; it should be addresses or networks with commas between them, such as 10.0.0.1,192.168.0.0/16."
            ) from None
    return parts


def _positive(values: Mapping[str, str], name: str, default: float) -> float:
    text = values.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not number > 0:
        raise LMCError(f"{name} is {text!r}; it should be a number above 0.")
    return number
