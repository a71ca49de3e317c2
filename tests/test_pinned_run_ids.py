"""Run ids stay what they were: by them caches, links and results that ship are found."""

import json
from pathlib import Path

import pytest

from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec
from lmc_core.overrides import with_overrides

MODELS: dict[str, type[AnySpec]] = {"twins": TwinsSpec, "prune": PruneSpec}
PINNED = json.loads(Path(__file__).with_name("pinned_run_ids.json").read_text())
EACH = [pytest.param(kind, pin["settings"], pin["run_id"], id=pin["run_id"]) for kind, pins in PINNED.items() for pin in pins]


@pytest.mark.parametrize(("kind", "settings", "run_id"), EACH)
def test_settings_have_the_run_id_that_they_had(kind: str, settings: dict[str, str], run_id: str) -> None:
    assert with_overrides(settings, model=MODELS[kind]).run_id == run_id


def test_twenty_experiments_of_each_kind_are_pinned() -> None:
    assert {kind: len({pin["run_id"] for pin in pins}) for kind, pins in PINNED.items()} == dict.fromkeys(MODELS, 20)
