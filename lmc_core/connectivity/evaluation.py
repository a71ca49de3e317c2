"""Error and loss of networks over a whole split, in constant memory."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor
from typing_extensions import override

from lmc_core.connectivity.interpolation import BentLine, Line, Point, StraightLine
from lmc_core.connectivity.results import Curve
from lmc_core.models.cores import Cores
from lmc_core.models.stacked import Parameters, Samples, Slope, StackedNet
from lmc_core.models.stacked.cross_entropy import loss_sum_and_wrong

CHUNK_NUMBERS = {"cpu": 1 << 20, "cuda": 1 << 26}
"""Numbers that one chunk of images may have at the network's widest place; on a CPU that lets a chunk stay in cache."""
LINE_NUMBERS = 1 << 26
"""Numbers that the trunks on one line may have together; a longer line is walked in several parts."""
CHUNKS = {"cpu": 16, "cuda": 1}
"""Chunks into which a split is parted at least, if they do not get too small, so that all cores of a CPU have something to do."""
SMALLEST_CHUNK = 128
CHUNKS_PER_PAUSE = 16
"""Chunks between two looks at whether to stop, for each core."""


class Evaluator:
    """Measures networks of one architecture on one split.

    Every network meets the same chunks of images, whose size depends on the architecture, the split and the kind of device
    alone; sums over chunks are taken in the chunks' order. So a number does not depend on how many threads computed it.

    Args:
        net: the architecture; its precision is that of the measurement.
        slope: of its Leaky-ReLU.
        depth: weight layers where the network is linear, None otherwise.
        samples: the split.
        cores: where the chunks are computed.
        pause: called between groups of chunks; it may raise to end the measurement.
    """

    def __init__(
        self, net: StackedNet, slope: Slope, depth: int | None, samples: Samples, cores: Cores, pause: Callable[[], None] = lambda: None
    ) -> None:
        self._net = net
        self._slope = slope
        self._depth = depth
        self._samples = samples
        self._cores = cores
        self._pause = pause
        chunks = CHUNKS.get(cores.device.type, CHUNKS["cuda"])
        in_cache = CHUNK_NUMBERS.get(cores.device.type, CHUNK_NUMBERS["cuda"]) // net.widest
        self._chunk = max(1, min(in_cache, max(SMALLEST_CHUNK, -(-len(samples) // chunks))))

    def of(self, row: Tensor) -> Curve:
        """Error and mean loss of the network whose parameters are the row [size], as a curve of one point."""
        parameters = self._net.layout.views(row.unsqueeze(0))
        if self._depth is not None:
            return self._over_all(StraightLine(self._depth, parameters, parameters, [0.0]), 1)
        return self._over_all(Point(self._net, self._slope, parameters), 1)

    def between(self, a: Tensor, b: Tensor, alphas: Sequence[float]) -> Curve:
        """The curve at the alphas on the line from row a to row b [size]; at 0 and 1 exactly what `of` gives for a and b."""
        if torch.equal(a, b):
            alone = self.of(a)
            return Curve(error=alone.error * len(alphas), loss=alone.loss * len(alphas))
        at_a, at_b = (self._net.layout.views(row.unsqueeze(0)) for row in (a, b))
        trunk = sum(weight.numel() for name, weight in at_a.items() if name not in self._net.stem_names)
        largest = LINE_NUMBERS if self._net.stem_names else 1  # without a stem the points share nothing, so one is held at a time
        at_a_time = len(alphas) if self._depth is not None else max(1, largest // max(1, trunk))
        errors: list[float | None] = []
        losses: list[float | None] = []
        for start in range(0, len(alphas), at_a_time):
            part = alphas[start : start + at_a_time]
            curve = self._over_all(self._line(at_a, at_b, part), len(part))
            errors += curve.error
            losses += curve.loss
        return Curve(error=errors, loss=losses)

    def _line(self, a: Parameters, b: Parameters, alphas: Sequence[float]) -> Line:
        if self._depth is not None:
            return StraightLine(self._depth, a, b, alphas)
        return BentLine(self._net, self._slope, a, b, alphas)

    def _over_all(self, line: Line, points: int) -> Curve:
        count = len(self._samples)
        loss, wrong = torch.zeros(points, dtype=torch.float64), torch.zeros(points, dtype=torch.int64)
        starts = range(0, count, self._chunk)
        for group in range(0, len(starts), CHUNKS_PER_PAUSE * self._cores.count):
            self._pause()
            chunks = starts[group : group + CHUNKS_PER_PAUSE * self._cores.count]
            for of_chunk, wrong_of_chunk in self._cores.run([partial(self._sums, line, points, start) for start in chunks]):
                loss += of_chunk
                wrong += wrong_of_chunk
        means = (loss / count).tolist()
        sound = [math.isfinite(mean) for mean in means]
        return Curve(
            error=[number / count if fine else None for number, fine in zip(wrong.tolist(), sound, strict=True)],
            loss=[mean if fine else None for mean, fine in zip(means, sound, strict=True)],
        )

    def _sums(self, line: Line, points: int, start: int) -> tuple[Tensor, Tensor]:
        """Loss sums and wrong answers of one chunk at each point of the line."""
        scratch, stop = self._cores.scratch, min(start + self._chunk, len(self._samples))
        every = scratch.take("logits on the line", (points, stop - start, self._samples.classes))
        for position, logits in enumerate(line.logits(self._samples.chunk(start, stop), scratch)):
            every[position].copy_(logits)
        loss, wrong = loss_sum_and_wrong(every, self._samples.labels[start:stop])
        return loss.cpu(), wrong.cpu()


class MomentEvaluator(Evaluator):
    """An evaluator for several runs that share networks: until it is told to forget, each network is measured once.

    Its arguments are those of `Evaluator`. A network is known by where its row lies, so rows must not change meanwhile.
    """

    _known: dict[int, Curve] | None = None

    @override
    def of(self, row: Tensor) -> Curve:
        if self._known is None:
            self._known = {}
        place = row.data_ptr()
        if place not in self._known:
            self._known[place] = super().of(row)
        return self._known[place]

    def forget(self) -> None:
        """Measure anew from now on: the rows have changed."""
        self._known = None
