import pandas as pd
import pytest

from lmc_core.runs.events import Diverged, EpochDone, Notice, StepsDone
from lmc_core.runs.progress import CURVES, HISTORY, MEASUREMENTS, Progress
from tests.made_up_runs import epoch_events, events_of, made_up_spec, progress_of, started

SPEC = made_up_spec(epochs=4, repeats=2)
TABLES = ("history", "curves", "measurements")


def test_the_tables_have_a_row_for_each_member_each_point_and_each_split() -> None:
    progress = progress_of(SPEC)
    assert {name: list(getattr(progress, name).columns) for name in TABLES} == {
        "history": list(HISTORY),
        "curves": list(CURVES),
        "measurements": list(MEASUREMENTS),
    }
    assert len(progress.history) == 4 * 2 * 2
    assert len(progress.curves) == 5 * 2 * 2 * 3
    assert len(progress.measurements) == 5 * 2 * 2
    last = progress.history.iloc[-1]
    assert (last.epoch, last.step, last.pair, last.twin, last.test_error) == (4, SPEC.total_steps, 1, "b", 0.15)


def test_what_is_not_known_is_nan_and_columns_keep_their_types_when_empty() -> None:
    assert progress_of(SPEC).history["test_loss"].isna().all()
    assert Progress().history.dtypes.equals(progress_of(SPEC).history.dtypes)


def test_folding_some_events_after_others_gives_what_folding_all_at_once_gives() -> None:
    events = list(events_of(SPEC))
    for cut in range(len(events) + 1):
        progress = Progress.of(events[:cut])
        assert progress.history is progress.history
        later = progress.after(events[cut:])
        for name in TABLES:
            pd.testing.assert_frame_equal(getattr(later, name), getattr(progress_of(SPEC), name))
        assert later.result == progress_of(SPEC).result


def test_progress_does_not_change_when_more_is_told() -> None:
    early = Progress.of(events_of(made_up_spec(epochs=2)))
    rows = len(early.history)
    later = early.after(epoch_events(SPEC, 3))
    assert len(early.history) == rows < len(later.history)


@pytest.mark.parametrize("checkpoint", [0, 1, 2])
def test_a_run_that_goes_on_from_a_checkpoint_ends_with_the_tables_of_an_uninterrupted_one(checkpoint: int) -> None:
    told = [started(SPEC), *(event for epoch in range(4) for event in epoch_events(SPEC, epoch)), StepsDone(step=40, train_seconds=9.0)]
    going_on = [started(SPEC, checkpoint), *(event for epoch in range(checkpoint, 5) for event in epoch_events(SPEC, epoch))]
    progress = Progress.of([*told, *going_on])
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(progress, name), getattr(progress_of(SPEC), name))
    again = Progress.of([*told, going_on[0]])
    assert (again.epoch, again.step, again.first_step) == (checkpoint, checkpoint * SPEC.steps_per_epoch, checkpoint * SPEC.steps_per_epoch)


def test_steps_inside_an_epoch_move_the_fraction_on() -> None:
    progress = Progress.of([started(SPEC), StepsDone(step=12, train_seconds=0.5)])
    assert (progress.fraction, progress.train_seconds, progress.epoch) == (0.25, 0.5, 0)


def test_a_divergence_is_told_once_and_forgotten_where_the_run_goes_on_from_before_it() -> None:
    fault = Diverged(pair=0, twin="b", step=20)
    progress = Progress.of([started(SPEC), fault, fault])
    assert progress.diverged == (fault,)
    assert progress.after([started(SPEC, 1)]).diverged == ()
    assert progress.after([started(SPEC, 2)]).diverged == (fault,)


def test_notices_are_kept_in_order() -> None:
    assert Progress.of([Notice(text="one"), Notice(text="two")]).notices == ("one", "two")


def test_a_finished_run_read_back_stands_where_the_live_one_ended() -> None:
    live = progress_of(SPEC)
    assert live.result is not None
    read = Progress.finished(live.result, live.history, live.curves, live.measurements)
    for name in ("step", "total_steps", "epoch", "parameters", "engine", "result", "fraction"):
        assert getattr(read, name) == getattr(live, name)
    assert len([event for event in events_of(SPEC) if isinstance(event, EpochDone)]) == read.epoch
