"""A cache that an earlier version of the program wrote (commit db20c53) is answered from, and nothing in it is trained again.

It holds twins and a pruning run with their weights, and twins without, as they shipped then.
"""

import json
import zipfile
from pathlib import Path

import pytest

from lmc_core.command_line import main
from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec
from lmc_core.overrides import with_overrides
from lmc_core.runs.store import Store

SMALL = {"epochs": "2", "architecture.width": "8", "train_samples": "200", "measurement.alphas": "5"}
TWINS = ("twins", TwinsSpec, SMALL | {"repeats": "2"}, 6)
PRUNED = ("prune", PruneSpec, SMALL | {"pruning.densities": "0.5,0.1"}, 20)
SHIPPED = ("twins", TwinsSpec, {"repeats": "3"}, 0)
EACH = [pytest.param(*each, id=f"{each[0]} with {each[3]} networks") for each in (TWINS, PRUNED, SHIPPED)]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    with zipfile.ZipFile(Path(__file__).with_name("cache_of_an_earlier_version.zip")) as archive:
        archive.extractall(tmp_path / "cache")
    return tmp_path / "cache"


@pytest.mark.parametrize(("command", "model", "settings", "networks"), EACH)
def test_a_run_is_found_with_its_tables_and_its_weights(
    cache: Path, command: str, model: type[AnySpec], settings: dict[str, str], networks: int
) -> None:
    store = Store(cache)
    spec = with_overrides(settings, model=model)
    run = store.find(spec.run_id)
    assert run is not None, store.take_damage()
    assert (run.spec, run.spec.kind) == (spec, command)
    assert run.history["epoch"].max() == spec.epochs
    assert len(run.weights) == networks
    assert all(store.weights(run.run_id, network) for network in run.weights)


@pytest.mark.parametrize(("command", "model", "settings", "networks"), EACH)
def test_the_command_line_answers_from_it(
    cache: Path,
    command: str,
    model: type[AnySpec],
    settings: dict[str, str],
    networks: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LMC_CACHE_DIR", str(cache))
    monkeypatch.setenv("LMC_DATA_DIR", str(cache / "data"))
    assert main([command, "--json", "--set", *(f"{path}={text}" for path, text in settings.items())]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["cached"], told["run_id"]) == (True, with_overrides(settings, model=model).run_id)
