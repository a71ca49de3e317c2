"""What is told of a cohort at the end of an epoch, and of a run at its end."""

from collections.abc import Callable, Sequence
from typing import Literal

from torch import Tensor

from lmc_core.blocks import blocks_of
from lmc_core.connectivity.barrier import barriers
from lmc_core.connectivity.block_lines import block_lines
from lmc_core.connectivity.evaluation import Evaluator
from lmc_core.connectivity.interpolation import equidistant
from lmc_core.connectivity.measurement import measure, no_curve, unmeasured
from lmc_core.connectivity.summary import summary
from lmc_core.cores import Cores
from lmc_core.events import MemberEpoch
from lmc_core.models.stacked import Samples, slope_of, stacked
from lmc_core.results import Barriers, BlockLine, Curves, Environment, PairMeasurement, PairResult, RunResult, Timing
from lmc_core.spec import Experiment, LinearNet, TwinsSpec
from lmc_core.training.cohort import ALIVE, Cohort

TWINS: tuple[Literal["a"], Literal["b"]] = ("a", "b")


def evaluator_of(spec: Experiment, samples: Samples, cores: Cores, pause: Callable[[], None]) -> Evaluator:
    """Measures the spec's networks on a split; arguments as for `Report`."""
    architecture = spec.architecture
    net = stacked(spec.model_copy(update={"precision": "float32"}))
    depth = architecture.depth if isinstance(architecture, LinearNet) else None
    return Evaluator(net, slope_of(architecture), depth, samples, cores, pause)


class Report:
    """Measures the pairs of a cohort. In float32, whatever precision the training has.

    Args:
        spec: the experiment.
        inits: the row [P] that each pair started from.
        train: the training split.
        test: the test split.
        cores: that compute.
        pause: called now and then while measuring; it may raise to end it.
    """

    def __init__(
        self, spec: TwinsSpec, inits: Sequence[Tensor], train: Samples, test: Samples, cores: Cores, pause: Callable[[], None]
    ) -> None:
        self._train, self._test = (evaluator_of(spec, samples, cores, pause) for samples in (train, test))
        self._spec = spec
        self._inits = inits
        self._layout = stacked(spec).layout
        self.alphas = equidistant(spec.measurement.alphas)

    def pairs(self, cohort: Cohort) -> list[PairMeasurement]:
        """The line of every pair; a pair with a diverged twin has none."""
        return [self._pair(cohort, pair) for pair in range(self._spec.repeats)]

    def members(self, cohort: Cohort, images: int, pairs: Sequence[PairMeasurement] | None) -> list[MemberEpoch]:
        """Every twin after an epoch; None for a diverged one.

        Args:
            cohort: at the end of the epoch.
            images: that each member has seen in the epoch.
            pairs: the lines, if they were measured at this moment; their ends are the twins' own test errors.
        """
        told: dict[int, tuple[float | None, float | None]] = {}
        losses, wrong, diverged_at = (sums.tolist() for sums in (cohort.loss_sums, cohort.wrong_sums, cohort.diverged_at))
        members: list[MemberEpoch] = []
        ends: tuple[tuple[Literal["a", "b"], int], ...] = (("a", 0), ("b", -1))
        for pair in range(self._spec.repeats):
            for twin, end in ends:
                row = cohort.row_of(pair, twin)
                if diverged_at[row] != ALIVE:
                    members.append(MemberEpoch(pair=pair, twin=twin, train_loss=None, train_error=None, test_loss=None, test_error=None))
                    continue
                if pairs is not None and pairs[pair].curves.test.error[end] is not None:
                    curve = pairs[pair].curves.test
                    told[row] = curve.loss[end], curve.error[end]
                elif row not in told:
                    own = self._test.of(cohort.parameters[row])
                    told[row] = own.loss[0], own.error[0]
                loss, error = losses[row] / images, wrong[row] / images
                test_loss, test_error = told[row]
                members.append(
                    MemberEpoch(pair=pair, twin=twin, train_loss=loss, train_error=error, test_loss=test_loss, test_error=test_error)
                )
        return members

    def floors(self, cohort: Cohort) -> list[Barriers | None]:
        """The barriers between twin A and the rounding twin of every pair; None unless they were asked for."""
        return [self._floor(cohort, pair) if self._spec.measurement.rounding_twin else None for pair in range(self._spec.repeats)]

    def block_lines(self, cohort: Cohort, pairs: Sequence[PairMeasurement]) -> list[list[BlockLine] | None]:
        """The lines of every pair on which only some blocks move; None unless they were asked for.

        Args:
            cohort: as it stands.
            pairs: measured at this moment.
        """
        return [self._block_lines(cohort, measured) if self._spec.measurement.blocks else None for measured in pairs]

    def result(
        self,
        cohort: Cohort,
        pairs: Sequence[PairMeasurement],
        floors: Sequence[Barriers | None],
        lines: Sequence[list[BlockLine] | None],
        timing: Timing,
        environment: Environment,
    ) -> RunResult:
        """The run as it is kept.

        Args:
            cohort: after the last step.
            pairs: measured then.
            floors: likewise.
            lines: with some blocks alone, likewise.
            timing: of the whole run.
            environment: where it was made.
        """
        results = []
        for measured, floor, of_blocks in zip(pairs, floors, lines, strict=True):
            steps = tuple(int(cohort.diverged_at[cohort.row_of(measured.pair, twin)]) for twin in TWINS)
            at = (None if steps[0] == ALIVE else steps[0], None if steps[1] == ALIVE else steps[1])
            results.append(PairResult(**dict(measured), diverged=at != (None, None), diverged_at=at, rounding=floor, blocks=of_blocks))
        return RunResult(
            parameters=self._layout.parameters,
            alphas=self.alphas,
            pairs=results,
            summary=summary(results),
            timing=timing,
            environment=environment,
        )

    def _pair(self, cohort: Cohort, pair: int) -> PairMeasurement:
        a, b = (cohort.row_of(pair, twin) for twin in TWINS)
        rows = self._inits[pair], cohort.parameters[a], cohort.parameters[b]
        if any(int(cohort.diverged_at[row]) != ALIVE for row in (a, b)):
            return unmeasured(pair, rows, self.alphas)
        return measure(pair, rows, self._train, self._test, self.alphas)

    def _floor(self, cohort: Cohort, pair: int) -> Barriers:
        a, rounded = cohort.row_of(pair, "a"), cohort.row_of(pair, "r")
        if any(int(cohort.diverged_at[row]) != ALIVE for row in (a, rounded)):
            return barriers(Curves(train=no_curve(self.alphas), test=no_curve(self.alphas)))
        rows = cohort.parameters[a], cohort.parameters[rounded]
        return barriers(Curves(train=self._train.between(*rows, self.alphas), test=self._test.between(*rows, self.alphas)))

    def _block_lines(self, cohort: Cohort, measured: PairMeasurement) -> list[BlockLine]:
        a, b = (cohort.row_of(measured.pair, twin) for twin in TWINS)
        if any(int(cohort.diverged_at[row]) != ALIVE for row in (a, b)):
            return []
        evaluators, blocks = (self._train, self._test), blocks_of(self._spec.architecture)
        return block_lines(cohort.parameters[a], cohort.parameters[b], self._layout, blocks, evaluators, self.alphas, measured.curves)
