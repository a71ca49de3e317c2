"""The journal's SQLite file: its tables, and two connections that threads of a process share: who reads does not wait for who writes."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lmc_core.disk import telling
from lmc_core.errors import CACHE, LMCError, place

BUSY_SECONDS = 10.0
"""How long a write waits for another process's."""

TABLES = """
CREATE TABLE IF NOT EXISTS jobs (
    run_id TEXT PRIMARY KEY,
    spec TEXT NOT NULL,
    state TEXT NOT NULL,                      -- queued, running, done, failed, cancelled
    submitted REAL NOT NULL,
    started REAL,
    finished REAL,
    interrupted INTEGER NOT NULL DEFAULT 0,   -- had a worker and lost it: goes on first
    stopping INTEGER NOT NULL DEFAULT 0,
    owner TEXT,                               -- the engine that runs it
    attempt INTEGER NOT NULL DEFAULT 0,       -- how often a worker began
    deaths INTEGER NOT NULL DEFAULT 0,        -- how often its worker ended by itself
    vanished INTEGER NOT NULL DEFAULT 0,      -- how often in a row it ended otherwise, while the run got no further
    reached INTEGER NOT NULL DEFAULT 0,       -- the furthest step that was told of when that was last counted
    error TEXT,
    generation INTEGER NOT NULL DEFAULT 0,    -- counts how often the events began anew
    change INTEGER NOT NULL DEFAULT 0,        -- counts the changes of this row
    sweep TEXT,                               -- what was asked for together counts as one
    crew TEXT,                                -- runs at work with the same text are one program in one worker
    alone INTEGER NOT NULL DEFAULT 0,         -- something went wrong in a crew of this run: it is trained alone from then on
    address TEXT,                             -- of the visitor who had it queued; NULL: of no visitor
    told REAL,                                -- seconds that it was estimated to take
    paused REAL,                              -- when it gave way to shorter runs; NULL: it does not
    returns REAL,                             -- when it goes first again, if it gave way
    seconds_left REAL,                        -- to its end, as it was estimated when it gave way
    owed REAL NOT NULL DEFAULT 0              -- seconds that it is at work before it gives way again
);
CREATE TABLE IF NOT EXISTS watchers (
    run_id TEXT NOT NULL,
    visitor TEXT NOT NULL,
    role TEXT NOT NULL,                       -- asked, looking, left
    since REAL NOT NULL,
    seen REAL NOT NULL,
    PRIMARY KEY (run_id, visitor)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    run_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at REAL NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (run_id, seq)
);
CREATE TABLE IF NOT EXISTS notices (run_id TEXT NOT NULL, at REAL NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS owners (
    owner TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    born TEXT NOT NULL,                       -- tells a process from a later one with the same pid
    serves INTEGER NOT NULL,                  -- takes anybody's runs
    heartbeat REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS turns (visitor TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS timings (
    at REAL NOT NULL,
    kind TEXT NOT NULL,                       -- what runs are alike in speed
    foretold REAL NOT NULL,                   -- seconds by the uncalibrated estimate
    took REAL NOT NULL                        -- seconds that it was
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state);
CREATE INDEX IF NOT EXISTS notices_by_run ON notices (run_id);
CREATE INDEX IF NOT EXISTS timings_by_kind ON timings (kind, at);
"""

LATER_COLUMNS = {
    "sweep": "TEXT",
    "crew": "TEXT",
    "alone": "INTEGER NOT NULL DEFAULT 0",
    "address": "TEXT",
    "vanished": "INTEGER NOT NULL DEFAULT 0",
    "reached": "INTEGER NOT NULL DEFAULT 0",
    "told": "REAL",
    "paused": "REAL",
    "returns": "REAL",
    "seconds_left": "REAL",
    "owed": "REAL NOT NULL DEFAULT 0",
}
"""What a journal of an earlier version of the program lacks in its table of jobs."""

Value = str | int | float | None


class Database:
    """One connection that writes and one that reads, for all threads; a fault of SQLite or the disk becomes an LMCError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._reading = threading.Lock()
        self._writer: int | None = None
        self._closed = False
        with telling(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._telling():
            self._connection = _connected(path)
        try:
            with self._telling():
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.executescript(TABLES)
            self._add_columns()
            with self._telling():
                self._reader = _connected(path)
        except LMCError:
            self._connection.close()
            raise

    def _add_columns(self) -> None:
        with self.transaction():
            there = {row["name"] for row in self.rows("PRAGMA table_info(jobs)")}
            for name, kind in LATER_COLUMNS.items():
                if name not in there:
                    self.change(f"ALTER TABLE jobs ADD COLUMN {name} {kind}")

    def close(self) -> None:
        """Close the connection; further calls raise LMCError."""
        with self._lock:
            self._closed = True
            with self._reading:
                self._reader.close()
            self._connection.close()

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[sqlite3.Row]:
        """The rows that a statement gives; inside a transaction also what it has changed so far."""
        if self._writer == threading.get_ident():
            with self._telling():
                return self._connection.execute(statement, values).fetchall()
        with self._reading, self._telling():
            return self._reader.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[Value] = ()) -> sqlite3.Row | None:
        """The first row that a statement gives."""
        rows = self.rows(statement, values)
        return rows[0] if rows else None

    def change(self, statement: str, values: Sequence[Value] = ()) -> int:
        """Execute a statement; the number of rows that it changed."""
        with self._lock, self._telling():
            return self._connection.execute(statement, values).rowcount

    def change_many(self, statement: str, values: Iterable[Sequence[Value]]) -> None:
        """Execute a statement once for each sequence of values."""
        with self._lock, self._telling():
            self._connection.executemany(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens at once or not at all, alone among threads and processes; an inner one joins the outer."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            with self._telling():
                self._connection.execute("BEGIN IMMEDIATE")
            self._writer = threading.get_ident()
            try:
                yield
                with self._telling():
                    self._connection.execute("COMMIT")
            except BaseException:  # whatever went wrong, half a change must not stay
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._writer = None

    @contextmanager
    def _telling(self) -> Iterator[None]:
        if self._closed:
            raise LMCError("The engine is closed; start the program again.")
        try:
            yield
        except sqlite3.ProgrammingError:  # a defect of this program, not of the disk
            raise
        except sqlite3.Error as fault:
            reason, journal = str(fault), place(self._path, "The server's journal")
            if "full" in reason:
                cache = place(self._path.parent, CACHE)
                advice = f"The disk that holds {cache} is full; free space there, or set LMC_CACHE_DIR to a folder elsewhere."
            elif "not a database" in reason or "malformed" in reason:
                advice = f"{journal} is damaged ({reason}); move it away and start again: finished runs are kept."
            else:
                advice = f"{journal} cannot be used ({reason}); set LMC_CACHE_DIR to a folder that can be written."
            raise LMCError(advice) from fault


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection
