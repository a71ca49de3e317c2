"""The vision transformer of transformers, as this program trains it."""

import pytest
import torch
from torch.nn import functional as F
from transformers import ViTForImageClassification

from lmc_core.connectivity import evaluation
from lmc_core.connectivity.interpolation import BentLine, equidistant
from lmc_core.experiment import TwinsSpec
from lmc_core.models.cores import Cores
from lmc_core.models.stacked import Samples, Scratch, attended, onednn
from lmc_core.models.vit import configuration
from lmc_core.training.networks import build, initialise, stacked
from tests.small_data import small_dataset

CPU = torch.device("cpu")
SMALL = {"name": "vit", "side": 16, "patch": 4, "width": 12, "layers": 3, "heads": 3, "mlp": 20}


def spec_of(**architecture) -> TwinsSpec:
    return TwinsSpec.model_validate({"dataset": "cifar10", "architecture": {**SMALL, **architecture}})


def images_of(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, 3, 16, 16, generator=torch.Generator().manual_seed(1))


def test_weights_and_logits_are_those_of_transformers_own_model():
    spec = spec_of(norm_epsilon=1e-6)
    own = ViTForImageClassification(configuration(spec.architecture, 3, 10)).eval()
    weights = initialise(spec, 0)
    assert list(own.state_dict()) == list(weights)
    own.load_state_dict(weights)
    ours = build(spec)
    ours.load_state_dict(weights)
    assert torch.equal(ours(images_of(5)), own(pixel_values=images_of(5)).logits)
    assert own.config.layer_norm_eps == 1e-6


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("by_onednn", [False, True], ids=["torch's products", "oneDNN's products"])
@pytest.mark.parametrize("layers", [1, 3])
def test_gradients_and_logits_are_those_of_the_plain_module_up_to_rounding(attention, by_onednn, layers, monkeypatch):
    monkeypatch.setattr(onednn, "suits_the_processor", lambda: by_onednn)
    monkeypatch.setitem(attended.SCORES, "cpu", 2 * 3 * 17**2)  # two images at a time
    spec = spec_of(attention=attention, layers=layers)
    net, module, weights = stacked(spec), build(spec), initialise(spec, 0)
    shaken = torch.Generator().manual_seed(2)
    weights = {name: weight + 0.1 * torch.randn(weight.shape, generator=shaken) for name, weight in weights.items()}
    module.load_state_dict(weights)
    row, images, labels = net.layout.pack(weights)[None], images_of(1, 7), torch.arange(7)[None]
    gradients, losses, wrong = gradients_of(spec, row, images, labels)
    with torch.no_grad():
        measured = net.trunk(net.layout.views(row), images, 1.0, Scratch(CPU))
    logits = module(images[0])
    loss = F.cross_entropy(logits, labels[0])
    loss.backward()
    torch.testing.assert_close(measured[0], logits.detach(), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(losses[0], loss.detach())
    assert wrong[0] == (logits.argmax(1) != labels[0]).sum()
    for name, parameter in module.named_parameters():
        found = net.layout.views(gradients)[name][0]
        assert (found - parameter.grad).norm() <= 1e-5 * parameter.grad.norm() + 1e-7, name


def test_in_bfloat16_gradients_are_as_far_from_float32_as_those_of_the_plain_module_under_autocast():
    plain, half = spec_of(), spec_of().model_copy(update={"precision": "bfloat16"})
    module, weights = build(plain), initialise(plain, 0)
    module.load_state_dict(weights)
    batch = stacked(plain).layout.pack(weights)[None], images_of(1, 7), torch.arange(7)[None]
    exact, quick = (gradients_of(spec, *batch)[0][0] for spec in (plain, half))
    with torch.autocast("cpu", torch.bfloat16):
        logits = module(batch[1][0])
    F.cross_entropy(logits.float(), batch[2][0]).backward()
    under_autocast = stacked(plain).layout.pack({name: parameter.grad for name, parameter in module.named_parameters()})
    off, expected = (quick - exact).norm(), (under_autocast - exact)[exact != 0].norm()
    assert 0 < off < 1.5 * expected


@pytest.mark.parametrize("shape", [(5, 12), (3, 4, 12)], ids=str)
def test_linear_layers_by_onednn_are_torchs_up_to_rounding(shape, monkeypatch):
    monkeypatch.setattr(onednn, "suits_the_processor", lambda: True)
    source, found = torch.Generator().manual_seed(0), []
    layer = torch.nn.utils.skip_init(torch.nn.Linear, 12, 7)
    inputs, gradient = torch.randn(*shape, generator=source), torch.randn(*shape[:-1], 7, generator=source)
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter, generator=source)
    for compute in (lambda given: F.gelu(layer(given)), lambda given: onednn.gelu_of_linear(given, layer)):
        given = inputs.clone().requires_grad_()
        outputs = compute(given)
        found.append([outputs.detach(), *torch.autograd.grad(outputs, [given, *layer.parameters()], gradient)])
        with torch.no_grad():
            torch.testing.assert_close(compute(inputs), outputs.detach())
    for other, own in zip(*found, strict=True):
        torch.testing.assert_close(own, other)


@pytest.mark.parametrize(("text", "suits"), [("vendor_id : AuthenticAMD", True), ("vendor_id : GenuineIntel", False), (None, False)])
def test_the_maker_of_the_processor_decides_who_multiplies(text, suits, monkeypatch, tmp_path):
    if text:
        (tmp_path / "cpuinfo").write_text(text)
    monkeypatch.setattr(onednn, "CPUINFO", tmp_path / "cpuinfo")
    assert onednn.suits_the_processor.__wrapped__() is suits


def gradients_of(spec: TwinsSpec, row: torch.Tensor, images: torch.Tensor, labels: torch.Tensor):
    net, gradients = stacked(spec), torch.full_like(row, 7.0)
    with torch.no_grad():
        losses, wrong = net.gradients(net.layout.views(row), net.layout.views(gradients), images, labels, 1.0, Scratch(CPU))
    return gradients, losses, wrong


@pytest.mark.parametrize("images", [12, 10, 3], ids=lambda count: f"{count} images")
@pytest.mark.parametrize("parts", [2, 5, 12])
def test_a_batch_in_parts_has_the_gradient_of_the_whole_batch_up_to_rounding(parts, images):
    whole, in_parts = (spec_of().model_copy(update={"batch_size": 12, "accumulation": count}) for count in (1, parts))
    rows = torch.stack([stacked(whole).layout.pack(initialise(whole, pair)) for pair in (0, 1)])
    batch = rows, images_of(2, images), torch.arange(2 * images).view(2, images) % 10
    (expected, *told), (found, *also_told) = gradients_of(whole, *batch), gradients_of(in_parts, *batch)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-7)
    torch.testing.assert_close(also_told, told)


def test_a_batch_in_parts_keeps_one_part_for_its_backward_pass():
    def kept(parts: int) -> int:
        spec = spec_of().model_copy(update={"batch_size": 12, "accumulation": parts})
        row, alive, most = stacked(spec).layout.pack(initialise(spec, 0))[None], 0, 0

        class Kept:
            def __init__(self, tensor: torch.Tensor) -> None:
                nonlocal alive, most
                self.tensor = tensor
                alive += tensor.numel()
                most = max(most, alive)

            def __del__(self) -> None:
                nonlocal alive
                alive -= self.tensor.numel()

        with torch.autograd.graph.saved_tensors_hooks(Kept, lambda kept: kept.tensor):
            gradients_of(spec, row, images_of(1, 12), torch.arange(12)[None] % 10)
        return most

    assert kept(12) < kept(4) < kept(1) / 2


def test_threads_that_compute_different_members_do_not_meet_in_the_module():
    spec = spec_of()
    net = stacked(spec)
    rows = [net.layout.pack(initialise(spec, pair))[None] for pair in range(6)]

    def logits(row: torch.Tensor) -> torch.Tensor:
        return torch.stack([net.trunk(net.layout.views(row), images_of(1, 9), 1.0, Scratch(CPU)) for _ in range(5)])

    with torch.no_grad(), Cores(CPU, 3) as cores:
        together = cores.run([lambda row=row: logits(row) for row in rows])
        alone = [cores.run([lambda row=row: logits(row)])[0] for row in rows]
    assert all(torch.equal(one, other) for one, other in zip(together, alone, strict=True))


def test_a_network_with_statistics_and_channels_of_its_own_takes_grey_images():
    spec = TwinsSpec.model_validate({"architecture": {**SMALL, "mean": [0.5] * 3, "std": [0.25] * 3}})
    assert build(spec).vit.embeddings.patch_embeddings.projection.weight.shape == (12, 3, 4, 4)
    data = small_dataset("digits")
    seen = Samples(stacked(spec), data, "test", CPU).chunk(0, 4)
    assert seen.shape == (4, 3, 16, 16)
    assert torch.equal(seen[:, 0], seen[:, 1])


@pytest.mark.parametrize(
    ("architecture", "sentence"),
    [
        ({"patch": 5}, "‹architecture.patch› is 5, which does not divide the 16 pixels"),
        ({"heads": 5}, "‹architecture.width› is 12, which is no multiple of the 5"),
        ({"mean": [0.5] * 3}, "need one number for each channel, and they have 3 and 0"),
        ({"mean": [0.5], "std": [0.5]}, "‹architecture.mean› is for 1-channel images, but cifar10 has 3-channel ones"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused_with_its_field(architecture, sentence):
    with pytest.raises(ValueError, match=sentence):
        spec_of(**architecture)


def test_on_a_line_one_mix_of_the_weights_is_held_at_a_time(monkeypatch):
    held = []

    class Watched(BentLine):
        def __init__(self, *arguments) -> None:
            super().__init__(*arguments)
            held.append(len(arguments[-1]))

    monkeypatch.setattr(evaluation, "BentLine", Watched)
    spec = spec_of()
    net = stacked(spec)
    a, b = (net.layout.pack(initialise(spec, pair)) for pair in (0, 1))
    with Cores(CPU, 2) as cores:
        samples = Samples(net, small_dataset("cifar10"), "test", CPU)
        evaluation.Evaluator(net, 1.0, None, samples, cores).between(a, b, equidistant(11))
    assert held == [1] * 11
