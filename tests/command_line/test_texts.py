"""What the command line says where it was asked for what does not fit, and what it writes beside what was asked for."""

import json
from pathlib import Path

import pytest

from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.command_line import main
from lmc_core.data.subset import chosen_places
from lmc_core.errors import LMCError
from lmc_core.experiment import PruneSpec, TwinsSpec
from lmc_core.models.spec import MLP, ViT
from lmc_core.overrides import parse_spec
from lmc_core.pruning.spec import Magnitude
from lmc_core.training.networks import initialise


@pytest.mark.parametrize(
    ("words", "named"),
    [(["twins", "--bogus"], "--bogus"), (["nonsense"], "nonsense"), ([], "COMMAND"), (["describe", "--kind", "x"], "--kind")],
)
def test_what_no_command_takes_is_refused_in_one_sentence(words: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    told = capsys.readouterr()
    assert end.value.code == 2
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert told.err.startswith("lmc_core: ")
    assert named in told.err
    assert "--help` lists" in told.err


def test_a_result_is_not_taken_for_a_spec() -> None:
    with pytest.raises(LMCError, match=r"This is a run's result, not its settings; take the file spec\.json"):
        parse_spec({"parameters": 3, "timing": {}, "environment": {}, "pairs": []})


def test_settings_of_a_ramp_that_is_not_there_are_told() -> None:
    assert Magnitude(initial_epochs=1, interval=5).without_effect == ("initial_epochs", "interval")
    assert Magnitude(schedule="gradual", initial_epochs=1).without_effect == ()
    assert PruneSpec().pruning.without_effect == ()


def test_the_images_of_a_run_can_be_named() -> None:
    places = chosen_places("digits", 100, 20)
    assert [len(places["train"]), len(places["test"])] == [100, 20]
    assert places["train"] == sorted(set(places["train"]))
    assert set(places["train"]) < set(chosen_places("digits", 200, None)["train"])
    assert chosen_places("digits", None, None) == {}
    assert json.dumps(places)


@pytest.mark.parametrize("architecture", [MLP(width=4), ViT(side=16, patch=8, width=8, layers=1, heads=1, mlp=8)], ids=["mlp", "vit"])
def test_a_network_comes_with_a_card_that_says_what_it_is_and_how_to_load_it(architecture: MLP | ViT, tmp_path: Path) -> None:
    spec = TwinsSpec(architecture=architecture, epochs=3)
    save_pretrained(spec, initialise(spec, 0), tmp_path)
    card = (tmp_path / "README.md").read_text()
    assert f"A network of run {spec.run_id}" in card
    assert "| `epochs` | `3` |" in card
    code = card.partition("```python\n")[2].partition("```")[0].replace("this/folder", str(tmp_path))
    network: dict[str, object] = {}
    exec(code, network)
    assert sum(weights.numel() for weights in network["network"].parameters()) > 0  # type: ignore[attr-defined]
