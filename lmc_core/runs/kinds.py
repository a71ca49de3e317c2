"""The kinds of runs: what each is asked for, tells and leaves, and who trains it. A further kind is a further entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec
from lmc_core.plan import network_steps
from lmc_core.runs.completeness import gap_of_pruning, gap_of_twins
from lmc_core.runs.progress import Progress
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.runs.pruning_results import PruneResult
from lmc_core.runs.results import RunResult

AnyResult = RunResult | PruneResult
"""The result of any kind of run."""
AnyProgress = Progress | PruningProgress
"""The progress of any kind of run."""


@dataclass(frozen=True)
class Kind:
    """A kind of runs."""

    spec: type[AnySpec]
    result: type[AnyResult]
    progress: type[AnyProgress]
    """It names the tables that are kept beside the result."""
    trainer: str
    """Dotted name, as in `package.module:function`, of the generator that trains; named, since it stands on torch and this does not."""
    in_crews: bool
    """Whether the trainer takes several runs and trains them as one program; otherwise it takes one."""
    effort: Callable[[Any, int], float]
    """What the steps of a spec's run up to one of them take, in any unit: some train more networks than others."""
    gap: Callable[[Any, Any], str | None]
    """What is missing in the progress of a spec's run that has ended, in a few words; None where nothing is."""

    @property
    def name(self) -> str:
        """What specs say they are, and the subcommand that runs them."""
        return str(self.spec.model_fields["kind"].default)


TWINS = Kind(
    TwinsSpec,
    RunResult,
    Progress,
    "lmc_core.training.crew:train_crew",
    in_crews=True,
    effort=lambda _spec, step: step,
    gap=gap_of_twins,
)
PRUNE = Kind(
    PruneSpec,
    PruneResult,
    PruningProgress,
    "lmc_core.training.pruning_run:train_pruning",
    in_crews=False,
    effort=network_steps,
    gap=gap_of_pruning,
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (TWINS, PRUNE)}
"""All kinds by name."""


def kind_of(spec: AnySpec) -> Kind:
    """The kind of a spec."""
    return KINDS[spec.kind]


def finished_progress(spec: AnySpec, result: AnyResult, tables: Mapping[str, pd.DataFrame]) -> AnyProgress:
    """The progress that a run ended with, from what was kept of it."""
    finished: Callable[..., AnyProgress] = kind_of(spec).progress.finished
    return finished(result, **tables)
