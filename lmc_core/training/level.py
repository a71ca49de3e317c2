"""What is measured of the networks of one level of a pruning run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from lmc_core.connectivity.barrier import barriers
from lmc_core.connectivity.evaluation import Evaluator
from lmc_core.connectivity.results import CONNECTED_BELOW, Barriers, Curves
from lmc_core.data.spec import Split
from lmc_core.plan import Group
from lmc_core.pruning.prunable import Prunable
from lmc_core.runs.pruning_results import BarriersOfLevel, LayerDensity, Level, PairOfLevel
from lmc_core.runs.results import Spikes
from lmc_core.runs.summary import spread


@dataclass(frozen=True, eq=False)
class Networks:
    """One repeat of a level.

    Attributes:
        rows: the parameters [size] of twin A, and of twin B where there is one.
        diverged_at: the step at which each diverged; None where it did not.
        spikes: of each; None where they were not counted.
    """

    rows: tuple[Tensor, ...]
    diverged_at: tuple[int | None, ...]
    spikes: tuple[Spikes, ...] | None = None


def measured(
    group: Group, repeats: Sequence[Networks], prunable: Prunable, side: int, train: Evaluator, test: Evaluator, alphas: Sequence[float]
) -> Level:
    """A level as it is kept: counts, accuracies, barriers.

    Args:
        group: the level.
        repeats: its networks.
        prunable: which of their weights may be pruned.
        side: of an image, in pixels.
        train: on the training split, without augmentation.
        test: on the test split.
        alphas: equidistant, from 0 to 1.
    """
    found = [_pair(pair, networks, train, test, alphas) for pair, networks in enumerate(repeats)]
    pairs, heights = [pair for pair, _ in found], [height for _, height in found]
    twins = len(group.twins) == 2
    counts = [[int(part.count_nonzero()) for part in prunable.parts(networks.rows[0])] for networks in repeats]
    of_test = _barriers(heights, "test") if twins else None
    known = None if of_test is None else of_test.error.mean
    return Level(
        kind=group.kind,
        density=group.density,
        rewind=group.rewind,
        nonzero=tuple(sum(of_layers) for of_layers in counts),
        prunable=prunable.weights,
        layers=[
            LayerDensity(name=name, nonzero=count, weights=size)
            for name, count, size in zip(prunable.names, counts[0], prunable.sizes, strict=True)
        ],
        cut_off=[name for place, name in enumerate(prunable.names) if any(of_layers[place] == 0 for of_layers in counts)],
        first_layer=first_layer(repeats[0].rows[0], prunable, side),
        train_accuracy=spread(_accuracy(pair.train_error) for pair in pairs),
        test_accuracy=spread(_accuracy(pair.test_error) for pair in pairs),
        train=_barriers(heights, "train") if twins else None,
        test=of_test,
        connected=None if known is None else known < CONNECTED_BELOW,
        diverged_pairs=sum(any(step is not None for step in pair.diverged_at) for pair in pairs),
        pairs=pairs,
    )


def first_layer(row: Tensor, prunable: Prunable, side: int) -> list[list[int]]:
    """How many weights of the first prunable tensor are kept at each place of the image, or of the patch that its kernel sees.

    Args:
        row: the network's parameters [size].
        prunable: which may be pruned.
        side: of an image, in pixels.
    """
    name = prunable.names[0]
    shape = dict(zip(prunable.layout.names, prunable.layout.shapes, strict=True))[name]
    kept = (prunable.layout.views(row.unsqueeze(0))[name][0] != 0).long()
    if len(shape) == 5:  # locally connected: [positions, filters, channels, kernel, kernel], positions row by row
        grid = math.isqrt(shape[0])
        places = kept.sum((1, 2)).unflatten(0, (grid, grid)).transpose(1, 2).flatten(2).flatten(0, 1)
    elif len(shape) == 4:  # [filters, channels, kernel, kernel]
        places = kept.sum((0, 1))
    else:  # [units, channels · side · side]
        places = kept.sum(0).unflatten(0, (-1, side, side)).sum(0)
    numbers: list[list[int]] = places.tolist()
    return numbers


def _pair(pair: int, networks: Networks, train: Evaluator, test: Evaluator, alphas: Sequence[float]) -> tuple[PairOfLevel, Barriers | None]:
    sound = [step is None for step in networks.diverged_at]
    curves: Curves | None = None
    train_error: tuple[float | None, ...]
    test_error: tuple[float | None, ...]
    if len(sound) == 2 and all(sound):
        a, b = networks.rows
        curves = Curves(train=train.between(a, b, alphas), test=test.between(a, b, alphas))
        train_error = curves.train.error[0], curves.train.error[-1]
        test_error = curves.test.error[0], curves.test.error[-1]
    else:
        train_error, test_error = (
            tuple(evaluator.of(row).error[0] if fine else None for row, fine in zip(networks.rows, sound, strict=True))
            for evaluator in (train, test)
        )
    height = None if curves is None else barriers(curves)
    told = PairOfLevel(
        pair=pair,
        train_error=train_error,
        test_error=test_error,
        curves=curves,
        barriers=None if height is None else (height.train.error, height.test.error),
        diverged_at=networks.diverged_at,
        spikes=networks.spikes,
    )
    return told, height


def _accuracy(errors: Sequence[float | None]) -> float | None:
    known = [error for error in errors if error is not None]
    return 1 - sum(known) / len(known) if len(known) == len(errors) else None


def _barriers(heights: Sequence[Barriers | None], split: Split) -> BarriersOfLevel:
    known = [getattr(height, split) for height in heights if height is not None]
    return BarriersOfLevel(
        error=spread(height.error for height in known),
        normalized=spread(height.normalized for height in known),
        loss=spread(height.loss for height in known),
    )
