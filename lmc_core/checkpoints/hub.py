"""Checkpoints from the Hugging Face hub: fetched at once for the one whose machine it is, beside the page for its visitors."""

import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

from lmc_core.checkpoints.download import arrived_bytes, bring, remove_arrivals, took_too_long
from lmc_core.errors import LMCError
from lmc_core.settings import Fetching

FETCHER = "lmc_core.checkpoints.fetcher"
AT_ONCE = 4
"""Models that are fetched beside the page at the same time."""
MB = 10**6
GRACE_SECONDS = 30.0
"""For a fetcher to start; it ends itself when its time is over."""

_going: dict[tuple[Path, str], Future[str]] = {}
_lock = threading.Lock()


def fetch(name: str, models: Path, bounds: Fetching) -> Path:
    """Bring a model of the hub into `models/name`, and return that folder.

    Where `bounds` has a patience, a process of its own does it, which ends when its time is over, whatever the hub sends; it goes
    on when the patience is at its end.

    Args:
        name: of the model on the hub.
        models: the folder that keeps models.
        bounds: what may be fetched.

    Raises:
        LMCError: as `bring`; the name may not be fetched; the model is on its way.
    """
    if reason := bounds.refusal(name):
        raise LMCError(reason)
    if bounds.patience is None:
        return bring(name, models, bounds)
    going = _begun(name, models, bounds)
    try:
        fault = going.result(bounds.patience)
    except TimeoutError:
        here = arrived_bytes(name, models) / MB
        raise LMCError(f"{name} is being fetched from the hub, {here:,.0f} MB so far: press the button again in a moment.") from None
    with _lock:
        if _going.get((models, name)) is going:
            del _going[models, name]
    if fault:
        raise LMCError(fault)
    return models / name


def _begun(name: str, models: Path, bounds: Fetching) -> Future[str]:
    """The fetching of a model that is under way, or else a new one; its result is a sentence, empty if all went well.

    Raises:
        LMCError: too many others are under way.
    """
    with _lock:
        known = _going.get((models, name))
        if known is not None:
            return known
        for key in [key for key, other in _going.items() if other.done()]:
            del _going[key]  # whoever asked for it did not come back
        if len(_going) >= AT_ONCE:
            raise LMCError(f"{AT_ONCE} other models are being fetched from the hub: try again in a moment.")
        going = _going[models, name] = Future[str]()
    threading.Thread(target=_carry_out, args=(going, name, models, bounds), daemon=True).start()
    return going


def _carry_out(going: Future[str], name: str, models: Path, bounds: Fetching) -> None:
    seconds = bounds.seconds
    numbers = ["" if number is None else str(number) for number in (bounds.largest, bounds.in_all, seconds)]
    try:
        ended = subprocess.run(  # noqa: S603 - no shell, and the name is one that the hub could have
            [sys.executable, "-m", FETCHER, name, str(models), *numbers],
            capture_output=True,
            text=True,
            check=False,
            timeout=None if seconds is None else seconds + GRACE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        fault = took_too_long(name, seconds or 0.0)
    except OSError as trouble:
        fault = f"{name} cannot be fetched ({trouble.strerror or trouble}): try again later."
    else:
        silent = took_too_long(name, seconds) if seconds is not None else f"The fetching of {name} was stopped: try again."
        fault = "" if ended.returncode == 0 else ended.stdout.strip() or silent
    if fault:
        remove_arrivals(name, models)
    going.set_result(fault)
