"""What a pruning run finds out, as plain values that the page, the command line and the disk share."""

from lmc_core.connectivity.results import Curves, Result
from lmc_core.plan import LevelKind
from lmc_core.runs.results import Environment, Spikes, Spread, Timing


class LayerDensity(Result):
    """How many of a tensor's weights are not 0 (of the first repeat)."""

    name: str
    nonzero: int
    weights: int


class BarriersOfLevel(Result):
    """Spreads over pairs of the barriers between the twins of a level, on one split."""

    error: Spread
    normalized: Spread
    loss: Spread


class PairOfLevel(Result):
    """One repeat of a level: its network, or its twins; None where one diverged or was not trained.

    Attributes:
        pair: index of the repeat.
        train_error: of twin A, and of twin B where there is one.
        test_error: likewise.
        curves: on the line between the twins.
        barriers: error barrier on the training and the test split.
        diverged_at: the step at which each diverged.
        spikes: of each; None where they were not counted.
    """

    pair: int
    train_error: tuple[float | None, ...]
    test_error: tuple[float | None, ...]
    curves: Curves | None
    barriers: tuple[float | None, float | None] | None
    diverged_at: tuple[int | None, ...]
    spikes: tuple[Spikes, ...] | None = None


class Level(Result):
    """Networks of one density, kind and rewinding point.

    Attributes:
        kind: what they are.
        density: asked for; 1 where nothing is pruned.
        rewind: the step from whose weights they started; None for pruned networks, which were not retrained.
        nonzero: prunable weights that are not 0, exactly, in each repeat.
        prunable: weights that may be pruned.
        layers: of the first repeat, each prunable tensor in the network's order.
        cut_off: names of tensors that have no weight left, in any repeat.
        first_layer: of the first repeat, weights kept at each place of the image (or of the patch), summed over channels and units.
        train_accuracy: spread over repeats of the mean of the twins.
        test_accuracy: likewise.
        train: barriers between the twins; None where no twins were trained.
        test: likewise.
        connected: whether the mean test error barrier is below the threshold; None without twins.
        diverged_pairs: repeats of which a network diverged.
        pairs: the repeats.
    """

    kind: LevelKind
    density: float
    rewind: int | None
    nonzero: tuple[int, ...]
    prunable: int
    layers: list[LayerDensity]
    cut_off: list[str]
    first_layer: list[list[int]]
    train_accuracy: Spread
    test_accuracy: Spread
    train: BarriersOfLevel | None
    test: BarriersOfLevel | None
    connected: bool | None
    diverged_pairs: int
    pairs: list[PairOfLevel]


class PruneResult(Result):
    """The whole result of a pruning run, as written to result.json.

    Attributes:
        parameters: of one network.
        prunable: those that may be pruned.
        alphas: of the curves.
        levels: in the order in which they were measured.
        timing: of the whole run.
        environment: where it was made.
    """

    parameters: int
    prunable: int
    alphas: list[float]
    levels: list[Level]
    timing: Timing
    environment: Environment

    @property
    def stopped_at_spike(self) -> bool:
        """Whether a training may have been stopped by the earlier rule, at a loss above 10,000 nats."""
        pairs = [pair for level in self.levels for pair in level.pairs]
        return any(pair.spikes is None and any(step is not None for step in pair.diverged_at) for pair in pairs)
