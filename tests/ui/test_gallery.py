"""The first run that a new visitor sees."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from lmc_core.experiment import PruneSpec, TwinsSpec
from lmc_core.runs.store import Store
from lmc_core.settings import REPOSITORY
from lmc_core.studies.presets import PRESETS
from lmc_core.studies.pruning_presets import PRUNING_PRESETS
from lmc_core.ui import gallery


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """What a new server has: the runs that ship."""
    shipped = Store(tmp_path, REPOSITORY / "cache" / "gallery")
    monkeypatch.setattr(gallery, "engine", lambda: SimpleNamespace(store=shipped))
    return shipped


@pytest.mark.parametrize("spec", [TwinsSpec(), *(preset.spec for preset in PRESETS.values() if preset.spec.dataset == "digits")])
def test_on_digits_the_first_picture_is_the_run_of_the_settings_measured_as_it_trained(store: Store, spec: TwinsSpec) -> None:
    assert gallery.example(spec) == spec.run_id
    run = store.find(spec.run_id)
    assert run is not None
    assert run.curves["epoch"].nunique() > 2


@pytest.mark.parametrize("spec", [PruneSpec(), *(preset.spec for preset in PRUNING_PRESETS.values() if preset.spec.dataset == "digits")])
def test_on_digits_the_first_pruning_picture_is_the_run_of_the_settings(spec: PruneSpec) -> None:
    assert gallery.pruning_example(spec) == spec.run_id


def test_settings_that_nobody_trained_show_another_run_as_an_example() -> None:
    assert gallery.example(TwinsSpec(epochs=7)) == TwinsSpec().run_id
    assert gallery.pruning_example(PruneSpec(epochs=7)) == PRUNING_PRESETS["tickets_mnist"].spec.run_id
