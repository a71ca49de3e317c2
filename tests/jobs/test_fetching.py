"""Who may have what fetched from the hub."""

from dataclasses import replace
from pathlib import Path

import pytest

from lmc_core.errors import LMCError
from lmc_core.jobs.engine import Engine
from lmc_core.settings import Fetching, Settings
from tests.jobs.conftest import settings_in


def test_visitors_have_some_models_fetched_the_owner_any_within_the_same_bounds(tmp_path: Path) -> None:
    engine = Engine(replace(settings_in(tmp_path), hub_models=("google/*",), hub_max_mb=3, hub_total_mb=7, hub_seconds=11))
    visitors = engine.fetching()
    assert (visitors.largest, visitors.in_all, visitors.seconds) == (3_000_000, 7_000_000, 11)
    assert visitors.patience is not None
    assert visitors.patience < 11
    assert visitors.refusal("google/vit") is None
    for stranger in (engine.fetching(), engine.fetching("guessed")):
        assert "LMC_HUB_MODELS" in (stranger.refusal("someone/vit") or "")
    owner = engine.fetching(engine.owner_token)
    assert owner.refusal("someone/vit") is None
    assert replace(owner, names=visitors.names) == visitors


def test_the_command_line_fetches_anything(tmp_path: Path) -> None:
    assert Engine(settings_in(tmp_path), serve=False).fetching() == Fetching()


def test_without_a_setting_some_models_may_be_fetched(tmp_path: Path) -> None:
    default = Engine(settings_in(tmp_path)).fetching()
    assert default.refusal("facebook/deit-tiny-patch16-224") is None
    assert default.refusal("someone/vit") is not None
    assert default.largest is not None
    assert default.in_all is not None
    assert default.seconds is not None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("google/vit-*, facebook/deit-tiny", ("google/vit-*", "facebook/deit-tiny")),
        ("*", ("*",)),
        ("none", ()),
        ("", Settings.hub_models),
    ],
)
def test_the_models_are_a_setting(text: str, names: tuple[str, ...]) -> None:
    assert Settings.from_environment({"LMC_HUB_MODELS": text}).fetching.names == names


@pytest.mark.parametrize("text", ["a b", "google/vit[12]", "/etc", "a/b/c", "?"])
def test_a_setting_that_names_no_models_is_told(text: str) -> None:
    with pytest.raises(LMCError, match="LMC_HUB_MODELS holds"):
        Settings.from_environment({"LMC_HUB_MODELS": text})
