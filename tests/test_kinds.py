"""What has to hold for every kind of run, also for the next one."""

import importlib
import inspect

import pytest

from lmc_core.command_line import COMMANDS
from lmc_core.command_line.reports import REPORTS
from lmc_core.experiment import SPECS
from lmc_core.plan import members_of_phase, network_steps, phases, total_steps
from lmc_core.runs.kinds import KINDS, Kind
from lmc_core.studies.pruning_presets import PRUNING_PRESETS


def test_every_spec_has_a_kind_a_report_and_a_command_of_its_name() -> None:
    assert set(KINDS) == set(SPECS) == set(REPORTS)
    assert set(KINDS) <= {command.__name__.rpartition(".")[2] for command in COMMANDS}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_names_a_generator_that_trains_it(kind: Kind) -> None:
    module, _, function = kind.trainer.partition(":")
    trainer = getattr(importlib.import_module(module), function)
    assert inspect.isgeneratorfunction(trainer)
    assert {"should_stop", "checkpoints" if kind.in_crews else "checkpoint"} <= set(inspect.signature(trainer).parameters)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_s_progress_begins_empty_with_all_its_tables(kind: Kind) -> None:
    progress = kind.progress()
    assert (progress.step, progress.result, progress.fraction) == (0, None, 0.0)
    assert all(getattr(progress, name).empty for name in progress.tables)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_effort_of_a_run_grows_with_its_steps(kind: Kind) -> None:
    efforts = [kind.effort(kind.spec(), step) for step in range(0, kind.spec().total_steps, 50)]
    assert efforts[0] == 0
    assert efforts == sorted(set(efforts))


@pytest.mark.parametrize("preset", PRUNING_PRESETS.values(), ids=PRUNING_PRESETS)
def test_the_effort_of_a_whole_pruning_run_is_each_network_s_steps(preset) -> None:
    spec = preset.spec
    whole = sum((spec.total_steps - phase.begins) * members_of_phase(spec, phase) for phase in phases(spec))
    assert network_steps(spec, total_steps(spec)) == whole
