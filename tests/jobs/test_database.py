"""The journal's file, read by some threads while others write."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core.errors import LMCError
from lmc_core.jobs.database import Database

INSERT = "INSERT INTO turns VALUES (?1, ?2)"
VISITORS = "SELECT visitor FROM turns"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "journal.sqlite")
    yield database
    database.close()


def test_who_reads_does_not_wait_for_who_writes_and_sees_no_half_of_a_change(database: Database) -> None:
    seen: list[list[str]] = []
    reader = threading.Thread(target=lambda: seen.append([row["visitor"] for row in database.rows(VISITORS)]))
    with database.transaction():
        database.change(INSERT, ("one", 1.0))
        assert [row["visitor"] for row in database.rows(VISITORS)] == ["one"]
        reader.start()
        reader.join(5)
        assert seen == [[]]
    assert [row["visitor"] for row in database.rows(VISITORS)] == ["one"]


def test_a_change_that_failed_half_way_is_not_seen(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction():
        database.change(INSERT, ("one", 1.0))
        raise KeyError
    assert database.rows(VISITORS) == []


def test_a_closed_one_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path / "journal.sqlite")
    database.close()
    with pytest.raises(LMCError, match="closed"):
        database.rows(VISITORS)
    with pytest.raises(LMCError, match="closed"):
        database.change(INSERT, ("one", 1.0))
