"""A checkpoint's way into the models' folder: whole ones arrive there, anything else leaves no trace."""

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lmc_core.checkpoints.checkpoint import described, read_checkpoint
from lmc_core.checkpoints.files import MOST_JSON_BYTES, read_json, too_large
from lmc_core.checkpoints.layout import CONFIG, INDEX, NESTED, PROCESSOR, WEIGHTS
from lmc_core.checkpoints.tensors import indexed
from lmc_core.errors import MODELS_FOLDER, LMCError, place
from lmc_core.settings import Fetching

if TYPE_CHECKING:
    import httpx2
    from huggingface_hub import HfFileMetadata

SILENT_SECONDS = 10.0
"""A hub that does not answer for so long counts as gone."""
SHA256_DIGITS = 64
"""The hub's tag of a large file is its sha256, that of a small one something shorter."""
MOST_REDIRECTS = 5
OK = 200
MB = 10**6


class _UnreachableError(Exception):
    """The hub does not answer; the text says how."""


class _LackingError(Exception):
    """The hub has no such file."""


def bring(name: str, models: Path, bounds: Fetching) -> Path:
    """Bring a model's configuration, image processor and weights into `models/name`, and return that folder.

    The address is HF_ENDPOINT's or the hub's own, the token the one that `hf auth login` keeps. Nothing is downloaded that could
    hold code. Where the hub is out of reach, what its own library has downloaded before is taken.

    Args:
        name: of the model on the hub.
        models: the folder that keeps models.
        bounds: on bytes and seconds.

    Raises:
        LMCError: no network, no such model, a gated one, one that is none of this program's or passes a bound; the folder cannot be
            written.
    """
    target = models / name
    try:
        with _arrival(name, models) as arriving:
            if target.is_dir():  # another process has just brought it
                return target
            try:
                _download(_Files(name, arriving, bounds, _bytes_in(models)))
            except _UnreachableError as fault:
                if not _from_cache(name, arriving):
                    raise LMCError(_out_of_reach(name, models, str(fault))) from None
            read_checkpoint(name, arriving)
            target.parent.mkdir(parents=True, exist_ok=True)
            arriving.rename(target)
    except OSError as fault:
        raise LMCError(
            f"{name} cannot be put into {place(models, MODELS_FOLDER)} ({fault.strerror or fault}): free some space there, "
            "change its rights, or choose another folder with LMC_DATA_DIR."
        ) from None
    return target


def arrived_bytes(name: str, models: Path) -> int:
    """Bytes of a model that have arrived so far."""
    return sum(_bytes_in(folder) for folder in _arrivals(name, models))


def remove_arrivals(name: str, models: Path) -> None:
    """Remove what ended processes have left of a model, unless one is bringing it now."""
    with suppress(OSError), (models / _lock(name)).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove_arrivals(name, models)


@contextmanager
def _arrival(name: str, models: Path) -> Iterator[Path]:
    """A folder of this process's own beside the models, gone at the end; of each model one process at a time is let in."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / _lock(name)).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove_arrivals(name, models)
        with tempfile.TemporaryDirectory(dir=models, prefix=_beside(name), suffix=".arriving") as temporary:
            arriving = Path(temporary) / "model"
            arriving.mkdir()
            yield arriving


def _arrivals(name: str, models: Path) -> Iterator[Path]:
    return models.glob(f"{_beside(name)}*.arriving")


def _remove_arrivals(name: str, models: Path) -> None:
    for folder in _arrivals(name, models):
        shutil.rmtree(folder, ignore_errors=True)


def _beside(name: str) -> str:
    """How files and folders beside the models begin that belong to one; no name of a model holds an equals sign."""
    return f".{name.replace('/', '--')}="


def _lock(name: str) -> str:
    return f"{_beside(name)}.lock"


@dataclass
class _Files:
    """The files of one model on their way.

    Attributes:
        name: of the model.
        folder: where they arrive.
        bounds: on their bytes and the time.
        before: bytes of all models that were there before.
        done: bytes that have arrived.
        start: on the clock of `time.monotonic`.
    """

    name: str
    folder: Path
    bounds: Fetching
    before: int
    done: int = 0
    start: float = field(default_factory=time.monotonic)

    def check(self, coming: int) -> None:
        """Return if so many more bytes are within the bounds.

        Raises:
            LMCError: they are not, or the time is over.
        """
        whole, bounds = self.done + coming, self.bounds
        if bounds.largest is not None and whole > bounds.largest:
            raise LMCError(
                f"{self.name} has more than the {bounds.largest // MB:,} MB that one model may have here (LMC_HUB_MAX_MB): take a smaller "
                "one."
            )
        if bounds.in_all is not None and self.before + whole > bounds.in_all:
            raise LMCError(
                f"With {self.name} the models would take more than {bounds.in_all // MB:,} MB here (LMC_HUB_TOTAL_MB): take one that is "
                "there."
            )
        if bounds.seconds is not None and time.monotonic() - self.start > bounds.seconds:
            raise LMCError(took_too_long(self.name, bounds.seconds))

    def bring(self, file: str) -> None:
        """Download one file.

        Raises:
            LMCError: the hub does not send it as it should, or a bound is passed.
            _LackingError: the hub has none.
            _UnreachableError: the hub does not answer.
        """
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        endpoint = os.environ.get("HF_ENDPOINT") or None
        url = hf_hub_url(self.name, file, endpoint=endpoint)
        with _told(self.name, file):
            facts = get_hf_file_metadata(url, timeout=SILENT_SECONDS, endpoint=endpoint)
            if file.endswith(".json") and (facts.size or 0) > MOST_JSON_BYTES:
                raise LMCError(too_large(self.name, file))
            self.check(facts.size or 0)
            self._save(file, url, facts)

    def _save(self, file: str, url: str, facts: "HfFileMetadata") -> None:
        digest, size = hashlib.sha256(), 0
        with _answer(self.name, file, url) as answer, (self.folder / file).open("wb") as saved:
            for chunk in answer.iter_raw():
                size += len(chunk)
                if file.endswith(".json") and size > MOST_JSON_BYTES:
                    raise LMCError(too_large(self.name, file))
                self.check(size)
                saved.write(chunk)
                digest.update(chunk)
        self.done += size
        tagged = len(facts.etag or "") == SHA256_DIGITS
        if (facts.size is not None and size != facts.size) or (tagged and digest.hexdigest() != facts.etag):
            raise LMCError(f"The {file} of {self.name} did not arrive as the hub has it (its sha256 differs): try again.")


@contextmanager
def _answer(name: str, file: str, url: str) -> "Iterator[httpx2.Response]":
    """What the hub, or where it points to, sends for an address; of an answer that is no file nothing is read."""
    from huggingface_hub import get_session
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined] # documented, though not listed there

    session = get_session()
    headers = build_hf_headers() | {"Accept-Encoding": "identity"}
    request = session.build_request("GET", url, headers=headers, timeout=SILENT_SECONDS)
    for _ in range(MOST_REDIRECTS):
        answer = session.send(request, stream=True, follow_redirects=False)
        try:
            if answer.next_request is None:
                if answer.status_code != OK:
                    raise LMCError(_not_sent(name, file, str(answer.status_code)))
                yield answer
                return
            request = answer.next_request
        finally:
            answer.close()
    raise LMCError(_not_sent(name, file, "it points on and on"))


@contextmanager
def _told(name: str, file: str) -> Iterator[None]:
    """Tell what the hub answers from a hub that is out of reach."""
    import httpx2
    from huggingface_hub.errors import EntryNotFoundError, GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    try:
        yield
    except GatedRepoError:
        raise LMCError(
            f"{name} is gated on the hub: ask for access on its page and run `hf auth login`, or take a model that is open to all."
        ) from None
    except RepositoryNotFoundError:
        raise LMCError(f"There is no folder {name} and no open model of that name on the hub: check the spelling.") from None
    except EntryNotFoundError:
        raise _LackingError(file) from None
    except HfHubHTTPError as fault:
        raise LMCError(_not_sent(name, file, _first_line(fault))) from None
    except (httpx2.HTTPError, ConnectionError, TimeoutError) as fault:
        raise _UnreachableError(_first_line(fault)) from None


def _download(files: _Files) -> None:
    """Download all that belongs to a checkpoint, its weights once it is known that they can be used."""
    try:
        files.bring(CONFIG)
    except _LackingError:
        raise LMCError(f"{files.name} is on the hub, but is no checkpoint of transformers: it has no {CONFIG}.") from None
    _if_there(files, PROCESSOR)
    _if_there(files, NESTED)
    described(files.name, files.folder)
    if _if_there(files, WEIGHTS):
        return
    if not _if_there(files, INDEX):
        raise LMCError(
            f"{files.name} has no {WEIGHTS} on the hub, and weights of another form could run code and are never opened: "
            "take a model that has safetensors."
        )
    for file in indexed(files.name, read_json(files.name, files.folder / INDEX) or {}):
        if not _if_there(files, file):
            raise LMCError(f"{files.name} is incomplete on the hub: its {INDEX} names {file}, which is not there; take another model.")


def _if_there(files: _Files, file: str) -> bool:
    try:
        files.bring(file)
    except _LackingError:
        return False
    return True


def _from_cache(name: str, folder: Path) -> bool:
    """Copy a model from the cache of the hub's own library; whether it is there."""
    from huggingface_hub import try_to_load_from_cache

    def copied(file: str) -> bool:
        found = try_to_load_from_cache(name, file)
        if not isinstance(found, str):
            return False
        shutil.copyfile(found, folder / file)
        return True

    copied(PROCESSOR)
    copied(NESTED)
    if not copied(CONFIG):
        return False
    return copied(WEIGHTS) or (copied(INDEX) and all(copied(file) for file in indexed(name, read_json(name, folder / INDEX) or {})))


def took_too_long(name: str, seconds: float) -> str:
    """The sentence for a model that did not arrive in time."""
    return (
        f"{name} did not arrive from the hub within {seconds:,.0f} seconds (LMC_HUB_SECONDS): try again later, or put it into the models' "
        "folder by hand."
    )


def _not_sent(name: str, file: str, fault: str) -> str:
    return f"The hub did not send {file} of {name} ({fault}): try again later."


def _out_of_reach(name: str, models: Path, fault: str) -> str:
    return (
        f"{name} is not in {place(models, MODELS_FOLDER)} and the hub is out of reach ({fault}): connect to the network, or put its "
        f"{CONFIG}, {PROCESSOR} and {WEIGHTS} into {place(models / name, MODELS_FOLDER)} by hand."
    )


def _bytes_in(folder: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile has none."""
    sizes: list[int] = []
    for inside, _, files in os.walk(folder):
        for file in files:
            try:
                sizes.append((Path(inside) / file).stat().st_size)
            except OSError:
                continue
    return sum(sizes)


def _first_line(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0].rstrip(".")
