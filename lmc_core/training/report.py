"""What is told of a cohort at the end of an epoch, and of a run at its end."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from torch import Tensor

from lmc_core.connectivity.barrier import barriers
from lmc_core.connectivity.block_lines import block_lines
from lmc_core.connectivity.evaluation import Evaluator
from lmc_core.connectivity.interpolation import equidistant
from lmc_core.connectivity.measurement import measure, no_curve, unmeasured
from lmc_core.connectivity.results import Barriers, BlockLine, Curves, PairMeasurement
from lmc_core.experiment import Experiment, TwinsSpec
from lmc_core.models.cores import Cores
from lmc_core.models.stacked import Samples, slope_of
from lmc_core.runs.events import MemberEpoch
from lmc_core.runs.outcome import judged
from lmc_core.runs.results import Environment, PairResult, RunResult, Timing
from lmc_core.runs.summary import summary
from lmc_core.training.cohort import ALIVE
from lmc_core.training.holding import Holding
from lmc_core.training.networks import stacked

TWINS: tuple[Literal["a"], Literal["b"]] = ("a", "b")


AnyEvaluator = TypeVar("AnyEvaluator", bound=Evaluator)


def evaluator_of(spec: Experiment, samples: Samples, cores: Cores, pause: Callable[[], None], kind: type[AnyEvaluator]) -> AnyEvaluator:
    """Measures the spec's networks on a split, in the measurement's own precision whatever the training has.

    Args:
        spec: the experiment.
        samples: the split.
        cores: that compute.
        pause: called now and then while measuring; it may raise to end it.
        kind: of evaluator.
    """
    architecture = spec.architecture
    net = stacked(spec.model_copy(update={"precision": spec.measurement.precision}))
    return kind(net, slope_of(architecture), architecture.collapsed_depth, samples, cores, pause)


class Report:
    """Measures the pairs of a run.

    Args:
        spec: the experiment.
        inits: the row [P] that each pair started from.
        evaluators: of the spec's networks, on the training split without augmentation and on the test split.
    """

    def __init__(self, spec: TwinsSpec, inits: Sequence[Tensor], evaluators: tuple[Evaluator, Evaluator]) -> None:
        self._train, self._test = evaluators
        self._spec = spec
        self._inits = inits
        self._layout = stacked(spec).layout
        self.alphas = equidistant(spec.measurement.alphas)

    def pairs(self, holding: Holding) -> list[PairMeasurement]:
        """The line of every pair; a pair with a diverged twin has none."""
        return [self._pair(holding, pair) for pair in range(self._spec.repeats)]

    def members(self, holding: Holding, images: int, pairs: Sequence[PairMeasurement] | None) -> list[MemberEpoch]:
        """Every twin after an epoch; None for a diverged one.

        Args:
            holding: at the end of the epoch.
            images: that each member has seen in the epoch.
            pairs: the lines, if they were measured at this moment; their ends are the twins' own test errors.
        """
        members: list[MemberEpoch] = []
        ends: tuple[tuple[Literal["a", "b"], int], ...] = (("a", 0), ("b", -1))
        for pair in range(self._spec.repeats):
            for twin, end in ends:
                if holding.diverged_at(pair, twin) != ALIVE:
                    members.append(MemberEpoch(pair=pair, twin=twin, train_loss=None, train_error=None, test_loss=None, test_error=None))
                    continue
                cohort, row = holding.place_of(pair, twin)
                if pairs is not None and pairs[pair].curves.test.error[end] is not None:
                    own, place = pairs[pair].curves.test, end
                else:
                    own, place = self._test.of(cohort.parameters[row]), 0
                members.append(
                    MemberEpoch(
                        pair=pair,
                        twin=twin,
                        train_loss=float(cohort.loss_sums[row]) / images,
                        train_error=int(cohort.wrong_sums[row]) / images,
                        test_loss=own.loss[place],
                        test_error=own.error[place],
                    )
                )
        return members

    def floors(self, holding: Holding) -> list[Barriers | None]:
        """The barriers between twin A and the rounding twin of every pair; None unless they were asked for."""
        return [self._floor(holding, pair) if self._spec.measurement.rounding_twin else None for pair in range(self._spec.repeats)]

    def block_lines(self, holding: Holding, pairs: Sequence[PairMeasurement]) -> list[list[BlockLine] | None]:
        """The lines of every pair on which only some blocks move; None unless they were asked for.

        Args:
            holding: as it stands.
            pairs: measured at this moment.
        """
        return [self._block_lines(holding, measured) if self._spec.measurement.blocks else None for measured in pairs]

    def result(
        self,
        holding: Holding,
        pairs: Sequence[PairMeasurement],
        floors: Sequence[Barriers | None],
        lines: Sequence[list[BlockLine] | None],
        timing: Timing,
        environment: Environment,
    ) -> RunResult:
        """The run as it is kept.

        Args:
            holding: after the last step.
            pairs: measured then.
            floors: likewise.
            lines: with some blocks alone, likewise.
            timing: of the whole run.
            environment: where it was made.
        """
        results = []
        for measured, floor, of_blocks in zip(pairs, floors, lines, strict=True):
            steps = tuple(holding.diverged_at(measured.pair, twin) for twin in TWINS)
            at = (None if steps[0] == ALIVE else steps[0], None if steps[1] == ALIVE else steps[1])
            of_a, of_b = (holding.spikes(measured.pair, twin) for twin in TWINS)
            results.append(
                PairResult(
                    **dict(measured),
                    diverged=at != (None, None),
                    diverged_at=at,
                    rounding=floor,
                    blocks=of_blocks,
                    spikes=None if of_a is None or of_b is None else (of_a, of_b),
                )
            )
        result = RunResult(
            parameters=self._layout.parameters,
            alphas=self.alphas,
            pairs=results,
            summary=summary(results),
            timing=timing,
            environment=environment,
        )
        return judged(result, self._spec.dataset)

    def _pair(self, holding: Holding, pair: int) -> PairMeasurement:
        rows = self._inits[pair], holding.parameters(pair, "a"), holding.parameters(pair, "b")
        if any(holding.diverged_at(pair, twin) != ALIVE for twin in TWINS):
            return unmeasured(pair, rows, self.alphas)
        return measure(pair, rows, self._train, self._test, self.alphas)

    def _floor(self, holding: Holding, pair: int) -> Barriers:
        if any(holding.diverged_at(pair, twin) != ALIVE for twin in ("a", "r")):
            return barriers(Curves(train=no_curve(self.alphas), test=no_curve(self.alphas)))
        rows = holding.parameters(pair, "a"), holding.parameters(pair, "r")
        return barriers(Curves(train=self._train.between(*rows, self.alphas), test=self._test.between(*rows, self.alphas)))

    def _block_lines(self, holding: Holding, measured: PairMeasurement) -> list[BlockLine]:
        if any(holding.diverged_at(measured.pair, twin) != ALIVE for twin in TWINS):
            return []
        a, b = (holding.parameters(measured.pair, twin) for twin in TWINS)
        evaluators, blocks = (self._train, self._test), self._spec.architecture.blocks()
        return block_lines(a, b, self._layout, blocks, evaluators, self.alphas, measured.curves)
