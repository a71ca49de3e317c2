import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lmc_core.jobs.journal import Choose, Job, Journal
from lmc_core.jobs.outlook import LONGEST_WAIT, TOGETHER, Outlook, ends_of


@pytest.mark.parametrize(
    ("busy", "waiting", "workers", "ends"),
    [
        ([], [], 1, []),
        ([], [5.0], 1, [5.0]),
        ([10.0], [5.0, 1.0], 1, [15.0, 16.0]),
        ([10.0], [5.0, 1.0], 2, [5.0, 6.0]),
        ([10.0, 2.0], [5.0, 1.0, 1.0], 2, [7.0, 8.0, 9.0]),
    ],
)
def test_a_waiting_run_ends_when_a_worker_has_become_free_in_turn_and_done_it(
    busy: list[float], waiting: list[float], workers: int, ends: list[float]
) -> None:
    assert ends_of(busy, waiting, workers) == ends


def test_who_waits_behind_a_crew_waits_for_its_longest_run_once_since_it_has_one_worker(tmp_path: Path) -> None:
    journal, seconds = Journal(tmp_path / "journal.sqlite"), {"a": 10.0, "b": 30.0, "behind": 5.0}
    journal.submit_all({"a": "one", "b": "other"}, "me", 5, sweep="s")
    journal.claim_crew("engine", lambda candidates: candidates)
    journal.submit("behind", "third", "me", 5)
    assert told(journal, lambda job: seconds[job.run_id]) == {"a": 10.0, "b": 30.0, "behind": 35.0}


def told(
    journal: Journal, left: Callable[[Job], float], slowness: float | None = None, choose: Choose = lambda candidates: candidates[:1]
) -> dict[str, float]:
    """What runs are told of the seconds to their ends; the journal is closed then."""
    places = Outlook(journal, left, lambda job: slowness, lambda: 1, choose).places()
    journal.close()
    return {run_id: place.seconds_left for run_id, place in places.items()}


def test_what_waits_is_told_what_the_run_at_work_shows_of_this_machine(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    for place in range(10):
        journal.submit(f"run{place}", f"spec {place}", f"visitor {place}", 5)
    journal.claim("engine")
    seconds = told(journal, lambda job: 9.0 if job.state == "running" else 1.0, slowness=9.0)
    assert seconds["run9"] == 9.0 + 9 * 9.0


def test_ten_visitors_whose_runs_train_as_one_are_told_that_they_do(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    for place in range(10):
        journal.submit(f"run{place}", f"spec {place}", f"visitor {place}", 5)
    seconds = told(journal, lambda job: 10.0, choose=lambda candidates: candidates)
    assert set(seconds.values()) == {10.0 + TOGETHER * 90.0}


def test_a_run_that_was_at_work_is_told_its_own_speed_and_not_the_others_slowness_too(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.submit("paused", "one", "me", 5)
    (claim,) = journal.claim_crew("engine", lambda candidates: candidates)
    journal.interrupted("engine", "paused", claim.attempt)
    assert told(journal, lambda job: 10.0, slowness=4.0) == {"paused": 10.0}


def test_while_one_reads_the_queue_the_others_are_told_what_was_read_before(tmp_path: Path) -> None:
    """A thread that waits for its turn to compute must not hold up all who look on."""
    journal, slow, entered = Journal(tmp_path / "journal.sqlite"), threading.Event(), threading.Event()
    journal.submit("first", "spec", "me", 5)
    holding = [False]

    def left(job: Job) -> float:
        if holding[0]:
            entered.set()
            slow.wait(10)
        return 1.0

    outlook = Outlook(journal, left, lambda job: None, lambda: 1, lambda candidates: candidates[:1])
    assert set(outlook.places()) == {"first"}
    journal.submit("second", "spec", "me", 5)
    holding[0] = True
    outlook.stale()
    reader = threading.Thread(target=outlook.places)
    reader.start()
    entered.wait(10)
    start = time.monotonic()
    assert set(outlook.places()) == {"first"}
    assert time.monotonic() - start < LONGEST_WAIT + 1.0
    slow.set()
    reader.join(10)
    holding[0] = False
    assert set(outlook.places()) == {"first", "second"}
    journal.close()
