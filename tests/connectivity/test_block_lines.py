"""Lines on which only some blocks move (Adilova et al. 2023)."""

import pytest
import torch
from torch import Tensor

from lmc_core.connectivity.block_lines import block_lines, moved, with_blocks
from lmc_core.connectivity.interpolation import equidistant, interpolate
from lmc_core.connectivity.results import BlockLine, Curves
from lmc_core.models.cores import Cores
from lmc_core.training.networks import stacked
from tests.connectivity.test_evaluation import ARCHITECTURES, evaluator_of, plain_loop, rows_of, spec_of
from tests.training.runs import result_of, small_spec, train

ALPHAS = equidistant(5)
ASKED = {"alphas": 5, "every": 0, "blocks": True}


def lines_between(architecture: str, a: Tensor, b: Tensor) -> tuple[list[BlockLine], Curves]:
    spec = spec_of(architecture)
    with Cores(torch.device("cpu")) as cores:
        evaluator = evaluator_of(spec, cores)
        curve = evaluator.between(a, b, ALPHAS)
        whole = Curves(train=curve, test=curve)
        lines = block_lines(a, b, stacked(spec).layout, spec.architecture.blocks(), (evaluator, evaluator), ALPHAS, whole)
    return lines, whole


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_parameter_belongs_to_exactly_one_block(architecture):
    spec = spec_of(architecture)
    starts = spec.architecture.blocks().values()
    for name in stacked(spec).layout.names:
        assert sum(name.startswith(of_block) for of_block in starts) == 1, name


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_line_is_that_of_a_network_whose_other_blocks_stay(architecture):
    spec, (a, b) = spec_of(architecture), rows_of(spec_of(architecture))
    layout, blocks = stacked(spec).layout, spec.architecture.blocks()
    weights_a, weights_b = layout.unpack(a), layout.unpack(b)
    lines, whole = lines_between(architecture, a, b)
    floor = (whole.test.loss[0] + whole.test.loss[-1]) / 2
    for line in lines:
        starts = tuple(start for name in line.blocks for start in blocks[name])
        ends = {name: weights_b[name] if name.startswith(starts) else weight for name, weight in weights_a.items()}
        losses = [plain_loop(spec, interpolate(weights_a, ends, alpha))[1] for alpha in ALPHAS]
        assert line.test.loss == pytest.approx(max(losses) - floor, rel=1e-3, abs=1e-3)
        assert line.train == line.test


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_blocks_join_from_both_ends_until_all_move(architecture):
    names = list(spec_of(architecture).architecture.blocks())
    lines = [(which, list(moving)) for which, moving in moved(tuple(names))]
    assert [moving for which, moving in lines if which == "alone"] == [[name] for name in names]
    assert [moving for which, moving in lines if which == "from_bottom"] == [names[:count] for count in range(1, len(names) + 1)]
    assert [moving for which, moving in lines if which == "from_top"] == [names[-count:] for count in range(1, len(names) + 1)]
    some = {tuple(moving) for _, moving in lines if len(moving) < len(names)}
    assert len(some) == spec_of(architecture).architecture.block_lines


def test_a_network_with_all_blocks_of_another_is_the_other():
    spec, (a, b) = spec_of("vit"), rows_of(spec_of("vit"))
    layout, blocks = stacked(spec).layout, spec.architecture.blocks()
    assert torch.equal(with_blocks(a, b, layout, [start for starts in blocks.values() for start in starts]), b)
    assert torch.equal(with_blocks(a, b, layout, []), a)


@pytest.mark.parametrize("architecture", ["logistic regression", "mlp", "cnn", "attention", "vit"])
def test_where_all_blocks_move_the_height_is_the_barrier(architecture):
    pair = result_of(train(small_spec(architecture, measurement=ASKED))[0]).pairs[0]
    whole = [line for line in pair.blocks if len(line.blocks) == len(spec_of(architecture).architecture.blocks())]
    assert {line.which for line in whole} >= {"from_bottom", "from_top"}
    for line in whole:
        assert (line.train.error, line.train.loss) == (pair.barriers.train.error, pair.barriers.train.loss)
        assert (line.test.error, line.test.loss) == (pair.barriers.test.error, pair.barriers.test.loss)


def test_of_equal_twins_no_block_has_a_barrier():
    pair = result_of(train(small_spec(measurement=ASKED, spawn={"at": 4}))[0]).pairs[0]
    assert {(line.train.error, line.test.loss) for line in pair.blocks} == {(0.0, 0.0)}


def test_a_pair_with_a_diverged_twin_has_no_lines():
    exploding = small_spec("deep linear net", {"name": "sgd", "lr": 50}, measurement=ASKED)
    assert result_of(train(exploding)[0]).pairs[0].blocks == []


def test_a_run_that_was_not_asked_measures_none_and_is_otherwise_the_same():
    (plain, _), (asked, _) = train(small_spec(repeats=2)), train(small_spec(repeats=2, measurement=ASKED))
    assert [pair.model_copy(update={"blocks": None}) for pair in result_of(asked).pairs] == result_of(plain).pairs
