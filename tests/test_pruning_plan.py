"""The plan of a pruning run, as the web process knows it, without torch."""

import sys
from subprocess import run

import pytest

from lmc_core.experiment import PruneSpec
from lmc_core.plan import members_of_phase, phases, total_steps
from lmc_core.pruning.sizes import prunable_sizes, refusal


def spec_of(architecture: dict | None = None, **pruning) -> PruneSpec:
    values = {"architecture": architecture or {"name": "mlp", "width": 20}, "epochs": 4, "repeats": 3}
    return PruneSpec.model_validate(values | {"pruning": {"densities": [0.5, 0.2]} | pruning})


@pytest.mark.parametrize(
    ("pruning", "members"),
    [
        ({"name": "magnitude"}, [6, 24]),
        ({"name": "magnitude", "twins": False}, [3, 12]),
        ({"name": "magnitude", "random_control": False, "redrawn_control": True}, [6, 24]),
        ({"name": "magnitude", "schedule": "gradual"}, [12, 24]),
        ({"name": "magnitude", "rewind": [0, 1, 3]}, [6, 24, 30, 30]),
        ({"name": "magnitude", "rewind": [2]}, [3, 30]),
        ({"name": "platon"}, [12, 24]),
        ({"name": "random"}, [18]),
        ({"name": "random", "rewind": [0, 2]}, [18, 18]),
        ({"name": "random", "rewind": [2]}, [3, 18]),
        ({"name": "snip"}, [30]),
        ({"name": "iterative"}, [6, 12, 12]),
        ({"name": "iterative", "rewind": [0, 2]}, [6, 12, 18, 12, 12]),
    ],
    ids=str,
)
def test_the_networks_of_each_phase(pruning, members):
    spec = spec_of(**pruning)
    assert [members_of_phase(spec, phase) for phase in phases(spec)] == members


def test_the_steps_of_a_run_are_those_of_its_phases_one_after_the_other():
    spec = spec_of(name="iterative", rewind=[0, 3])
    epoch = spec.steps_per_epoch
    assert total_steps(spec) == (4 + 2 * 4 + 2 * 1) * epoch


@pytest.mark.parametrize(
    ("architecture", "pruning", "sentence"),
    [
        (
            {"name": "linear"},
            {},
            "Nothing of this network may be pruned: its only weight layer is the classifier; set ‹pruning.classifier›",
        ),
        (None, {"densities": [0.0003]}, "‹pruning.densities› goes down to 0.0003, which leaves none of 1,280 prunable weights"),
        (
            {"name": "mlp", "depth": 3, "width": 5},
            {"densities": [0.01], "scope": "layer"},
            "‹pruning.densities› goes down to 0.01, which leaves none of the 25 weights of layers.1.weight; 1 of them is 0.04",
        ),
        (
            {"name": "attention", "patch": 4, "heads": 1, "head_dim": 2},
            {"densities": [0.1], "scope": "layer", "norms": True},
            "leaves none of the 2 weights of norm1.weight",
        ),
    ],
)
def test_a_density_that_leaves_nothing_is_refused_before_anything_is_queued(architecture, pruning, sentence):
    with pytest.raises(ValueError, match="pruning") as refused:
        spec_of(architecture, name="magnitude", **pruning)
    assert sentence in str(refused.value)


def test_a_density_that_leaves_one_weight_of_each_layer_is_fine():
    spec = spec_of({"name": "mlp", "depth": 3, "width": 5}, name="magnitude", densities=[0.03], scope="layer")
    assert refusal(spec.architecture, spec.data, spec.pruning) is None
    assert [round(0.03 * size) for size in prunable_sizes(spec.architecture, spec.data, spec.pruning).values()] == [10, 1]


def test_the_web_process_plans_without_torch():
    code = "import sys, lmc_core.plan, lmc_core.pruning.sizes, lmc_core.cost.estimates; sys.exit('torch' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
