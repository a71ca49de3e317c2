"""Networks that a run keeps on the way: folders that other runs begin with, written by the worker."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import ViTForImageClassification

from lmc_core.checkpoints.kept import checkpoint_name, missing
from lmc_core.checkpoints.loading import started
from lmc_core.checkpoints.resolve import resolve, with_start
from lmc_core.connectivity.spec import Measurement
from lmc_core.errors import LMCError
from lmc_core.experiment import Spawn, TwinsSpec
from lmc_core.jobs.engine import Engine
from lmc_core.models.spec import CNN, MLP, ArchitectureSpec, LinearNet, Start, ViT
from lmc_core.optim.spec import SGD
from lmc_core.settings import Settings
from lmc_core.training.networks import build
from tests.jobs.conftest import settings_in

EPOCHS = 3
NETWORKS: dict[str, ArchitectureSpec] = {
    "mlp": MLP(width=8),
    "cnn": CNN(filters=4, kernel=4),
    "vit": ViT(side=8, patch=4, width=8, layers=1, heads=2, mlp=12),
}


def pretraining(architecture: ArchitectureSpec, **rest: object) -> TwinsSpec:
    """One network, kept before and after training and once in between."""
    shared: dict[str, object] = {"epochs": EPOCHS, "batch_size": 256, "spawn": Spawn(at=EPOCHS), "keep": (0, 1, EPOCHS)}
    return TwinsSpec.model_validate(
        shared | {"train_samples": 700, "architecture": architecture, "measurement": Measurement(alphas=3, every=0)} | rest
    )


def fine_tuning(spec: TwinsSpec, name: str, settings: Settings) -> TwinsSpec:
    """Twins that begin with a checkpoint."""
    later = {"keep": (), "spawn": Spawn(), "epochs": 1, "start": Start(checkpoint=name)}
    return with_start(spec.model_copy(update=later), settings.data_dir)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_in(tmp_path_factory.mktemp("keeping"))


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    with Engine(settings) as engine:
        yield engine


def done(engine: Engine, spec: TwinsSpec) -> TwinsSpec:
    ended = engine.wait(engine.submit(spec, "me"), 120)
    assert (ended.state, ended.error) == ("done", None)
    return spec


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", NETWORKS)
def test_twins_begin_with_what_a_finished_run_has_kept(name: str, engine: Engine, settings: Settings) -> None:
    spec = done(engine, pretraining(NETWORKS[name]))
    last: dict[str, np.ndarray] = {}
    for epoch in spec.keep:
        kept = engine.store.weights(spec.run_id, f"pair0.a.epoch{epoch}")
        later = done(engine, fine_tuning(spec, f"{spec.run_id}/epoch-{epoch}", settings))
        begun = engine.store.weights(later.run_id, "pair0.init")
        classifier = {"mlp": "layers.1."}.get(name, "classifier.")
        assert all(np.array_equal(begun[key], kept[key]) for key in kept if not key.startswith(classifier))
        assert np.array_equal(begun[f"{classifier}weight"], kept[f"{classifier}weight"]) is (epoch == 0)
        assert not last or not all(np.array_equal(last[key], kept[key]) for key in kept)
        last = kept
    ended, begun = (engine.store.weights(spec.run_id, network) for network in ("pair0.a", "pair0.init"))
    assert all(np.array_equal(last[key], ended[key]) for key in last)
    first = engine.store.weights(spec.run_id, "pair0.a.epoch0")
    assert all(np.array_equal(first[key], begun[key]) for key in first)


def test_plain_transformers_loads_a_kept_vision_transformer(engine: Engine, settings: Settings) -> None:
    spec = done(engine, pretraining(NETWORKS["vit"]))
    folder = settings.data_dir / "models" / spec.run_id / f"epoch-{EPOCHS}"
    plain, loading = ViTForImageClassification.from_pretrained(folder, attn_implementation="eager", output_loading_info=True)
    assert not loading["missing_keys"] | loading["unexpected_keys"] | loading["mismatched_keys"]
    ours = build(spec).eval()
    ours.load_state_dict({name: torch.from_numpy(array) for name, array in engine.store.weights(spec.run_id, "pair0.a").items()})
    images = torch.randn(5, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(plain.eval()(images).logits, ours(images))


def test_a_folder_that_was_deleted_is_written_again_with_the_same_bytes(engine: Engine, settings: Settings) -> None:
    spec = done(engine, pretraining(NETWORKS["cnn"]))
    folder, name = settings.data_dir / "models" / spec.run_id, f"{spec.run_id}/epoch-1"
    before, found = files(folder), resolve(name, settings.data_dir)
    created = engine.store.find(spec.run_id).created
    shutil.rmtree(folder / "epoch-1")
    (folder / "epoch-3" / "model.safetensors").unlink()
    with pytest.raises(LMCError, match=f"There is no {name} .* start that run again to have it written"):
        resolve(name, settings.data_dir)
    done(engine, spec)
    assert files(folder) == before
    assert resolve(name, settings.data_dir) == found
    shutil.rmtree(folder)
    assert engine.wait_all(engine.submit_all([spec, pretraining(NETWORKS["cnn"], keep=())], "me"), 60)[spec.run_id].state == "done"
    assert files(folder) == before
    assert engine.store.find(spec.run_id).created == created


def test_what_is_there_is_not_written_again_and_what_a_killed_worker_left_half_written_goes(engine: Engine, settings: Settings) -> None:
    spec = done(engine, pretraining(NETWORKS["cnn"]))
    folder = settings.data_dir / "models" / spec.run_id
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    shutil.rmtree(folder / "epoch-1")
    (folder / ".epoch-1.of-a-killed-worker.partial").mkdir()
    done(engine, spec)
    assert times.items() >= {path: path.stat().st_mtime_ns for path in (folder / "epoch-0").rglob("*")}.items()
    assert sorted(path.name for path in folder.iterdir()) == ["epoch-0", "epoch-1", "epoch-3"]


def test_every_pair_keeps_its_own_network(engine: Engine, settings: Settings) -> None:
    spec = done(engine, pretraining(NETWORKS["mlp"], repeats=2, keep=(2,)))
    one, other = (resolve(f"{spec.run_id}/{name}", settings.data_dir) for name in ("epoch-2", "pair1/epoch-2"))
    assert one.fingerprint != other.fingerprint


def test_a_network_that_diverged_is_none_to_begin_with(engine: Engine, settings: Settings) -> None:
    wild = pretraining(LinearNet(depth=3, width=8), optimizer=SGD(lr=90.0), batch_size=20)
    run = engine.wait(engine.submit(wild, "me"), 60).run
    assert run.result.pairs[0].diverged
    assert [name for name in run.weights if "epoch" in name] == ["pair0.a.epoch0"]
    assert missing(wild.run_id, run.weights, settings.data_dir) == []
    assert engine.submit(wild, "me") == wild.run_id
    assert engine.snapshot(wild.run_id).state == "done"


def test_a_run_that_is_deleted_takes_its_networks_with_it(engine: Engine, settings: Settings) -> None:
    spec = done(engine, pretraining(NETWORKS["mlp"], keep=(1,)))
    engine.delete(spec.run_id, engine.owner_token)
    assert not (settings.data_dir / "models" / spec.run_id).exists()


def test_weights_of_a_folder_are_those_of_the_run(engine: Engine, settings: Settings) -> None:
    spec = done(engine, pretraining(NETWORKS["vit"]))
    kept = {name: torch.from_numpy(array) for name, array in engine.store.weights(spec.run_id, "pair0.a.epoch1").items()}
    name = checkpoint_name(spec.run_id, "pair0.a.epoch1")
    folder = str(resolve(name, settings.data_dir).folder)
    loaded = started(spec.model_copy(update={"start": Start(checkpoint=folder)}), {key: torch.zeros_like(w) for key, w in kept.items()})
    assert all(torch.equal(loaded[key], kept[key]) for key in kept if not key.startswith("classifier."))
