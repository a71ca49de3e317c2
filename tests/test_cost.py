import itertools
import os
import re
from typing import get_args

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from lmc_core.connectivity.spec import Measurement
from lmc_core.cost import estimates as cost
from lmc_core.data.spec import DatasetName
from lmc_core.experiment import PruneSpec, Spawn, TwinsSpec
from lmc_core.models.build import module_of as plain
from lmc_core.models.cores import Cores
from lmc_core.models.spec import CNN, MLP, Attention, LinearNet, LocallyConnected, ViT
from lmc_core.models.stacked.vision import quickened
from lmc_core.optim.optimizer import optimizer_of
from lmc_core.optim.spec import SGD, Adam
from lmc_core.training import memory
from lmc_core.training.networks import build, stacked

ARCHITECTURES = [
    LinearNet(depth=1),
    LinearNet(depth=3, width=17),
    MLP(depth=2, width=33),
    MLP(depth=4, width=5),
    CNN(filters=7, kernel=3),
    CNN(filters=2, kernel=8),
    LocallyConnected(filters=5, kernel=3),
    Attention(patch=4, heads=2, head_dim=3),
    ViT(side=16, patch=4, width=12, layers=3, heads=3, mlp=20),
]


@pytest.mark.parametrize("dataset", get_args(DatasetName))
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_the_closed_form_counts_the_parameters_of_the_network_that_is_built(dataset: DatasetName, architecture) -> None:
    spec = TwinsSpec(dataset=dataset, architecture=architecture)
    with torch.device("meta"):
        built = build(spec)
    assert cost.parameter_count(spec) == sum(parameter.numel() for parameter in built.parameters())


@pytest.mark.parametrize("architecture", [net for net in ARCHITECTURES if isinstance(net, LinearNet | MLP | CNN)], ids=str)
def test_products_are_the_multiply_adds_that_torch_counts(architecture) -> None:
    spec = TwinsSpec(dataset="mnist", architecture=architecture)
    with FlopCounterMode(display=False) as counter:
        build(spec)(torch.zeros(1, 1, 28, 28))
    assert counter.get_total_flops() == 2 * spec.sizes.products


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("module_of", [plain, quickened], ids=["build", "quickened"])
@pytest.mark.parametrize("sizes", [{"side": 32, "patch": 4}, {"side": 64, "patch": 16, "width": 48, "mlp": 192}], ids=str)
def test_a_vision_transformer_keeps_no_more_for_its_backward_pass_than_is_foretold(sizes, module_of, attention) -> None:
    spec = TwinsSpec(dataset="cifar10", architecture=ViT(**sizes, attention=attention))
    net, images = module_of(spec.architecture, spec.data), 32
    own, kept = {parameter.untyped_storage().data_ptr() for parameter in net.parameters()}, {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        logits = net(torch.zeros(images, 3, sizes["side"], sizes["side"]))
    assert logits.requires_grad
    numbers = sum(kept.values()) / cost.FLOAT / images
    assert numbers < spec.sizes.units + spec.input_numbers < 2 * numbers


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
@pytest.mark.parametrize("optimizer", [SGD(), Adam()], ids=["sgd", "adam"])
@pytest.mark.parametrize(("repeats", "batch_size"), [(1, 64), (12, 1437)])
def test_the_memory_that_is_foretold_is_more_than_what_the_members_take(architecture, optimizer, repeats, batch_size) -> None:
    spec = TwinsSpec(architecture=architecture, optimizer=optimizer, repeats=repeats, batch_size=batch_size)
    with Cores(torch.device("cpu")) as cores:
        taken = memory.needed([spec], stacked(spec), optimizer_of(optimizer), cores)
    assert taken < cost.memory_bytes(spec) - cost.BASE_BYTES


@pytest.mark.parametrize(
    ("small", "large"),
    list(
        itertools.pairwise(
            [
                TwinsSpec(),
                TwinsSpec(epochs=40),
                TwinsSpec(epochs=40, repeats=3),
                TwinsSpec(epochs=40, repeats=3, architecture=MLP(width=1024)),
                TwinsSpec(epochs=40, repeats=3, architecture=MLP(width=1024), measurement=Measurement(alphas=51)),
                TwinsSpec(epochs=40, repeats=3, architecture=MLP(width=1024), measurement=Measurement(alphas=51), dataset="cifar10"),
            ]
        )
    ),
)
def test_more_work_is_estimated_to_take_longer(small: TwinsSpec, large: TwinsSpec) -> None:
    assert cost.estimate(small).seconds < cost.estimate(large).seconds


def test_what_earlier_runs_took_corrects_the_estimate_by_the_median_of_their_ratios() -> None:
    spec = TwinsSpec(epochs=200)
    plain = cost.estimate(spec).seconds - cost.start_seconds(spec)
    slow = cost.estimate(spec, lambda _kind: [(1.0, 3.0), (2.0, 6.0), (1.0, 500.0)]).seconds - cost.start_seconds(spec)
    assert slow == pytest.approx(3 * plain)


def test_only_recent_timings_count() -> None:
    assert cost.correction([*[(1.0, 100.0)] * 50, *[(1.0, 2.0)] * cost.RECENT], 1.0) == 2.0


def test_only_runs_of_similar_length_count() -> None:
    timings = [*[(100.0, 50.0)] * 3, *[(0.5, 2.0)] * 3]
    assert cost.correction(timings, 60.0) == 0.5
    assert cost.correction(timings, 1.0) == 4.0
    assert cost.correction(timings, 10_000.0) == 1.0


@pytest.mark.parametrize(("timings", "factor"), [([], 1), ([9], 1), ([9, 9], 4), ([2, 3], 2), ([0.2, 0.5], 0.5), ([2, 3, 900], 3)])
def test_one_run_teaches_nothing_and_two_no_more_than_both_say(timings: list[float], factor: float) -> None:
    assert cost.correction([(1.0, ratio) for ratio in timings], 1.0) == factor


@pytest.mark.parametrize("ratio", [1e-9, 0.01, 100, 1e9])
def test_no_calibration_goes_further_than_its_bound(ratio: float) -> None:
    factor = cost.correction([(1.0, ratio)] * 50, 1.0)
    assert factor in (cost.FURTHEST, 1 / cost.FURTHEST)
    assert cost.estimate(TwinsSpec(), lambda _kind: [(1.0, ratio)] * 50).seconds < cost.FURTHEST * cost.estimate(TwinsSpec()).seconds


OTHER_KINDS = [
    TwinsSpec(architecture=CNN()),
    TwinsSpec(device="cuda"),
    TwinsSpec(dataset="cifar10", architecture=MLP(width=4096)),
    TwinsSpec(precision="bfloat16"),
    PruneSpec(),
]


@pytest.mark.parametrize("other", OTHER_KINDS, ids=lambda spec: cost.kind_of(spec, "train"))
def test_timings_of_one_kind_do_not_touch_another(other) -> None:
    spec, kind = TwinsSpec(), cost.kind_of(other, "train")
    assert kind != cost.kind_of(spec, "train")
    assert cost.estimate(spec, lambda asked: [(1.0, 9.0)] * 9 if asked == kind else []) == cost.estimate(spec)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (
            TwinsSpec(dataset="cifar10", architecture=MLP(depth=8, width=65_536)),
            r"This run would need about [\d,]+\.\d GiB of memory, and 8\.0 GiB is the most for one run \(LMC_MAX_MEMORY_GIB\); "
            r"lower ‹architecture\.width› or ‹batch_size›\.",
        ),
        (
            TwinsSpec(dataset="cifar10", architecture=LocallyConnected(filters=4096, kernel=1), repeats=3),
            r"lower ‹architecture\.filters›, ‹repeats› or ‹batch_size›\.",
        ),
        (
            TwinsSpec(dataset="cifar10", architecture=Attention(), epochs=10_000),
            r"This run would take about [\d,]+\.\d h, and 10 min is the most for one run \(LMC_MAX_SECONDS\); lower the epochs",
        ),
    ],
)
def test_a_run_that_passes_a_limit_is_refused_with_its_name_and_what_to_lower(spec: TwinsSpec, sentence: str) -> None:
    reason = cost.refusal(spec, cost.estimate(spec), max_seconds=600, max_memory_gib=8)
    assert reason is not None
    assert re.search(sentence, reason), reason


VIT_BASE = ViT(side=224, patch=16, width=768, layers=12, heads=12, mlp=3072)


@pytest.mark.parametrize(
    ("spec", "limit", "changed"),
    [
        (TwinsSpec(dataset="cifar10", architecture=VIT_BASE, batch_size=64), 12, "accumulation"),
        (TwinsSpec(dataset="cifar10", architecture=VIT_BASE, batch_size=64, accumulation=8), 8, "accumulation"),
        (TwinsSpec(dataset="cifar10", architecture=MLP(depth=4, width=8192), batch_size=50_000), 12, "batch_size"),
        (PruneSpec(dataset="cifar10", architecture=VIT_BASE, batch_size=64), 40, "accumulation"),
    ],
)
def test_a_run_whose_batches_are_too_large_is_told_the_parts_or_the_size_that_fit(spec, limit, changed) -> None:
    fitting = cost.lighter(spec, limit)
    value = getattr(fitting, changed)
    assert fitting == spec.model_copy(update={changed: value})
    nearly = spec.model_copy(update={changed: value // 2 if changed == "accumulation" else 2 * value})
    assert cost.memory_bytes(fitting) <= limit * 2**30 < cost.memory_bytes(nearly)
    reason = cost.refusal(spec, cost.estimate(spec), max_seconds=1e12, max_memory_gib=limit)
    assert f"(LMC_MAX_MEMORY_GIB); with ‹{changed}› {value} it fits; or lower ‹architecture.width›" in reason


@pytest.mark.parametrize(
    ("spec", "limit"),
    [(TwinsSpec(), 8), (TwinsSpec(dataset="cifar10", architecture=VIT_BASE, batch_size=64), 2)],
    ids=["it fits as it is", "its weights alone are too large"],
)
def test_no_other_batch_is_offered_where_it_would_not_help(spec, limit) -> None:
    assert cost.lighter(spec, limit) is None


def test_a_run_within_the_limits_is_not_refused() -> None:
    assert cost.refusal(TwinsSpec(), cost.estimate(TwinsSpec()), max_seconds=600, max_memory_gib=8) is None


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (40, "40 s"), (720, "12 min"), (12_600, "3.5 h"), (7_200_000, "2,000.0 h")])
def test_durations_are_read_at_a_glance(seconds: float, text: str) -> None:
    assert cost.duration(seconds) == text


def test_more_cores_are_not_foretold_to_help_more_than_there_are_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    two = cost.train_seconds(TwinsSpec())
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert cost.train_seconds(TwinsSpec()) == two


def test_what_twins_share_before_they_part_is_trained_once() -> None:
    spec = TwinsSpec(epochs=40, measurement=Measurement(every=0))
    apart, half, never = (cost.train_seconds(spec.model_copy(update={"spawn": Spawn(at=at)})) for at in (0, 20, 40))
    cores = min(2, os.cpu_count() or 1)
    assert (apart, half) == (pytest.approx(2 * never / cores), pytest.approx((apart + never) / 2))
    points = [cost.evaluate_seconds(spec.model_copy(update={"spawn": Spawn(at=at)})) for at in (0, 20, 40)]
    assert points == sorted(points, reverse=True)
    assert len(set(points)) == 3


def test_lines_of_blocks_are_reckoned_with() -> None:
    plain, asked = (TwinsSpec(architecture=ViT(), measurement=Measurement(every=0, blocks=blocks)) for blocks in (False, True))
    assert cost.evaluate_seconds(asked) > 5 * cost.evaluate_seconds(plain)
    assert cost.train_seconds(asked) == cost.train_seconds(plain)


def test_networks_that_are_kept_take_memory() -> None:
    plain, kept = TwinsSpec(), TwinsSpec(keep=(0, 1, 2))
    assert cost.memory_bytes(kept) - cost.memory_bytes(plain) == 3 * cost.FLOAT * cost.parameter_count(plain)
