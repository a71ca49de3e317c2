"""A table is complete when it has every moment that a run of its spec tells of."""

import pytest

from lmc_core.experiment import AnySpec
from lmc_core.runs.events import CurveMeasured, EpochDone, Event, LevelMeasured, NetworksEpoch, StepsRecorded
from lmc_core.runs.kinds import kind_of
from tests.made_up_pruning import made_up_pruning, pruning_events
from tests.made_up_runs import events_of, made_up_spec

TOLD = EpochDone | CurveMeasured | NetworksEpoch | StepsRecorded | LevelMeasured
TWINS, PRUNE = made_up_spec(epochs=4, repeats=2), made_up_pruning(epochs=2)


def gap(spec: AnySpec, events: list[Event]) -> str | None:
    return kind_of(spec).gap(spec, kind_of(spec).progress.of(events))


def test_what_an_undisturbed_run_tells_is_complete() -> None:
    assert gap(TWINS, list(events_of(TWINS))) is None
    assert gap(PRUNE, list(pruning_events(PRUNE))) is None


@pytest.mark.parametrize(
    ("spec", "events"), [(TWINS, list(events_of(TWINS))), (PRUNE, list(pruning_events(PRUNE)))], ids=["twins", "prune"]
)
def test_without_any_one_of_its_rows_a_run_is_incomplete(spec: AnySpec, events: list[Event]) -> None:
    rows = [place for place, event in enumerate(events) if isinstance(event, TOLD)]
    for place in rows:
        assert gap(spec, events[:place] + events[place + 1 :]) is not None, events[place]


def test_the_gap_is_counted() -> None:
    events = [event for event in events_of(TWINS) if not (isinstance(event, EpochDone) and event.epoch < 3)]
    assert gap(TWINS, events) == "2 of 4 epochs"


@pytest.mark.parametrize(("every", "moments"), [(0, {4}), (1, {0, 1, 2, 3, 4}), (3, {0, 3, 4})])
def test_curves_are_expected_when_the_spec_measures_them(every: int, moments: set[int]) -> None:
    spec = TWINS.model_copy(update={"measurement": TWINS.measurement.model_copy(update={"every": every})})
    events = [event for event in events_of(TWINS) if not isinstance(event, CurveMeasured) or event.epoch in moments]
    assert gap(spec, events) is None
    assert gap(spec, [event for event in events if not isinstance(event, CurveMeasured) or event.epoch < 4]) == (
        f"{len(moments) - 1} of {len(moments)} curves"
    )
