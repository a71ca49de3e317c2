"""What the engine runs, held against autograd on the plain modules."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from lmc_core.data.spec import CATALOG
from lmc_core.experiment import TwinsSpec
from lmc_core.models.stacked import Layout, Samples, Scratch, slope_of
from lmc_core.models.stacked import samples as samples_module
from lmc_core.models.stacked.collapsed import collapse
from lmc_core.training.networks import build, initialise, stacked
from tests.small_data import small_dataset

ARCHITECTURES = {
    "logistic regression": {"name": "linear"},
    "two linear layers": {"name": "linear", "depth": 2, "width": 30},
    "deep linear net": {"name": "linear", "depth": 4, "width": 12},
    "deep linear net narrower than the classes": {"name": "linear", "depth": 8, "width": 5},
    "mlp": {"name": "mlp", "depth": 2, "width": 20},
    "deep leaky mlp": {"name": "mlp", "depth": 4, "width": 17, "slope": 0.2},
    "identity mlp": {"name": "mlp", "depth": 3, "width": 9, "slope": 1.0},
    "cnn": {"name": "cnn", "filters": 5, "kernel": 4},
    "cnn that leaves pixels out": {"name": "cnn", "filters": 5, "kernel": 3, "slope": 0.1},
    "locally connected": {"name": "lc_cnn", "filters": 5, "kernel": 4},
    "locally connected that leaves pixels out": {"name": "lc_cnn", "filters": 5, "kernel": 3, "slope": 0.1},
    "attention": {"name": "attention", "patch": 4, "heads": 3, "head_dim": 6},
    "vit": {"name": "vit", "side": 16, "patch": 4, "width": 12, "layers": 2, "heads": 3, "mlp": 20},
    "vit with fused attention": {
        "name": "vit",
        "side": 8,
        "patch": 4,
        "width": 12,
        "layers": 1,
        "heads": 2,
        "mlp": 20,
        "attention": "sdpa",
    },
}
BATCH = 11
CPU = torch.device("cpu")


def spec_of(architecture: str, **rest) -> TwinsSpec:
    return TwinsSpec.model_validate({"architecture": ARCHITECTURES[architecture], **rest})


def batch_of(spec: TwinsSpec, members: int) -> tuple[Tensor, Tensor]:
    facts, source = CATALOG[spec.dataset], torch.Generator().manual_seed(3)
    side = stacked(spec).preprocessing.side or facts.side
    images = torch.randn(members, BATCH, facts.channels, side, side, generator=source)
    return images, torch.randint(0, facts.classes, (members, BATCH), generator=source)


def rows_of(spec: TwinsSpec, members: int) -> tuple[Layout, Tensor]:
    layout = stacked(spec).layout
    return layout, torch.stack([layout.pack(moved(initialise(spec, pair))) for pair in range(members)])


def moved(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights of which none is still 0 or 1, as norms are at first."""
    source = torch.Generator().manual_seed(5)
    return {name: weight + 0.1 * torch.randn(weight.shape, generator=source) for name, weight in weights.items()}


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("dataset", ["digits", "cifar10"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_logits_losses_and_gradients_are_those_of_the_plain_modules(architecture, dataset, members):
    spec = spec_of(architecture, dataset=dataset)
    net, (layout, rows), scratch = stacked(spec), rows_of(spec, members), Scratch(CPU)
    images, labels = batch_of(spec, members)
    inputs = torch.stack([net.arrange(each) for each in images])
    gradients = torch.zeros_like(rows)
    slope = slope_of(spec.architecture)
    with torch.no_grad():
        logits = net.trunk(layout.views(rows), net.stem(layout.views(rows), inputs, scratch), slope, scratch).clone()
        losses, wrong = net.gradients(layout.views(rows), layout.views(gradients), inputs, labels, slope, scratch)
    for member in range(members):
        module = build(spec)
        module.load_state_dict(layout.unpack(rows[member]))
        expected = module(images[member])
        loss = F.cross_entropy(expected, labels[member])
        loss.backward()
        torch.testing.assert_close(logits[member], expected, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(losses[member], loss, rtol=1e-5, atol=1e-6)
        assert wrong[member] == (expected.argmax(1) != labels[member]).sum()
        for name, parameter in module.named_parameters():
            gradient = layout.views(gradients)[name][member]
            torch.testing.assert_close(gradient, parameter.grad, rtol=1e-3, atol=1e-5, msg=lambda text, name=name: f"{name}: {text}")


def test_each_member_may_have_its_own_slope():
    spec = spec_of("deep leaky mlp")
    net, (layout, rows), scratch = stacked(spec), rows_of(spec, 3), Scratch(CPU)
    images, labels = batch_of(spec, 3)
    inputs, slopes = images.flatten(2), [0.0, 0.3, 1.0]
    together, alone = torch.zeros_like(rows), torch.zeros_like(rows)
    with torch.no_grad():
        net.gradients(layout.views(rows), layout.views(together), inputs, labels, torch.tensor(slopes), scratch)
        for member, slope in enumerate(slopes):
            here = slice(member, member + 1)
            net.gradients(layout.views(rows[here]), layout.views(alone[here]), inputs[here], labels[here], slope, scratch)
    torch.testing.assert_close(together, alone)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_bfloat16_rounds_products_and_nothing_else(architecture):
    single, half = spec_of(architecture), spec_of(architecture, precision="bfloat16")
    layout, rows = rows_of(single, 1)
    images, labels = batch_of(single, 1)
    found = []
    for spec in (single, half):
        net, gradients = stacked(spec), torch.zeros_like(rows)
        with torch.no_grad():
            net.gradients(
                layout.views(rows), layout.views(gradients), net.arrange(images[0])[None], labels, slope_of(spec.architecture), Scratch(CPU)
            )
        assert gradients.dtype == torch.float32
        found.append(gradients)
    error = (found[0] - found[1]).norm() / found[0].norm()
    assert 1e-4 < error < 0.05


@pytest.mark.parametrize("architecture", ["deep linear net", "logistic regression"])
def test_a_linear_net_is_one_matrix(architecture):
    spec = spec_of(architecture)
    layout, rows = rows_of(spec, 2)
    images, _ = batch_of(spec, 2)
    matrices, biases = collapse(layout.views(rows), spec.architecture.depth)
    for member in range(2):
        module = build(spec)
        module.load_state_dict(layout.unpack(rows[member]))
        expected = module.double()(images[member].double())
        torch.testing.assert_close(images[member].double().flatten(1) @ matrices[member].T + biases[member], expected)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_rows_give_back_what_was_packed_and_begin_at_cache_lines(architecture):
    spec = spec_of(architecture)
    layout, weights = stacked(spec).layout, initialise(spec, 0)
    back = layout.unpack(layout.pack(weights))
    assert list(back) == list(weights)
    assert all(torch.equal(back[name], weight) for name, weight in weights.items())
    assert all(offset % 16 == 0 for offset in (*layout.offsets, layout.size))


@pytest.mark.parametrize("augmented", [False, True])
@pytest.mark.parametrize("architecture", ["mlp", "cnn", "attention", "vit"])
def test_a_split_kept_as_bytes_gives_the_bits_of_one_kept_normalised(architecture, augmented, monkeypatch):
    from lmc_core.data.shift_flip import ShiftFlip

    dataset, net = small_dataset("cifar10"), stacked(spec_of(architecture, dataset="cifar10"))
    ready = Samples(net, dataset, "train", CPU)
    monkeypatch.setitem(samples_module.KEPT, "cpu", 0)
    lazy = Samples(net, dataset, "train", CPU)
    index = torch.tensor([[3, 1, 70], [5, 5, 0]])
    draws = ShiftFlip.of_epoch(1, 0, 0, 6, 32) if augmented else None
    if draws is not None:
        draws = type(draws)(*(part.view(2, 3) for part in (draws.right, draws.down, draws.flip)))
    assert torch.equal(ready.batch(index, draws), lazy.batch(index, draws))
    assert ready.batch(index, draws).shape[:2] == (2, 3)
    assert torch.equal(ready.chunk(10, 30), lazy.chunk(10, 30))
    assert torch.equal(ready.chunk(1, 2)[0], ready.batch(torch.tensor([[1]]))[0, 0])


def test_arranged_images_are_those_that_the_plain_module_is_given():
    from lmc_core.data.normalisation import normalise

    dataset = small_dataset("cifar10")
    images = normalise(dataset.train_images, dataset.mean, dataset.std)
    cut = stacked(spec_of("cnn", dataset="cifar10")).arrange(images)
    assert torch.equal(cut, F.unfold(images, 4, stride=4).transpose(1, 2))
