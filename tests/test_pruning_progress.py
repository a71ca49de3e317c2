import math

import pandas as pd
import pytest

from lmc_core.plan import LevelKind
from lmc_core.runs.events import StepsDone
from lmc_core.runs.pruning_progress import CURVES, HISTORY, LEVELS, STEPS, PruningProgress
from tests.made_up_pruning import PRUNABLE, made_up_pruning, phase_epoch, pruning_events, pruning_progress_of, pruning_started

SPEC = made_up_pruning(epochs=2, repeats=2, rewind=(0, 1))
TABLES = ("history", "steps", "curves", "levels_table")


def table_of(progress: PruningProgress, name: str) -> pd.DataFrame:
    return progress.levels_table(SPEC.dataset) if name == "levels_table" else getattr(progress, name)


def same(one: PruningProgress, other: PruningProgress) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(table_of(one, name), table_of(other, name))
    assert (one.levels, one.result, one.phase, one.phase_text) == (other.levels, other.result, other.phase, other.phase_text)


def test_the_tables_have_a_row_for_each_network_step_point_and_level() -> None:
    progress = pruning_progress_of(SPEC)
    assert {name: list(table_of(progress, name).columns) for name in TABLES} == {
        "history": list(HISTORY),
        "steps": list(STEPS),
        "curves": list(CURVES),
        "levels_table": list(LEVELS),
    }
    dense, tickets = 2 * 2 * 2, 4 * 2 * 2 * 2
    assert len(progress.history) == dense + tickets
    assert len(progress.steps) == 2 * SPEC.total_steps
    assert len(progress.levels) == len(table_of(progress, "levels_table")) == 1 + 2 + 4
    assert len(progress.curves) == (1 + 4) * 2 * 2 * 3
    assert list(progress.curves["alpha"].unique()) == progress.result.alphas  # type: ignore[union-attr]
    ticket = table_of(progress, "levels_table").iloc[-1]
    assert (ticket.kind, ticket.density, ticket.rewind, ticket.nonzero) == ("ticket", 0.2, SPEC.rewind_steps[1], round(0.2 * PRUNABLE))


@pytest.mark.parametrize("looked_at", [("dense", 1.0, 0), ("ticket", 0.5, 0), ("pruned", 0.5, None), ("ticket", 0.3, 0)])
def test_the_steps_of_one_network_are_those_of_the_whole_table(looked_at: tuple[LevelKind, float, int | None]) -> None:
    alone = pruning_progress_of(SPEC).steps_of(*looked_at)
    whole = pruning_progress_of(SPEC)
    assert len(whole.steps)
    pd.testing.assert_frame_equal(alone.reset_index(drop=True), whole.steps_of(*looked_at).reset_index(drop=True))
    assert len(alone) == (SPEC.total_steps if looked_at in (("dense", 1.0, 0), ("ticket", 0.5, 0)) else 0)


def test_what_was_not_rewound_or_not_measured_is_nan_and_empty_tables_have_the_same_columns() -> None:
    table = table_of(pruning_progress_of(SPEC), "levels_table").set_index("kind")
    assert table.loc["pruned", ["rewind", "test_barrier"]].isna().all(axis=None)
    assert table.loc["pruned", "connected"].isna().all()  # type: ignore[union-attr]
    assert math.isnan(pruning_progress_of(SPEC).steps["loss"][1])
    for name in TABLES:
        assert table_of(PruningProgress(), name).dtypes.equals(table_of(pruning_progress_of(SPEC), name).dtypes)


def test_folding_some_events_after_others_gives_what_folding_all_at_once_gives() -> None:
    events = list(pruning_events(SPEC))
    for cut in range(len(events) + 1):
        progress = PruningProgress.of(events[:cut])
        assert progress.steps is progress.steps
        same(progress.after(events[cut:]), pruning_progress_of(SPEC))


def test_progress_does_not_change_when_more_is_told() -> None:
    early = PruningProgress.of(list(pruning_events(SPEC))[:6])
    rows = {name: len(table_of(early, name)) for name in TABLES}
    later = early.after(list(pruning_events(SPEC))[6:])
    assert {name: len(table_of(early, name)) for name in TABLES} == rows
    assert all(len(table_of(later, name)) > rows[name] for name in TABLES)


@pytest.mark.parametrize("checkpoint", range(5))
def test_a_run_that_goes_on_from_a_checkpoint_ends_with_the_tables_of_an_uninterrupted_one(checkpoint: int) -> None:
    told = [pruning_started(SPEC), *(event for epoch in range(1, 5) for event in phase_epoch(SPEC, epoch))]
    going_on = [pruning_started(SPEC, checkpoint), *(event for epoch in range(checkpoint + 1, 5) for event in phase_epoch(SPEC, epoch))]
    same(PruningProgress.of([*told, *going_on, list(pruning_events(SPEC))[-1]]), pruning_progress_of(SPEC))
    again = PruningProgress.of([*told, going_on[0]])
    assert (again.step, again.first_step) == (checkpoint * SPEC.steps_per_epoch,) * 2
    assert again.history["step"].max() <= again.step or again.history.empty


def test_a_run_that_goes_on_inside_an_epoch_has_each_step_of_a_network_once() -> None:
    events = list(phase_epoch(SPEC, 1))
    first = next(event for event in events if event.event == "recorded")
    names = ("loss", "scheduled", "kept", "masked")
    half = first.model_copy(update={"first": 6, **{name: getattr(first, name)[6:] for name in names}})
    whole = PruningProgress.of([pruning_started(SPEC), *events]).steps
    again = PruningProgress.of([pruning_started(SPEC), first, half])
    pd.testing.assert_frame_equal(again.steps, whole)


def test_phases_and_the_steps_inside_an_epoch_say_where_the_run_stands() -> None:
    progress = PruningProgress.of([pruning_started(SPEC), *phase_epoch(SPEC, 1), StepsDone(step=36, train_seconds=0.5)])
    assert (progress.phase, progress.phases, progress.phase_text, progress.epoch) == (0, 2, "part 1", 1)
    assert (progress.fraction, progress.train_seconds) == (36 / (2 * SPEC.total_steps), 0.5)
    assert progress.after(phase_epoch(SPEC, 3)).stage == "part 2 of 2, epoch 1"


def test_a_finished_run_read_back_stands_where_the_live_one_ended() -> None:
    live = pruning_progress_of(SPEC)
    assert live.result is not None
    read = PruningProgress.finished(live.result, live.history, live.steps, live.curves)
    same_facts = ("step", "total_steps", "epoch", "phase", "phases", "parameters", "engine", "result", "fraction", "levels")
    assert {name: getattr(read, name) for name in same_facts} == {name: getattr(live, name) for name in same_facts}
    pd.testing.assert_frame_equal(table_of(read, "levels_table"), table_of(live, "levels_table"))
