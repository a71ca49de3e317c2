"""Twins of small vision transformers from their first step to their barrier."""

from importlib.metadata import version

import pytest
import torch

from lmc_core.data.load import load
from lmc_core.errors import Stopped
from lmc_core.experiment import TwinsSpec
from lmc_core.models.stacked import onednn
from lmc_core.training.networks import build
from tests.small_data import small_dataset
from tests.training.runs import result_of, small_spec, train

TINY = {"name": "vit", "side": 8, "patch": 2, "width": 24, "layers": 2, "heads": 3, "mlp": 48}
RESIZED = {"name": "vit", "side": 16, "patch": 4, "width": 12, "layers": 2, "heads": 3, "mlp": 16, "mean": [0.5] * 3, "std": [0.5] * 3}


def test_twins_on_digits_learn_and_are_measured_on_their_line(tmp_path):
    data = load("digits", tmp_path)
    spec = TwinsSpec.model_validate(
        {
            "train_samples": 600,
            "architecture": TINY,
            "optimizer": {"name": "adamw", "lr": 0.003},
            "batch_size": 30,
            "epochs": 14,
            "measurement": {"alphas": 5, "every": 0},
            "device": "cpu",
        }
    )
    events, trained = train(spec, data)
    pair = result_of(events).pairs[0]
    assert max(pair.curves.test.error[0], pair.curves.test.error[-1]) < 0.6
    assert pair.barriers.test.error > 0.02
    net = build(spec)
    net.load_state_dict(trained.weights["pair0.b"])
    with torch.no_grad():
        logits = net((data.test_images / 255 - torch.tensor(data.mean)) / torch.tensor(data.std))
    wrong = int((logits.argmax(1) != data.test_labels).sum())
    assert pair.curves.test.error[-1] * len(logits) == pytest.approx(wrong, abs=1.01)


@pytest.mark.parametrize("augmentation", ["none", "crop_flip_jitter"])
def test_images_in_colour_are_resized_and_normalised_as_the_network_wants_them(augmentation):
    spec = small_spec(RESIZED, "adamw", dataset="cifar10", augmentation=augmentation, epochs=2)
    events, trained = train(spec, small_dataset("cifar10"))
    result = result_of(events)
    assert result.environment.dataset["mean"] == [0.5] * 3
    assert result.pairs[0].distances.twins.l2 > 0
    assert trained.weights["pair0.a"]["vit.embeddings.patch_embeddings.projection.weight"].shape == (12, 3, 4, 4)


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_a_run_says_which_attention_computed_it(attention):
    spec = small_spec(TINY | {"attention": attention}, epochs=1)
    events, _ = train(spec)
    assert events[0].engine.endswith(f"{attention} attention")


@pytest.mark.parametrize(("by_onednn", "library"), [(True, "float32 products by oneDNN and "), (False, "float32 products by ")])
def test_a_run_says_whose_products_it_took_and_which_transformers(by_onednn, library, monkeypatch):
    monkeypatch.setattr(onednn, "suits_the_processor", lambda: by_onednn)
    events, _ = train(small_spec(TINY, epochs=1))
    assert library in events[0].engine
    assert ("oneDNN" in events[0].engine) is by_onednn
    assert result_of(events).environment.versions["transformers"] == version("transformers")


def test_a_run_in_parts_has_its_bits_again_after_a_stop_and_on_any_number_of_threads(tmp_path):
    spec, stops = small_spec(TINY, "adamw", accumulation=3, epochs=2), iter([False, True])
    _, whole = train(spec, threads=2)
    with pytest.raises(Stopped):
        train(spec, checkpoint=tmp_path, threads=1, should_stop=lambda: next(stops))
    _, resumed = train(spec, checkpoint=tmp_path, threads=1)
    for name, weights in whole.weights.items():
        assert all(torch.equal(weight, resumed.weights[name][key]) for key, weight in weights.items()), name


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_precision_of_measuring_is_apart_from_that_of_training(precision):
    events, trained = zip(
        *(
            train(small_spec(TINY, "adamw", precision=precision, epochs=2, measurement={"alphas": 5, "every": 0, "precision": measured}))
            for measured in ("float32", "bfloat16")
        ),
        strict=True,
    )
    for name, weight in trained[0].weights["pair0.b"].items():
        assert torch.equal(weight, trained[1].weights["pair0.b"][name])
    exact, rounded = (result_of(of_run).pairs[0].curves.test.loss for of_run in events)
    assert exact != rounded
    assert rounded == pytest.approx(exact, rel=0.02)


def test_in_bfloat16_twins_train_to_finite_weights_in_float32():
    _, trained = train(small_spec(TINY, "adamw", precision="bfloat16", epochs=2))
    assert all(weight.dtype == torch.float32 and weight.isfinite().all() for weight in trained.weights["pair0.a"].values())
