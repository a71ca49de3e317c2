from pathlib import Path

import pytest

from lmc_core.jobs.journal import Journal
from lmc_core.jobs.outlook import Outlook, ends_of


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
    journal.claim_crew("engine", lambda specs: specs)
    journal.submit("behind", "third", "me", 5)
    places = Outlook(journal, lambda job: seconds[job.run_id], lambda: 1).places()
    assert {run_id: place.seconds_left for run_id, place in places.items()} == {"a": 10.0, "b": 30.0, "behind": 35.0}
    journal.close()
