"""Everything that is measured between the twins of one pair at one moment."""

from collections.abc import Sequence

from torch import Tensor

from lmc_core.connectivity.barrier import barriers
from lmc_core.connectivity.distance import distance
from lmc_core.connectivity.evaluation import Evaluator
from lmc_core.connectivity.results import Curve, Curves, Distances, PairMeasurement


def measure(pair: int, rows: tuple[Tensor, Tensor, Tensor], train: Evaluator, test: Evaluator, alphas: Sequence[float]) -> PairMeasurement:
    """Curves, barriers and distances of one pair.

    Args:
        pair: index of the repeat.
        rows: parameters [size] of the initialisation, of twin A and of twin B.
        train: on the training split, without augmentation.
        test: on the test split.
        alphas: equidistant, from 0 to 1.
    """
    init, a, b = rows
    curves = Curves(train=train.between(a, b, alphas), test=test.between(a, b, alphas))
    distances = Distances(twins=distance(a, b), init_a=distance(init, a), init_b=distance(init, b))
    return PairMeasurement(pair=pair, curves=curves, barriers=barriers(curves), distances=distances)


def unmeasured(pair: int, rows: tuple[Tensor, Tensor, Tensor], alphas: Sequence[float]) -> PairMeasurement:
    """What there is to say of a pair with a diverged twin: no curves and no barriers; distances where they are finite.

    Args:
        pair: index of the repeat.
        rows: as for `measure`.
        alphas: likewise.
    """
    init, a, b = rows
    curves = Curves(train=no_curve(alphas), test=no_curve(alphas))
    distances = Distances(twins=distance(a, b), init_a=distance(init, a), init_b=distance(init, b))
    return PairMeasurement(pair=pair, curves=curves, barriers=barriers(curves), distances=distances)


def no_curve(alphas: Sequence[float]) -> Curve:
    """The curve of a line with a diverged end: nothing is known at any alpha."""
    return Curve(error=[None] * len(alphas), loss=[None] * len(alphas))
