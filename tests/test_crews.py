"""Which runs may be one program."""

import sys
from subprocess import run

import pytest

from lmc_core import packing as crews
from lmc_core.cost.footprint import fitting_together, memory_together
from lmc_core.experiment import TwinsSpec, canonical
from lmc_core.overrides import with_overrides
from lmc_core.packing import crew_key, members_of_run, stacks_on_cpu

BASE = {"architecture.width": "64", "batch_size": "64"}
OWN = {
    "architecture.slope": "0.3",
    "optimizer.lr": "0.01",
    "optimizer.clip_norm": "1",
    "schedule.warmup_epochs": "2",
    "seeds.init": "5",
    "seeds.order": "7,8",
    "seeds.augmentation": "7,8",
    "repeats": "3",
    "start.checkpoint": "some/network",
    "measurement.rounding_twin": "true",
    "measurement.precision": "bfloat16",
    "measurement.every": "0",
    "measurement.alphas": "21",
    "measurement.blocks": "true",
    "spawn.at": "1",
    "keep": "0,1",
}
SHARED = {
    "dataset": "mnist",
    "train_samples": "500",
    "architecture.depth": "3",
    "architecture.width": "32",
    "architecture.name": "linear",
    "optimizer.name": "adam",
    "optimizer.momentum": "0.5",
    "optimizer.weight_decay": "0.1",
    "schedule.name": "cosine",
    "batch_size": "32",
    "epochs": "5",
    "augmentation": "shift_flip",
    "precision": "bfloat16",
    "device": "cpu",
}


def spec_with(**changes: str) -> TwinsSpec:
    return with_overrides(BASE | changes)


@pytest.mark.parametrize(("path", "text"), OWN.items())
def test_runs_that_differ_in_what_is_a_members_own_may_be_one_program(path, text):
    assert crew_key(with_overrides(BASE | {path: text}), True) == crew_key(spec_with(), True)


@pytest.mark.parametrize(("path", "text"), SHARED.items())
def test_runs_that_differ_in_anything_else_may_not(path, text):
    other = crew_key(with_overrides(BASE | {path: text}), True)
    assert other != crew_key(spec_with(), True)


LARGE = {"dataset": "mnist", "architecture.width": "512"}


@pytest.mark.parametrize(
    ("changes", "gains"),
    [
        ({}, True),
        (LARGE, False),
        ({"architecture.name": "linear"}, True),
        (LARGE | {"architecture.name": "linear", "batch_size": "1024"}, False),
        ({"architecture.name": "cnn"}, False),
    ],
)
def test_on_a_cpu_only_tiny_networks_gain(changes, gains):
    base = {} if changes.get("architecture.name") == "cnn" else BASE
    spec = with_overrides(base | changes)
    assert stacks_on_cpu(spec) is gains
    other = with_overrides(base | changes | {"seeds.init": "5"})
    assert (crew_key(spec, False) == crew_key(other, False)) is gains
    assert crew_key(spec, True) == crew_key(other, True)


@pytest.mark.parametrize("path", ["repeats", "measurement.every", "measurement.alphas", "measurement.blocks", "spawn.at", "keep"])
@pytest.mark.parametrize("changes", [LARGE, {"architecture.name": "cnn"}, {"architecture.name": "vit"}], ids=str)
def test_on_a_cpu_larger_networks_gain_where_twins_a_are_the_same(changes, path):
    assert crew_key(with_overrides(changes | {path: OWN[path]}), False) == crew_key(with_overrides(changes), False)


@pytest.mark.parametrize("text", ["1,8", "7,2"])
def test_twins_b_may_see_other_noise_beside_the_same_twin_a(text):
    spec, other = (with_overrides(LARGE | seeds) for seeds in ({}, {"seeds.order": text}))
    assert (crew_key(spec, False) == crew_key(other, False)) is text.startswith("1")


def test_a_run_that_asks_for_the_cpu_gains_what_it_would_without_a_gpu():
    here, there = (with_overrides(BASE | LARGE | {"device": "cpu", "seeds.init": seed}) for seed in ("1", "2"))
    assert crew_key(here, True) != crew_key(there, True)


def crew_in(gib: float, spec: TwinsSpec, accelerated: bool = True) -> int:
    """How many runs such as this one, each with seeds of its own, fit into so much memory together."""
    seeds = [spec.seeds.model_copy(update={"init": init}) for init in range(150)]
    return fitting_together([spec.model_copy(update={"seeds": each}) for each in seeds], gib * 2**30, accelerated)


def test_a_crew_has_as_many_runs_as_memory_holds_and_one_at_least():
    small = crew_in(8, spec_with())
    assert small == crews.LARGEST_CREW
    wide = with_overrides(LARGE | {"architecture.depth": "4"})
    several, of_more_pairs = crew_in(2, wide), crew_in(2, wide.model_copy(update={"repeats": 3}))
    assert 1 < of_more_pairs < several < small
    assert crew_in(2, wide.model_copy(update={"repeats": 100})) == 1
    assert crew_in(2, wide.model_copy(update={"keep": (0, 1, 2)})) < several


@pytest.mark.parametrize("gib", [0.95, 1.1, 1.5])
def test_a_crew_takes_no_more_memory_than_one_run_may_be_told_to_take(gib):
    keeping = spec_with().model_copy(update={"epochs": 400, "keep": tuple(range(400)), "architecture": TwinsSpec().architecture})
    cells = [keeping.model_copy(update={"seeds": keeping.seeds.model_copy(update={"init": init})}) for init in range(100)]
    number = fitting_together(cells, gib * 2**30, accelerated=False)
    assert memory_together(cells[:number]) <= gib * 2**30 < memory_together(cells[: number + 1])


def test_networks_that_runs_have_in_common_take_memory_once():
    points = [with_overrides(LARGE | {"spawn.at": str(at)}) for at in range(5)]
    apart = [with_overrides(LARGE | {"spawn.at": str(at), "seeds.init": str(at)}) for at in range(5)]
    assert memory_together(points) < memory_together(apart)


def test_where_members_train_one_after_the_other_their_activations_do_not_add_up():
    large = with_overrides({"dataset": "cifar10", "architecture.name": "cnn", "batch_size": "1024"})
    assert crew_in(4, large, accelerated=True) < crew_in(4, large, accelerated=False)
    transformer = with_overrides({"dataset": "cifar10", "architecture.name": "vit"})
    assert crew_in(4, transformer, accelerated=True) == crew_in(4, transformer, accelerated=False) > 1


def test_a_rounding_twin_is_a_third_member_of_each_pair():
    assert members_of_run(spec_with(repeats="3")) == 6
    assert members_of_run(with_overrides(BASE | {"repeats": "3", "measurement.rounding_twin": "true"})) == 9


def test_twins_that_never_part_are_one_network():
    assert members_of_run(spec_with(repeats="3", **{"spawn.at": "20"})) == 3


def test_every_field_is_either_a_members_own_or_shared():
    known = {path.split(".")[0] for path in (*OWN, *SHARED)} | {"kind"}
    assert set(canonical(TwinsSpec())) <= known


def test_the_web_process_asks_without_torch():
    code = "import sys, lmc_core.packing; sys.exit('torch' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
