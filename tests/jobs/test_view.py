from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lmc_core.experiment import AnySpec
from lmc_core.jobs.journal import Journal
from lmc_core.jobs.view import NOTHING, Seen, View, seconds_left
from lmc_core.runs.events import Event, StepsDone
from lmc_core.runs.kinds import AnyProgress, kind_of
from lmc_core.runs.progress import Progress
from tests.made_up_pruning import made_up_pruning, pruning_events
from tests.made_up_runs import events_of, made_up_spec, started

SPEC = made_up_spec(epochs=10)


def seen(step: int, began: float, heard: float, first_epoch: int = 0) -> Seen:
    progress = Progress.of([started(SPEC, first_epoch), StepsDone(step=step, train_seconds=0.0)])
    return Seen(None, progress, 2, 0, (), (began, progress.first_step), (heard, step))


def test_before_anything_is_told_the_estimate_is_all_there_is() -> None:
    assert seconds_left(NOTHING, 40.0, now=5.0) == 40.0


def test_a_run_under_way_is_judged_by_its_own_speed() -> None:
    assert seconds_left(seen(30, began=100.0, heard=106.0), estimate=1.0, now=106.0) == pytest.approx(0.2 * (SPEC.total_steps - 30))
    assert seconds_left(seen(30, began=100.0, heard=106.0), estimate=1.0, now=107.0) == pytest.approx(0.2 * (SPEC.total_steps - 30) - 1)


def test_steps_before_the_checkpoint_do_not_count_for_its_speed() -> None:
    there = seen(5 * 12 + 30, began=100.0, heard=106.0, first_epoch=5)
    assert seconds_left(there, estimate=1.0, now=106.0) == pytest.approx(0.2 * (SPEC.total_steps - 90))


def test_a_run_that_has_just_gone_on_is_judged_by_what_is_left_of_the_estimate() -> None:
    assert seconds_left(seen(60, began=100.0, heard=100.1, first_epoch=5), estimate=40.0, now=101.0) == pytest.approx(19.0)


def test_steps_that_train_more_networks_count_for_more() -> None:
    there = seen(30, began=100.0, heard=106.0)
    doubled = seconds_left(there, 1.0, 106.0, effort=lambda step: step + max(0, step - 30))
    assert doubled == pytest.approx(2 * 0.2 * (SPEC.total_steps - 30))


def test_the_time_left_is_never_negative() -> None:
    assert seconds_left(seen(30, began=100.0, heard=106.0), estimate=1.0, now=1e6) == 0.0


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def told(journal: Journal, spec: AnySpec, count: int, *, ends: bool = False) -> None:
    """A run is asked for, trained and tells its first so many events."""
    journal.submit(spec.run_id, spec.model_dump_json(), "me", 5)
    claim = journal.claim("engine")
    assert claim is not None
    events = [event.model_dump_json() for event in EVENTS[spec.kind](spec)][:count]
    journal.log("engine", spec.run_id, claim.attempt, list(enumerate(events, start=1)))
    if ends:
        journal.finish("engine", spec.run_id, claim.attempt, "done")


EVENTS: dict[str, Callable[[Any], Iterator[Event]]] = {"twins": events_of, "prune": pruning_events}


def fold(spec: AnySpec, count: int) -> AnyProgress:
    return kind_of(spec).progress.of(list(EVENTS[spec.kind](spec))[:count])


def look(view: View) -> Seen:
    view.stale()
    return view.seen()


@pytest.mark.parametrize("spec", [made_up_spec(), made_up_pruning()], ids=["twins", "prune"])
def test_a_run_that_is_trained_again_is_seen_from_its_first_event_on_as_one_of_its_own_kind(journal: Journal, spec: AnySpec) -> None:
    view = View(journal, spec.run_id)
    total = len(list(EVENTS[spec.kind](spec)))
    told(journal, spec, total, ends=True)
    assert look(view).progress.history.empty
    journal.forget(spec.run_id)
    told(journal, spec, total)
    assert look(view).progress.history.equals(fold(spec, total).history)
    assert type(look(view).progress) is kind_of(spec).progress


def test_a_run_that_was_deleted_and_asked_for_anew_is_not_taken_for_the_one_before(journal: Journal) -> None:
    spec = made_up_spec(epochs=9)
    view = View(journal, spec.run_id)
    told(journal, spec, 12)
    assert look(view).last == 12
    journal.interrupted("engine", spec.run_id, 1)
    journal.leave(spec.run_id, "me")
    journal.forget(spec.run_id)
    told(journal, spec, 5)
    assert look(view).last == 5
    assert look(view).progress.history.equals(fold(spec, 5).history)
