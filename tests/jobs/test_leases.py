import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core.jobs.journal import Journal
from lmc_core.jobs.leases import Lease, born

RUN = "a" * 20


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.submit(RUN, "{}", "me", 9)
    yield journal
    journal.close()


def lease(journal: Journal, owner: str, seconds: float = 60.0, *, serves: bool = True) -> Lease:
    return Lease(journal.database, owner, seconds, serves=serves)


def state(journal: Journal) -> str:
    job = journal.job(RUN)
    assert job is not None
    return job.state


def test_the_runs_of_a_living_engine_are_left_to_it(journal: Journal) -> None:
    lease(journal, "first").beat()
    journal.claim("first")
    assert lease(journal, "second").free_orphans() == 0
    assert state(journal) == "running"


def test_the_runs_of_an_engine_that_gave_no_sign_for_long_go_back_to_the_queue(journal: Journal) -> None:
    lease(journal, "first").beat()
    journal.claim("first")
    assert lease(journal, "second", seconds=-1.0).free_orphans() == 1
    assert state(journal) == "queued"


def test_the_runs_of_an_engine_whose_process_is_gone_go_back_at_once(journal: Journal) -> None:
    lease(journal, "first").beat()
    journal.claim("first")
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
        journal.database.change("UPDATE owners SET pid = ?", (gone.pid,))
        assert lease(journal, "second").free_orphans() == 1
    assert state(journal) == "queued"


def test_another_process_with_the_same_number_is_not_taken_for_the_engine(journal: Journal) -> None:
    lease(journal, "first").beat()
    journal.claim("first")
    journal.database.change("UPDATE owners SET born = 'long ago'")
    assert lease(journal, "second").free_orphans() == 1


def test_an_engine_on_another_machine_is_judged_by_its_signs_alone(journal: Journal) -> None:
    lease(journal, "first").beat()
    journal.claim("first")
    journal.database.change("UPDATE owners SET host = 'elsewhere', pid = 1, born = 'x'")
    assert lease(journal, "second").free_orphans() == 0


def test_what_a_dead_engine_was_stopping_is_cancelled_unless_somebody_asked_again(journal: Journal) -> None:
    journal.claim("first")
    journal.leave(RUN, "me")
    assert lease(journal, "second").free_orphans() == 1
    assert state(journal) == "cancelled"
    journal.submit(RUN, "{}", "me", 9)
    journal.claim("first")
    journal.leave(RUN, "me")
    journal.submit(RUN, "{}", "you", 9)
    lease(journal, "second").free_orphans()
    assert state(journal) == "queued"


def test_a_command_line_knows_whether_a_server_would_take_its_run(journal: Journal) -> None:
    mine = lease(journal, "mine", serves=False)
    mine.beat()
    assert not mine.others_serve()
    lease(journal, "another command line", serves=False).beat()
    assert not mine.others_serve()
    server = lease(journal, "server")
    server.beat()
    assert mine.others_serve()
    server.end()
    assert not mine.others_serve()


def test_a_process_is_known_by_when_it_began() -> None:
    assert born(os.getpid()) == born(os.getpid()) != ""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
        assert born(gone.pid) == ""
