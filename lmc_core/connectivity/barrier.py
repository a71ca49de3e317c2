"""How high a curve between two networks rises. Pure functions of plain numbers."""

from collections.abc import Sequence

from lmc_core.connectivity.results import Barrier, Barriers, Curve, Curves


def barrier(values: Sequence[float | None]) -> float | None:
    """The highest value on the line minus the mean of its two ends (paper, Eq. 1); None where a value is not finite.

    Args:
        values: error or mean loss at equidistant alphas from 0 to 1, ends included.
    """
    known = _all_known(values)
    return None if known is None else max(known) - (known[0] + known[-1]) / 2


def normalized_barrier(error_barrier: float | None, test_errors: Sequence[float | None]) -> float | None:
    """The error barrier over the mean test accuracy of the two ends (paper, Eq. 2); None where that is 0 or unknown.

    Args:
        error_barrier: of either split.
        test_errors: the error curve on the test split.
    """
    known = _all_known((test_errors[0], test_errors[-1]))
    if error_barrier is None or known is None:
        return None
    accuracy = 1 - (known[0] + known[1]) / 2
    return error_barrier / accuracy if accuracy > 0 else None


def chord_gap(values: Sequence[float | None]) -> float | None:
    """The largest height of the curve above the straight chord between its ends; never below 0, which the ends have.

    The literature also calls this a barrier; here it is not, since Eq. 1 is.

    Args:
        values: error or mean loss at equidistant alphas from 0 to 1, ends included.
    """
    known = _all_known(values)
    if known is None:
        return None
    last = len(known) - 1
    chord = [(known[0] * (last - position) + known[-1] * position) / last for position in range(len(known))]
    return max(0.0, *(value - height for value, height in zip(known, chord, strict=True)))


def barriers(curves: Curves) -> Barriers:
    """All heights of one pair's curves."""
    return Barriers(train=_of(curves.train, curves.test), test=_of(curves.test, curves.test))


def _of(curve: Curve, test: Curve) -> Barrier:
    error = barrier(curve.error)
    return Barrier(
        error=error,
        normalized=normalized_barrier(error, test.error),
        loss=barrier(curve.loss),
        error_chord_gap=chord_gap(curve.error),
        loss_chord_gap=chord_gap(curve.loss),
    )


def _all_known(values: Sequence[float | None]) -> list[float] | None:
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else None
