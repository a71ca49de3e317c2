"""Checkpoints from the Hugging Face hub: whole ones arrive in the models' folder, anything else leaves no trace."""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lmc_core.checkpoints.layout import CONFIG, PROCESSOR, WEIGHTS
from lmc_core.errors import LMCError

SILENT_SECONDS = 10.0
"""A hub that does not answer for so long counts as gone."""
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)?")
LONGEST_NAME = 96
"""As the hub has it."""
SHA256_DIGITS = 64
"""The hub's tag of a large file is its sha256, that of a small one something shorter."""


def is_hub_name(name: str) -> bool:
    """Whether a text could be the name of a model on the hub."""
    return len(name) <= LONGEST_NAME and NAME.fullmatch(name) is not None and "--" not in name and ".." not in name


def fetch(name: str, models: Path, check: Callable[[Path], object]) -> Path:
    """Download a model's configuration, image processor and weights into `models/name`, and return that folder.

    The address is HF_ENDPOINT's or the hub's own, the token the one that `hf auth login` keeps. Nothing is downloaded that
    could hold code.

    Args:
        name: of the model on the hub.
        models: the folder that keeps models.
        check: called with the arriving folder once it holds all but the weights; what it raises ends the download.

    Raises:
        LMCError: no network, no such model, a gated one, one without safetensors; the folder cannot be written.
    """
    target = models / name
    try:
        with _arrival(models) as arriving:
            if target.is_dir():  # another process has just brought it
                return target
            _bring(name, CONFIG, arriving)
            _bring(name, PROCESSOR, arriving, optional=True)
            check(arriving)
            _bring(name, WEIGHTS, arriving)
            shutil.rmtree(arriving / ".cache", ignore_errors=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            arriving.rename(target)
    except OSError as fault:
        raise LMCError(
            f"{name} cannot be put into {models} ({fault.strerror or fault}): free some space there, change its rights, or choose "
            "another folder with LMC_DATA_DIR."
        ) from None
    return target


@contextmanager
def _arrival(models: Path) -> Iterator[Path]:
    """A folder of this process's own beside the models, gone at the end; one process at a time is let in."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left_by_a_killed_process in models.glob(".*.arriving"):
            shutil.rmtree(left_by_a_killed_process)
        with tempfile.TemporaryDirectory(dir=models, prefix=".", suffix=".arriving") as temporary:
            arriving = Path(temporary) / "model"
            arriving.mkdir()
            yield arriving


def _bring(name: str, file: str, folder: Path, *, optional: bool = False) -> None:
    # slow to import: only where something is downloaded
    import httpx2
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RemoteEntryNotFoundError, RepositoryNotFoundError

    endpoint = os.environ.get("HF_ENDPOINT") or None
    try:
        # asked first, as hf_hub_download alone tries for 23 seconds to reach a hub that is not there
        facts = get_hf_file_metadata(hf_hub_url(name, file, endpoint=endpoint), timeout=SILENT_SECONDS, endpoint=endpoint)
        path = Path(hf_hub_download(name, file, local_dir=folder, endpoint=endpoint, etag_timeout=SILENT_SECONDS))
    except GatedRepoError:
        raise LMCError(
            f"{name} is gated on the hub: ask for access on its page and run `hf auth login`, or take a model that is open to all."
        ) from None
    except RepositoryNotFoundError:
        raise LMCError(f"There is no folder {name} and no open model of that name on the hub: check the spelling.") from None
    except RemoteEntryNotFoundError:
        if optional:
            return
        raise LMCError(_lacking(name, file)) from None
    except HfHubHTTPError as fault:
        raise LMCError(f"The hub did not send {file} of {name} ({_first_line(fault)}): try again later.") from None
    except (httpx2.HTTPError, ConnectionError, FileNotFoundError, TimeoutError) as fault:
        raise LMCError(
            f"{name} is not in {folder.parent.parent} and the hub is out of reach ({_first_line(fault)}): connect to the network, or put "
            f"its {CONFIG}, {PROCESSOR} and {WEIGHTS} into {folder.parent.parent / name} by hand."
        ) from None
    if len(facts.etag or "") == SHA256_DIGITS and _sha256(path) != facts.etag:
        raise LMCError(f"The {file} of {name} did not arrive as the hub has it (its sha256 differs): try again.")


def _lacking(name: str, file: str) -> str:
    if file == WEIGHTS:
        return (
            f"{name} has no {WEIGHTS} on the hub, and weights of another form could run code and are never opened: "
            "take a model that has safetensors."
        )
    return f"{name} is on the hub, but is no checkpoint of transformers: it has no {file}."


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _first_line(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0].rstrip(".")
