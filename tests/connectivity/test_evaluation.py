"""Curves held against a plain loop: interpolate a state_dict, load it, run the module over the images."""

import itertools

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from lmc_core.connectivity import evaluation as module
from lmc_core.connectivity.evaluation import Evaluator, MomentEvaluator
from lmc_core.connectivity.interpolation import equidistant
from lmc_core.experiment import TwinsSpec
from lmc_core.models.cores import Cores
from lmc_core.models.spec import LinearNet
from lmc_core.models.stacked import Samples, slope_of
from lmc_core.training.networks import build, initialise, stacked
from tests.small_data import small_dataset

ARCHITECTURES = {
    "logistic regression": {"name": "linear"},
    "deep linear net": {"name": "linear", "depth": 4, "width": 12},
    "mlp": {"name": "mlp", "depth": 2, "width": 20},
    "deep leaky mlp": {"name": "mlp", "depth": 4, "width": 17, "slope": 0.2},
    "cnn": {"name": "cnn", "filters": 5, "kernel": 4},
    "locally connected": {"name": "lc_cnn", "filters": 5, "kernel": 3, "slope": 0.1},
    "attention": {"name": "attention", "patch": 4, "heads": 3, "head_dim": 6},
    "vit": {"name": "vit", "side": 8, "patch": 4, "width": 12, "layers": 2, "heads": 3, "mlp": 16},
}
ALPHAS = equidistant(5)
DATA = small_dataset(test=300)
ROUNDING = 1e-4
"""More than the logits of two orders of summation differ by here; a sample whose two best logits are closer may go either way."""


def spec_of(architecture: str) -> TwinsSpec:
    return TwinsSpec.model_validate({"architecture": ARCHITECTURES[architecture]})


def evaluator_of(spec: TwinsSpec, cores: Cores, pause=lambda: None) -> Evaluator:
    net, architecture = stacked(spec), spec.architecture
    depth = architecture.depth if isinstance(architecture, LinearNet) else None
    return Evaluator(net, slope_of(architecture), depth, Samples(net, DATA, "test", cores.device), cores, pause)


def rows_of(spec: TwinsSpec) -> tuple[Tensor, Tensor]:
    a, b = (stacked(spec).layout.pack({name: 3 * weight for name, weight in initialise(spec, pair).items()}) for pair in (0, 1))
    return a, b


def plain_loop(spec: TwinsSpec, weights: dict[str, Tensor]) -> tuple[int, float, int]:
    """Wrong answers, mean loss, and how many samples are so close that rounding decides."""
    net = build(spec)
    net.load_state_dict(weights)
    mean, std = (torch.tensor(values)[:, None, None] for values in (DATA.mean, DATA.std))
    with torch.no_grad():
        logits = net((DATA.test_images / 255 - mean) / std)
    best = logits.topk(2).values
    close = int((best[:, 0] - best[:, 1] < ROUNDING).sum())
    return int((logits.argmax(1) != DATA.test_labels).sum()), F.cross_entropy(logits, DATA.test_labels).item(), close


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_curve_is_that_of_a_plain_loop_over_interpolated_weights(architecture):
    spec = spec_of(architecture)
    a, b = rows_of(spec)
    with Cores(torch.device("cpu"), 2) as cores:
        curve = evaluator_of(spec, cores).between(a, b, ALPHAS)
    of_a, of_b = (stacked(spec).layout.unpack(row) for row in (a, b))
    for alpha, error, loss in zip(ALPHAS, curve.error, curve.loss, strict=True):
        weights = {name: (1 - alpha) * weight + alpha * of_b[name] for name, weight in of_a.items()}
        wrong, mean, close = plain_loop(spec, weights)
        assert abs(error * len(DATA.test_labels) - wrong) <= close + 1e-6
        assert loss == pytest.approx(mean, rel=1e-4)
    assert max(curve.error) > min(curve.error)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_curve_ends_exactly_in_the_networks_own_numbers(architecture):
    spec = spec_of(architecture)
    a, b = rows_of(spec)
    with Cores(torch.device("cpu"), 2) as cores:
        evaluator = evaluator_of(spec, cores)
        curve, ends = evaluator.between(a, b, ALPHAS), (evaluator.of(a), evaluator.of(b))
    for place, end in zip((0, -1), ends, strict=True):
        assert curve.error[place] == end.error[0]
        assert curve.loss[place] == end.loss[0]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_numbers_depend_neither_on_threads_nor_on_how_the_line_is_parted(architecture, monkeypatch):
    spec = spec_of(architecture)
    a, b = rows_of(spec)
    monkeypatch.setitem(module.CHUNK_NUMBERS, "cpu", 40 * stacked(spec).widest)
    curves = []
    for threads, numbers, group in itertools.product((1, 3), (1 << 26, 1), (1, 16)):
        monkeypatch.setattr(module, "LINE_NUMBERS", numbers)
        monkeypatch.setattr(module, "CHUNKS_PER_PAUSE", group)
        with Cores(torch.device("cpu"), threads) as cores:
            curves.append(evaluator_of(spec, cores).between(a, b, ALPHAS))
    assert all(curve == curves[0] for curve in curves)


def test_means_are_over_samples_not_over_chunks(monkeypatch):
    spec = spec_of("mlp")
    a, b = rows_of(spec)
    found = []
    for chunk in (17, 299, 300):
        monkeypatch.setattr(module, "SMALLEST_CHUNK", chunk)
        with Cores(torch.device("cpu"), 1) as cores:
            found.append(evaluator_of(spec, cores).between(a, b, ALPHAS))
    for curve in found[1:]:
        assert curve.error == found[0].error
        assert curve.loss == pytest.approx(found[0].loss, rel=1e-6)


@pytest.mark.parametrize("architecture", ["mlp", "deep linear net", "attention"])
def test_between_equal_networks_every_number_is_the_same(architecture):
    spec = spec_of(architecture)
    a, _ = rows_of(spec)
    with Cores(torch.device("cpu"), 1) as cores:
        curve = evaluator_of(spec, cores).between(a, a.clone(), ALPHAS)
    assert len(set(curve.error)) == len(set(curve.loss)) == 1
    assert len(curve.error) == len(ALPHAS)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e30])
def test_a_network_whose_numbers_are_not_finite_has_neither_error_nor_loss(bad):
    spec = spec_of("mlp")
    a, b = rows_of(spec)
    broken = torch.full_like(b, bad)
    with Cores(torch.device("cpu"), 1) as cores:
        evaluator = evaluator_of(spec, cores)
        curve = evaluator.between(a, broken, ALPHAS)
        assert curve.error[0] == evaluator.of(a).error[0] is not None
        assert curve.loss[-1] is None
        assert curve.error[-1] is None


def test_a_pause_may_end_the_measurement():
    class EnoughError(Exception):
        pass

    def enough() -> None:
        raise EnoughError

    spec = spec_of("mlp")
    with Cores(torch.device("cpu"), 1) as cores, pytest.raises(EnoughError):
        evaluator_of(spec, cores, enough).of(rows_of(spec)[0])


def test_within_a_moment_each_network_is_measured_once_and_then_anew():
    spec = spec_of("mlp")
    net, (a, b) = stacked(spec), rows_of(spec)
    looks: list[int] = []
    with Cores(torch.device("cpu")) as cores:
        samples = Samples(net, DATA, "test", cores.device)
        plain = Evaluator(net, 0.0, None, samples, cores)
        moment = MomentEvaluator(net, 0.0, None, samples, cores, lambda: looks.append(1))
        assert moment.of(a) == moment.between(a, a, [0.0]) == plain.of(a)
        once = len(looks)
        assert moment.of(b) == plain.of(b) != moment.of(a)
        assert len(looks) == 2 * once
        a.copy_(b)
        assert moment.of(a) != moment.of(b)
        moment.forget()
        assert moment.of(a) == moment.of(b)
