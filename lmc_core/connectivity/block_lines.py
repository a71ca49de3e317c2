"""Lines on which only some blocks of a network move (Adilova et al. 2023, layer-wise linear mode connectivity)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from torch import Tensor

from lmc_core.connectivity.evaluation import Evaluator
from lmc_core.connectivity.results import BlockLine, Curve, Curves, Height
from lmc_core.models.stacked import Layout

Which = Literal["alone", "from_bottom", "from_top"]


def block_lines(
    a: Tensor,
    b: Tensor,
    layout: Layout,
    blocks: Mapping[str, tuple[str, ...]],
    evaluators: tuple[Evaluator, Evaluator],
    alphas: Sequence[float],
    whole: Curves,
) -> list[BlockLine]:
    """Each block alone, then a growing number of them from the bottom and from the top, all blocks at last.

    A line begins in twin A and ends in A with some blocks of twin B. Its height is over the mean of A and B, as Eq. 1 has it,
    so that all lines of a pair have one floor, and that of all blocks has the barrier's height.

    Args:
        a: parameters [size] of twin A.
        b: likewise of twin B.
        layout: of both.
        blocks: as `lmc_core.models.blocks.blocks_of` gives them.
        evaluators: on the training split, without augmentation, and on the test split.
        alphas: equidistant, from 0 to 1.
        whole: what both evaluators give on the line from A to B.
    """
    names = tuple(blocks)
    known = {names: (_height(whole.train, whole.train), _height(whole.test, whole.test))}
    lines = []
    for which, moving in moved(names):
        if moving not in known:
            mixed = with_blocks(a, b, layout, [start for name in moving for start in blocks[name]])
            known[moving] = (
                _height(_from_a(evaluators[0], a, mixed, alphas, whole.train), whole.train),
                _height(_from_a(evaluators[1], a, mixed, alphas, whole.test), whole.test),
            )
        train, test = known[moving]
        lines.append(BlockLine(which=which, blocks=list(moving), train=train, test=test))
    return lines


def moved(names: tuple[str, ...]) -> Iterator[tuple[Which, tuple[str, ...]]]:
    """The kinds of lines and the blocks that move on each.

    Args:
        names: of all blocks, from the bottom on.
    """
    for name in names:
        yield "alone", (name,)
    for count in range(1, len(names) + 1):
        yield "from_bottom", names[:count]
    for count in range(1, len(names) + 1):
        yield "from_top", names[-count:]


def with_blocks(a: Tensor, b: Tensor, layout: Layout, starts: Sequence[str]) -> Tensor:
    """A new row [size]: b's where a parameter's name begins with one of the starts, a's elsewhere."""
    mixed = a.clone()
    for (name, own), other in zip(layout.views(mixed.unsqueeze(0)).items(), layout.views(b.unsqueeze(0)).values(), strict=True):
        if name.startswith(tuple(starts)):
            own.copy_(other)
    return mixed


def _from_a(evaluator: Evaluator, a: Tensor, mixed: Tensor, alphas: Sequence[float], whole: Curve) -> Curve:
    """The curve from A to the mixed network; what A itself gives is known already."""
    rest = evaluator.between(a, mixed, alphas[1:])
    return Curve(error=[whole.error[0], *rest.error], loss=[whole.loss[0], *rest.loss])


def _height(curve: Curve, whole: Curve) -> Height:
    return Height(error=_above(curve.error, whole.error), loss=_above(curve.loss, whole.loss))


def _above(values: Sequence[float | None], whole: Sequence[float | None]) -> float | None:
    """The highest value over the mean of the whole line's ends; None where a number is not finite."""
    known = [value for value in (*values, whole[0], whole[-1]) if value is not None]
    if len(known) < len(values) + 2:
        return None
    return max(known[:-2]) - (known[-2] + known[-1]) / 2
