"""The first run that a new visitor sees."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from lmc_core.presets import PRESETS
from lmc_core.settings import REPOSITORY
from lmc_core.store import Store
from lmc_core.ui import gallery


def test_before_anything_is_trained_a_run_stands_there_that_was_measured_as_it_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path, REPOSITORY / "cache" / "gallery")
    monkeypatch.setattr(gallery, "engine", lambda: SimpleNamespace(store=store))
    example = gallery.example()
    assert example in {preset.spec.run_id for preset in PRESETS.values()}
    run = store.find(example)
    assert run is not None
    assert run.curves["epoch"].nunique() > 2
