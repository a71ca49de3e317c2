"""Masks have exactly as many ones as they shall have, at the largest scores."""

import itertools
import math

import pytest
import torch

from lmc_core.models.stacked.layout import Layout
from lmc_core.pruning.mask import keep_largest, mask_of, mask_of_nonzero, shuffled
from lmc_core.pruning.prunable import Prunable, count_nonzero
from lmc_core.pruning.random_scores import lot
from lmc_core.pruning.sizes import kept

LAYOUT = Layout(names=("first", "bias", "second"), shapes=((5, 7), (5,), (3, 4)), offsets=(0, 48, 64), size=80)
PRUNABLE = Prunable(LAYOUT, ("first", "second"))
SCORES = {
    "all different": torch.randperm(47, generator=torch.Generator().manual_seed(0)).float(),
    "few values": torch.randint(0, 3, (47,), generator=torch.Generator().manual_seed(1)).float(),
    "all equal": torch.ones(47),
    "with what is no number": torch.tensor([math.nan, 1.0, -math.inf, math.inf] * 11 + [0.5] * 3),
}


@pytest.mark.parametrize("count", [0, 1, 2, 17, 46, 47])
@pytest.mark.parametrize("scores", SCORES)
def test_exactly_so_many_of_the_largest_are_kept_and_of_equal_ones_the_first(scores, count):
    values = SCORES[scores].nan_to_num(nan=math.inf)
    found = keep_largest(SCORES[scores], count)
    largest = sorted(range(47), key=lambda place: (-values[place].item(), place))[:count]
    assert sorted(found.nonzero().flatten().tolist()) == sorted(largest)
    assert set(found.tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize(
    ("weights", "density", "count"), [(10, 0.9, 9), (10, 0.1, 1), (1000, 0.001, 1), (3, 1 / 3, 1), (100_352, 0.05, 5_018), (7, 1.0, 7)]
)
def test_a_density_leaves_the_nearest_whole_number_of_weights(weights, density, count):
    assert kept(weights, density) == count


def row_of(values: torch.Tensor) -> torch.Tensor:
    row = torch.full((80,), 99.0)  # what is not prunable has the largest scores, and is not counted
    row[PRUNABLE.slices[0]], row[PRUNABLE.slices[1]] = values[:35], values[35:]
    return row


@pytest.mark.parametrize("density", [1.0, 0.5, 0.1, 0.03])
def test_a_global_mask_has_one_threshold_and_a_layers_mask_one_for_each(density):
    row = row_of(SCORES["all different"])
    everywhere, by_layer = (mask_of(row, PRUNABLE, density, scope) for scope in ("global", "layer"))
    assert int(PRUNABLE.gather(everywhere).sum()) == round(47 * density)
    threshold = PRUNABLE.gather(row)[PRUNABLE.gather(everywhere) == 1].min()
    assert torch.equal(PRUNABLE.gather(everywhere) == 1, PRUNABLE.gather(row) >= threshold)
    assert [int(part.sum()) for part in PRUNABLE.parts(by_layer)] == [round(35 * density), round(12 * density)]
    for mask in (everywhere, by_layer):
        assert LAYOUT.views(mask.unsqueeze(0))["bias"].eq(1).all()


def test_a_shuffled_mask_has_as_many_ones_in_each_tensor_at_other_places():
    mask = mask_of(row_of(SCORES["all different"]), PRUNABLE, 0.4, "global")
    drawn, again, other = (shuffled(mask, PRUNABLE, lot(seed, "control", 0, 80)) for seed in (1, 1, 2))
    for part, of_mask in zip(PRUNABLE.parts(drawn), PRUNABLE.parts(mask), strict=True):
        assert part.sum() == of_mask.sum()
    assert torch.equal(drawn, again)
    assert not torch.equal(drawn, mask)
    assert not torch.equal(drawn, other)


def test_a_lot_is_drawn_from_the_seeds_alone_and_its_masks_lie_in_each_other():
    scores = lot(5, "mask", 0, 80)
    assert torch.equal(scores, lot(5, "mask", 0, 80))
    for other in (lot(6, "mask", 0, 80), lot(5, "control", 0, 80), lot(5, "mask", 1, 80)):
        assert not torch.equal(scores, other)
    assert len(set(scores.tolist())) == 80
    masks = [mask_of(scores, PRUNABLE, density, "layer") for density in (0.7, 0.3, 0.1)]
    assert all((finer <= coarser).all() for coarser, finer in itertools.pairwise(masks))


def test_the_mask_of_weights_that_are_not_0_counts_negative_zero_as_0():
    row = row_of(torch.tensor([-0.0, 0.0, -1e-38, 2.0] * 11 + [1.0] * 3))
    mask = mask_of_nonzero(row, PRUNABLE)
    assert int(PRUNABLE.gather(mask).sum()) == 25 == int(PRUNABLE.nonzero(row))


def test_many_weights_are_counted_exactly():
    values = torch.ones((1 << 24) + 3)
    values[5] = 0
    assert int(count_nonzero(values)) == (1 << 24) + 2
