import pytest

from lmc_core.events import StepsDone
from lmc_core.jobs.view import NOTHING, Seen, seconds_left
from lmc_core.progress import Progress
from tests.made_up_runs import made_up_spec, started

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
