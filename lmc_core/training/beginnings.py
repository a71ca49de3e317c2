"""What the members of several runs begin with, made once for all that begin alike."""

from collections.abc import Sequence

from torch import Tensor

from lmc_core.experiment import TwinsSpec
from lmc_core.models.cores import Cores
from lmc_core.models.spec import Start
from lmc_core.network_keys import Life, Twin, life_of
from lmc_core.training.cohort import Cohort
from lmc_core.training.execution import Task
from lmc_core.training.holding import Holding, Place
from lmc_core.training.member import member_of
from lmc_core.training.networks import initialise


class Beginnings:
    """Initialisations and members before their first step.

    Args:
        task: what the members have in common.
        cores: where they train.
    """

    def __init__(self, task: Task, cores: Cores) -> None:
        self._task = task
        self._cores = cores
        self._inits: dict[tuple[Start, int, int], Tensor] = {}
        self._places: dict[Life, Place] = {}

    def init(self, spec: TwinsSpec, pair: int) -> Tensor:
        """The row [P] that a pair starts from."""
        key = spec.start, spec.seeds.init, pair
        if key not in self._inits:
            self._inits[key] = self._task.net.layout.pack(initialise(spec, pair)).to(self._cores.device)
        return self._inits[key]

    def holding(self, spec: TwinsSpec, twins: Sequence[Twin]) -> Holding:
        """These twins of all pairs before their first step, in the rows of equal members that were asked for earlier."""
        members = [member_of(spec, pair, twin) for twin in twins for pair in range(spec.repeats)]
        lives = [life_of(spec, member.pair, member.twin) for member in members]
        new = [(member, life) for member, life in zip(members, lives, strict=True) if life not in self._places]
        if new:
            rows = [self.init(spec, member.pair) for member, _ in new]
            cohort = Cohort.begin([member for member, _ in new], rows, self._task.optimizer)
            self._places |= {life: (cohort, row) for row, (_, life) in enumerate(new)}
        return Holding(tuple(members), tuple(lives), tuple(self._places[life] for life in lives))

    def forget(self) -> None:
        """Let go of what was handed out, so that it does not take memory while the members train."""
        self._inits.clear()
        self._places.clear()
