"""Networks that begin with a checkpoint's weights, and the checkpoints that this program writes."""

import json
import pickle
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor, ViTModel

from lmc_core.checkpoints.layout import stored_tensors
from lmc_core.checkpoints.resolve import resolve, with_start
from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.data.class_names import class_names
from lmc_core.data.normalisation import CHANNEL_STATISTICS
from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.models.spec import CNN, MLP, ArchitectureSpec, Attention, LinearNet, LocallyConnected, Start, ViT
from lmc_core.training.networks import build, initialise, stacked
from tests.checkpoints.made_up import save_tiny_vit, tiny_vit

SMALL: dict[str, ArchitectureSpec] = {
    "linear": LinearNet(depth=2, width=5),
    "mlp": MLP(depth=3, width=8, slope=0.1),
    "cnn": CNN(filters=4, kernel=4),
    "lc_cnn": LocallyConnected(filters=4, kernel=4),
    "attention": Attention(patch=4, heads=2, head_dim=4),
    "vit": ViT(side=8, patch=4, width=8, layers=2, heads=2, mlp=12, resample="lanczos"),
}
CLASSIFIERS = {"linear": "layers.1.", "mlp": "layers.2."}


def from_folder(folder: Path, **fields: object) -> TwinsSpec:
    """A spec on CIFAR-10 that begins with a folder's weights."""
    found = resolve(str(folder), folder, anywhere=True)
    return TwinsSpec.model_validate({"dataset": "cifar10", "architecture": found.architecture, "start": found.start} | fields)


def pixels(side: int) -> Tensor:
    return torch.randn(3, 3, side, side, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("dataset", ["mnist", "cifar10"])
def test_the_layout_names_every_tensor_but_the_classifier_s(name: str, dataset: str) -> None:
    spec = TwinsSpec.model_validate({"dataset": dataset, "architecture": SMALL[name]})
    shapes = {parameter: tuple(tensor.shape) for parameter, tensor in build(spec).state_dict().items()}
    data, classifier = CATALOG[spec.dataset], CLASSIFIERS.get(name, "classifier.")
    stored = {tensor.name: tensor.shape for tensor in stored_tensors(spec.architecture, data.channels, data.side)}
    assert stored == {parameter: shape for parameter, shape in shapes.items() if not parameter.startswith(classifier)}


def test_a_vit_begins_with_the_weights_that_transformers_loads(tmp_path: Path) -> None:
    folder = save_tiny_vit(tmp_path / "vit")
    weights = initialise(from_folder(folder), 0)
    theirs = ViTForImageClassification.from_pretrained(folder).state_dict()
    assert weights.keys() == theirs.keys()
    assert all(torch.equal(weights[name], theirs[name]) for name in theirs if not name.startswith("classifier"))


def test_a_vit_without_classifier_begins_so_too(tmp_path: Path) -> None:
    folder = save_tiny_vit(tmp_path / "vit")
    whole = initialise(from_folder(folder), 0)
    ViTModel.from_pretrained(folder).save_pretrained(folder)
    base = initialise(from_folder(folder), 0)
    assert all(torch.equal(base[name], whole[name]) for name in whole)


def test_the_classifier_is_the_one_that_a_network_without_checkpoint_draws(tmp_path: Path) -> None:
    spec = from_folder(save_tiny_vit(tmp_path / "vit"))
    for pair in range(2):
        weights, random = initialise(spec, pair), initialise(spec.model_copy(update={"start": Start()}), pair)
        assert weights["classifier.weight"].shape == (10, 8)
        assert torch.equal(weights["classifier.weight"], random["classifier.weight"])
    assert not torch.equal(initialise(spec, 0)["classifier.weight"], initialise(spec, 1)["classifier.weight"])


def test_a_redrawn_initialisation_has_nothing_of_the_checkpoint(tmp_path: Path) -> None:
    spec = from_folder(save_tiny_vit(tmp_path / "vit"))
    without = spec.model_copy(update={"start": Start()})
    redrawn, expected = initialise(spec, 0, "redrawn"), initialise(without, 0, "redrawn")
    assert all(torch.equal(redrawn[name], expected[name]) for name in expected)


@pytest.mark.parametrize("side", [4, 12, 20])
def test_at_another_side_positions_are_interpolated_as_transformers_does(tmp_path: Path, side: int) -> None:
    folder = save_tiny_vit(tmp_path / "vit", num_labels=10)
    spec = from_folder(folder)
    spec = spec.model_copy(update={"architecture": spec.architecture.model_copy(update={"side": side})})
    network, theirs = build(spec).eval(), ViTForImageClassification.from_pretrained(folder).eval()
    classifier = {f"classifier.{name}": weight for name, weight in theirs.classifier.state_dict().items()}
    network.load_state_dict(initialise(spec, 0) | classifier)
    with torch.no_grad():
        torch.testing.assert_close(network(pixels(side)), theirs(pixels(side), interpolate_pos_encoding=True).logits)


def test_weights_in_half_precision_are_taken_as_float32(tmp_path: Path) -> None:
    folder = save_tiny_vit(tmp_path / "vit")
    tiny_vit().to(torch.bfloat16).save_pretrained(folder)
    assert {weight.dtype for weight in initialise(from_folder(folder), 0).values()} == {torch.float32}


def test_weights_that_changed_since_do_not_train(tmp_path: Path) -> None:
    spec = from_folder(save_tiny_vit(tmp_path / "vit"))
    tiny_vit(num_labels=5).save_pretrained(tmp_path / "vit")
    with pytest.raises(LMCError, match="holds other weights"):
        initialise(spec, 0)


def test_the_real_vit_tiny_begins_with_the_weights_that_transformers_loads(real_data: Path) -> None:
    folder = real_data / "models" / "vit-tiny-patch16-224"
    weights, theirs = initialise(from_folder(folder), 0), ViTForImageClassification.from_pretrained(folder).state_dict()
    assert all(torch.equal(weights[name], theirs[name]) for name in theirs if not name.startswith("classifier"))


@pytest.mark.parametrize("name", [name for name in SMALL if name != "vit"])
def test_what_the_app_saved_is_loaded_by_the_network_s_own_class(tmp_path: Path, name: str) -> None:
    spec = TwinsSpec(dataset="mnist", architecture=SMALL[name])
    network, weights = build(spec), initialise(spec, 0)
    save_pretrained(spec, weights, tmp_path)
    network.load_state_dict(weights)
    images = torch.randn(2, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    assert torch.equal(type(network).from_pretrained(tmp_path)(images), network(images))


def test_what_the_app_saved_of_a_vit_is_loaded_by_plain_transformers(tmp_path: Path) -> None:
    spec = TwinsSpec(dataset="cifar10", architecture=SMALL["vit"])
    network, weights = build(spec).eval(), initialise(spec, 0)
    save_pretrained(spec, weights, tmp_path)
    network.load_state_dict(weights)
    plain, loading = ViTForImageClassification.from_pretrained(tmp_path, attn_implementation="eager", output_loading_info=True)
    assert not loading["missing_keys"] | loading["unexpected_keys"] | loading["mismatched_keys"]
    assert json.loads((tmp_path / "config.json").read_text())["architectures"] == ["ViTForImageClassification"]
    with torch.no_grad():
        assert torch.equal(plain.eval()(pixels(8)).logits, network(pixels(8)))
    processor = ViTImageProcessor.from_pretrained(tmp_path)
    assert (tuple(processor.image_mean), tuple(processor.image_std)) == CHANNEL_STATISTICS["cifar10"]
    assert (processor.size["height"], processor.resample) == (8, 1)


def test_the_image_processor_that_the_app_saved_cuts_out_the_same_middle(tmp_path: Path) -> None:
    spec = TwinsSpec(dataset="cifar10", architecture=SMALL["vit"].model_copy(update={"crop": 0.8}))
    save_pretrained(spec, initialise(spec, 0), tmp_path)
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    seen = ViTImageProcessor.from_pretrained(tmp_path)(list(images), return_tensors="pt")["pixel_values"]
    torch.testing.assert_close(stacked(spec).preprocessing(images, 32, CHANNEL_STATISTICS["cifar10"]), seen, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", SMALL)
def test_another_run_begins_with_what_the_app_saved(tmp_path: Path, name: str) -> None:
    spec = TwinsSpec(dataset="mnist", architecture=SMALL[name])
    trained = initialise(spec.model_copy(update={"seeds": spec.seeds.model_copy(update={"init": 9})}), 0)
    save_pretrained(spec, trained, tmp_path)
    later = with_start(
        spec.model_copy(update={"dataset": "fashion_mnist", "start": Start(checkpoint=str(tmp_path))}), tmp_path, anywhere=True
    )
    weights, classifier = initialise(later, 0), CLASSIFIERS.get(name, "classifier.")
    assert all(
        torch.equal(weights[key], trained[key]) != key.startswith(f"{classifier}weight") for key in weights if key.endswith("weight")
    )


@pytest.mark.parametrize(
    ("name", "dataset", "words"),
    [
        ("mlp", "digits", "28 pixels wide, and those of digits are 8"),
        ("lc_cnn", "digits", "28 pixels wide, and those of digits are 8"),
        ("cnn", "cifar10", "1-channel images, and cifar10 has 3-channel ones"),
        ("vit", "cifar10", "1-channel images, and the settings give it 3-channel ones"),
    ],
)
def test_images_that_the_saved_network_cannot_take_are_told(tmp_path: Path, name: str, dataset: str, words: str) -> None:
    spec = TwinsSpec(dataset="mnist", architecture=SMALL[name])
    save_pretrained(spec, initialise(spec, 0), tmp_path)
    with pytest.raises(LMCError, match=words):
        with_start(
            TwinsSpec.model_validate({"dataset": dataset, "architecture": SMALL[name], "start": {"checkpoint": str(tmp_path)}}),
            tmp_path,
            anywhere=True,
        )


def test_a_cnn_fits_images_of_every_size(tmp_path: Path) -> None:
    spec = TwinsSpec(dataset="mnist", architecture=SMALL["cnn"])
    save_pretrained(spec, initialise(spec, 0), tmp_path)
    smaller = with_start(spec.model_copy(update={"dataset": "digits", "start": Start(checkpoint=str(tmp_path))}), tmp_path, anywhere=True)
    build(smaller).load_state_dict(initialise(smaller, 0))


def test_logistic_regression_has_nothing_to_begin_with(tmp_path: Path) -> None:
    spec = TwinsSpec(architecture=LinearNet())
    save_pretrained(spec, initialise(spec, 0), tmp_path)
    with pytest.raises(LMCError, match="has only a classifier layer"):
        with_start(spec.model_copy(update={"start": Start(checkpoint=str(tmp_path))}), tmp_path, anywhere=True)


def test_saving_draws_nothing_from_the_global_generator(tmp_path: Path) -> None:
    before = torch.random.get_rng_state()
    for name in ("mlp", "vit"):
        spec = TwinsSpec(architecture=SMALL[name])
        save_pretrained(spec, initialise(spec, 0), tmp_path / name)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_transformers_configuration_of_a_saved_vit_is_that_of_the_original(tmp_path: Path) -> None:
    folder = save_tiny_vit(tmp_path / "theirs", num_labels=10, layer_norm_eps=1e-6)
    spec = from_folder(folder)
    save_pretrained(spec, initialise(spec, 0), tmp_path / "ours")
    ours, theirs = (ViTConfig.from_pretrained(tmp_path / name).to_dict() for name in ("ours", "theirs"))
    assert {key: ours[key] for key in theirs} == theirs


@pytest.mark.parametrize("dataset", ["cifar10", "cifar100", "fashion_mnist", "digits"])
def test_a_saved_vit_names_its_classes(tmp_path: Path, dataset: str) -> None:
    spec = TwinsSpec.model_validate({"dataset": dataset, "architecture": SMALL["vit"]})
    names = class_names(spec.dataset, tmp_path)
    save_pretrained(spec, initialise(spec, 0), tmp_path, names)
    config = ViTForImageClassification.from_pretrained(tmp_path).config
    assert names is not None
    assert len(set(names)) == CATALOG[spec.dataset].classes
    assert config.id2label == dict(enumerate(names))
    assert config.label2id == {name: label for label, name in enumerate(names)}


def test_the_classes_of_tiny_imagenet_are_named_by_its_own_files(tmp_path: Path) -> None:
    assert class_names("tiny_imagenet", tmp_path) is None
    (tmp_path / "tiny-imagenet-200").mkdir()
    (tmp_path / "tiny-imagenet-200" / "wnids.txt").write_text("n02\nn01\nn03\n")
    (tmp_path / "tiny-imagenet-200" / "words.txt").write_text("n01\tgoldfish, Carassius auratus\nn02\tfire salamander\n")
    assert class_names("tiny_imagenet", tmp_path) == ("fire salamander", "goldfish, Carassius auratus", "n03")


@pytest.mark.real_data
@pytest.mark.parametrize(("dataset", "file", "key"), [("cifar10", "cifar-10-batches-py/batches.meta", "label_names")])
def test_names_of_classes_are_those_of_the_data_s_own_files(real_data: Path, dataset, file: str, key: str) -> None:
    assert class_names(dataset, real_data) == tuple(pickle.loads((real_data / file).read_bytes())[key])
