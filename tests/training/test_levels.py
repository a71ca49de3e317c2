"""A level's summary is what its pairs say together."""

import statistics

import pytest

from lmc_core.connectivity.barrier import barrier, normalized_barrier
from lmc_core.connectivity.results import CONNECTED_BELOW
from tests.training.pruning_runs import prune, result_of, small_prune_spec

RESULT = result_of(prune(small_prune_spec("magnitude", "mlp", "adam", repeats=3, epochs=6, measurement={"alphas": 7}))[0])
LEVELS = {f"{level.kind} {level.density:g}": level for level in RESULT.levels}


@pytest.mark.parametrize("name", LEVELS)
def test_accuracies_are_means_over_repeats_of_the_means_of_the_twins(name):
    level = LEVELS[name]
    for told, errors in (
        (level.train_accuracy, [pair.train_error for pair in level.pairs]),
        (level.test_accuracy, [pair.test_error for pair in level.pairs]),
    ):
        means = [1 - statistics.fmean(of_pair) for of_pair in errors]
        assert told.mean == pytest.approx(statistics.fmean(means))
        assert told.std == pytest.approx(statistics.stdev(means))
        assert told.n == 3


@pytest.mark.parametrize("name", [name for name in LEVELS if "pruned" not in name])
def test_barriers_are_those_of_the_curves_and_decide_whether_a_level_is_connected(name):
    level = LEVELS[name]
    for split, told, place in (("train", level.train, 0), ("test", level.test, 1)):
        curves = [getattr(pair.curves, split) for pair in level.pairs]
        heights = [barrier(curve.error) for curve in curves]
        assert [pair.barriers[place] for pair in level.pairs] == heights
        assert told.error.mean == pytest.approx(statistics.fmean(heights))
        assert told.error.std == pytest.approx(statistics.stdev(heights))
        assert told.loss.mean == pytest.approx(statistics.fmean(barrier(curve.loss) for curve in curves))
        of_accuracy = [normalized_barrier(height, pair.curves.test.error) for height, pair in zip(heights, level.pairs, strict=True)]
        assert told.normalized.mean == pytest.approx(statistics.fmean(of_accuracy))
        assert all(len(curve.error) == 7 for curve in curves)
    assert level.connected is (level.test.error.mean < CONNECTED_BELOW)


@pytest.mark.parametrize("name", [name for name in LEVELS if "pruned" in name])
def test_networks_that_are_not_retrained_have_no_twins_and_no_barrier(name):
    level = LEVELS[name]
    assert level.rewind is level.train is level.test is level.connected is None
    assert all(len(pair.test_error) == 1 and pair.curves is pair.barriers is None for pair in level.pairs)


def test_the_dense_level_has_all_its_weights_and_ends_its_curves_in_its_twins():
    dense = LEVELS["dense 1"]
    assert dense.nonzero == (dense.prunable,) * 3
    assert dense.cut_off == []
    for pair in dense.pairs:
        assert pair.test_error == (pair.curves.test.error[0], pair.curves.test.error[-1])
