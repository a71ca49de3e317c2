"""The run that a page shows before its visitor has asked for one."""

from collections.abc import Container, Iterable

from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec
from lmc_core.studies.presets import PRESETS
from lmc_core.studies.pruning_presets import PRUNING_PRESETS
from lmc_core.ui.engine import engine

QUESTIONS = ("tickets_mnist", "tickets")
"""The presets that ask the open question, the one that answers it best first."""


def example(spec: TwinsSpec) -> str | None:
    """The run of these settings where it is there, else of the default ones, else of the newest preset's run that ships with the app.

    Cells of sweeps ship too, but they were measured at their end only and make a poor first look.
    """
    return _first([spec.run_id, TwinsSpec().run_id]) or _shipped({preset.spec.run_id for preset in PRESETS.values()})


def pruning_example(spec: PruneSpec) -> str | None:
    """The run of these settings where it is there, else of the open question, else of the newest pruning preset that ships with the app."""
    runs = {name: preset.spec.run_id for name, preset in PRUNING_PRESETS.items()}
    return _first([spec.run_id, *(runs[name] for name in QUESTIONS if name in runs)]) or _shipped(set(runs.values()))


def is_finished(spec: AnySpec) -> bool:
    """Whether the run of these settings is there."""
    return _first([spec.run_id]) is not None


def _first(run_ids: Iterable[str]) -> str | None:
    return next((run_id for run_id in run_ids if engine().store.find(run_id) is not None), None)


def _shipped(run_ids: Container[str]) -> str | None:
    return next((summary.run_id for summary in engine().store.list() if summary.shipped and summary.run_id in run_ids), None)
