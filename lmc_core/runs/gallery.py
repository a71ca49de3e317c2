"""The finished runs that ship with the program: a folder of packs, which is only read."""

import logging
import threading
from pathlib import Path

from lmc_core.errors import LMCError
from lmc_core.runs.manifest import DamagedError, ForeignError, Signature, signature
from lmc_core.runs.pack import ENDING, Pack

log = logging.getLogger(__name__)


class Gallery:
    """The packs of a folder, opened anew when the folder changes; any thread may ask.

    A run that several packs have is that of the first of them by name. A pack that is not what was written is left out and logged.

    Args:
        folder: with the packs; there may be none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._seen: Signature | None = None
        self._packs: dict[str, Pack] = {}

    def packs(self) -> tuple[Signature, dict[str, Pack]]:
        """What the folder looks like, and the pack of each run by the run's id."""
        seen = signature(self.folder)
        with self._lock:
            if seen != self._seen:
                self._packs, self._seen = self._open(), seen
            return seen, self._packs

    def _open(self) -> dict[str, Pack]:
        found: dict[str, Pack] = {}
        for path in sorted(self.folder.glob(f"[!.]*{ENDING}")):
            try:
                pack = Pack(path)
            except ForeignError:
                continue
            except (DamagedError, LMCError) as fault:
                log.warning("The results in %s do not ship: %s.", path, str(fault).removesuffix("."))
                continue
            for run_id in pack.run_ids:
                found.setdefault(run_id, pack)
        return found
