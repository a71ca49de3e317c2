"""What is true of every pruning run, whatever its method."""

import pytest
import torch

from lmc_core.connectivity.interpolation import interpolate
from lmc_core.plan import phases, total_steps
from lmc_core.pruning.sizes import kept
from lmc_core.training.networks import build, initialise
from tests.small_data import small_dataset
from tests.training.pruning_runs import METHODS, level_of, prunable_names, prune, result_of, small_prune_spec
from tests.training.reference import as_numbers
from tests.training.runs import ARCHITECTURES, DATA, OPTIMIZERS, small_spec, train

EQUAL_NOISE = {"order": (5, 5), "augmentation": (6, 6)}
EVERYTHING = {"rewind": [0, 7], "rewind_unit": "steps", "redrawn_control": True}


def equal(one, other) -> bool:
    return all(torch.equal(weight, other[name]) for name, weight in one.items())


def nonzero(spec, weights) -> int:
    return sum(int((weights[name] != 0).sum()) for name in prunable_names(spec))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_works_on_every_architecture_and_counts_to_the_weight(method, architecture):
    spec = small_prune_spec(method, architecture, pruning={"classifier": architecture == "logistic regression"})
    events, trained = prune(spec)
    result = result_of(events)
    sizes = [layer.weights for layer in result.levels[0].layers]
    for index, level in enumerate(result.levels):
        weights, mask = trained.weights[f"level{index}.pair0.a"], trained.weights.get(f"level{index}.pair0.mask")
        count = nonzero(spec, weights)
        assert level.nonzero == (count,) == (sum(layer.nonzero for layer in level.layers),)
        assert level.prunable == result.prunable == sum(sizes)
        if level.kind == "dense":
            assert mask is None
            continue
        assert all((weight[mask[name] == 0] == 0).all() for name, weight in weights.items())
        assert count == sum(int(mask[name].sum()) for name in prunable_names(spec))
        total, density = sum(sizes), level.density
        if spec.pruning.name == "platon":
            assert count == total - max(0, int(total * (1 - density)) - 1)
        elif getattr(spec.pruning, "scope", "global") == "layer":
            assert count == sum(kept(size, density) for size in sizes)
        else:
            assert count == kept(total, density)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_masks_hold_for_every_optimiser_in_both_twins_and_between_them(optimizer):
    spec = small_prune_spec("magnitude", "cnn", optimizer, pruning={"biases": True})
    result, trained = result_of(prune(spec)[0]), prune(spec)[1]
    for index, level in enumerate(result.levels):
        if level.kind in ("ticket", "random"):
            a, b, mask = (trained.weights[f"level{index}.pair0.{what}"] for what in ("a", "b", "mask"))
            for alpha in (0, 0.3, 0.5, 1):
                between = interpolate(a, b, alpha)
                assert all((between[name][mask[name] == 0] == 0).all() for name in prunable_names(spec))
                assert nonzero(spec, between) == level.nonzero[0]


def test_masks_hold_in_lower_precision():
    spec = small_prune_spec("platon", "cnn", precision="bfloat16")
    events, trained = prune(spec)
    for index, level in enumerate(result_of(events).levels):
        assert nonzero(spec, trained.weights[f"level{index}.pair0.a"]) == level.nonzero[0]
        assert level.nonzero[0] < level.prunable or level.kind == "dense"


@pytest.mark.parametrize("method", ["magnitude", "iterative", "snip", "random", "gradual magnitude"])
@pytest.mark.parametrize("optimizer", ["momentum", "clipped adamw"])
def test_a_ticket_of_density_1_is_the_dense_network(method, optimizer):
    spec = small_prune_spec(METHODS[method] | {"densities": [1.0]}, "mlp", optimizer)
    events, trained = prune(spec)
    dense, ticket = (level_of(result_of(events), kind, 1.0)[0] for kind in ("dense", "ticket"))
    for twin in "ab":
        assert equal(trained.weights[f"level{dense}.pair0.{twin}"], trained.weights[f"level{ticket}.pair0.{twin}"])
    levels = result_of(events).levels
    assert levels[dense].test == levels[ticket].test


@pytest.mark.parametrize("architecture", ["mlp", "cnn", "deep linear net"])
def test_the_dense_twins_are_those_of_a_twins_run_to_the_bit(architecture):
    spec = small_prune_spec("platon", architecture, "adam with decay", repeats=2)
    _, pruned = prune(spec)
    _, twins = train(small_spec(architecture, "adam with decay", repeats=2))
    for pair in range(2):
        for ours, theirs in (("init", "init"), ("dense", "a")):
            assert equal(pruned.weights[f"pair{pair}.{ours}"], twins.weights[f"pair{pair}.{theirs}"])
        assert equal(pruned.weights[f"level0.pair{pair}.b"], twins.weights[f"pair{pair}.b"])


@pytest.mark.parametrize("method", METHODS)
def test_the_same_noise_gives_identical_twins_and_barrier_0_at_every_density(method):
    events, trained = prune(small_prune_spec(method, pruning=EVERYTHING, seeds=EQUAL_NOISE))
    for index, level in enumerate(result_of(events).levels):
        if level.kind == "pruned":
            continue
        assert equal(trained.weights[f"level{index}.pair0.a"], trained.weights[f"level{index}.pair0.b"])
        for split in (level.train, level.test):
            assert split.error.mean == split.normalized.mean == split.loss.mean == 0
        assert level.connected


@pytest.mark.parametrize("architecture", ["mlp", "cnn", "attention", "deep linear net"])
@pytest.mark.parametrize("method", METHODS)
def test_a_run_is_the_same_on_one_thread_and_on_three(method, architecture):
    spec = small_prune_spec(method, architecture, pruning={"rewind": [0, 1]})
    (one, first), (three, second) = prune(spec, threads=1), prune(spec, threads=3)
    assert result_of(one).levels == result_of(three).levels
    assert all(equal(weights, second.weights[name]) for name, weights in first.weights.items())


def test_repeats_and_other_levels_do_not_change_a_network():
    alone = prune(small_prune_spec("iterative", pruning={"densities": [0.5], "random_control": False}))[1]
    events, among = prune(small_prune_spec("iterative", pruning={"densities": [0.5, 0.1]}, repeats=3), threads=3)
    index, _ = level_of(result_of(events), "ticket", 0.5)
    assert equal(alone.weights["level1.pair0.a"], among.weights[f"level{index}.pair0.a"])


def test_a_redrawn_network_has_the_tickets_mask_on_other_weights():
    spec = small_prune_spec(optimizer={"name": "sgd", "lr": 1e-6}, pruning=EVERYTHING)
    events, trained = prune(spec)
    ticket, redrawn = (level_of(result_of(events), kind, 0.2)[0] for kind in ("ticket", "redrawn"))
    assert equal(trained.weights[f"level{ticket}.pair0.mask"], trained.weights[f"level{redrawn}.pair0.mask"])
    other = initialise(spec, 0, "redrawn")
    for name in prunable_names(spec):
        mask = trained.weights[f"level{redrawn}.pair0.mask"][name]
        torch.testing.assert_close(trained.weights[f"level{redrawn}.pair0.a"][name], other[name] * mask, rtol=0, atol=1e-3)
        assert not torch.allclose(other[name], trained.weights["pair0.init"][name], atol=1e-2)
    assert all(level.rewind == 0 for level in result_of(events).levels if level.kind == "redrawn")


def test_a_random_control_has_in_each_layer_as_many_weights_as_the_ticket():
    spec = small_prune_spec("magnitude", "deep leaky mlp", repeats=2, pruning=EVERYTHING)
    result = result_of(prune(spec)[0])
    for rewind in (0, 7):
        for density in (0.5, 0.2):
            ticket, control = (level_of(result, kind, density, rewind)[1] for kind in ("ticket", "random"))
            assert ticket.layers == control.layers
            assert ticket.nonzero == control.nonzero
            assert ticket.first_layer != control.first_layer


def test_iterative_masks_lie_in_each_other_and_take_the_smallest_of_the_round_before():
    spec = small_prune_spec("iterative", pruning={"densities": [0.5, 0.2, 0.1]})
    events, trained = prune(spec)
    before, mask_before = trained.weights["pair0.dense"], None
    for density in (0.5, 0.2, 0.1):
        index, _ = level_of(result_of(events), "ticket", density)
        mask, name = trained.weights[f"level{index}.pair0.mask"], "layers.0.weight"
        weights = before[name].abs()
        assert weights[mask[name] == 1].min() >= weights[mask[name] == 0].max()
        assert mask_before is None or (mask[name] <= mask_before[name]).all()
        before, mask_before = trained.weights[f"level{index}.pair0.a"], mask


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_accuracy_of_a_level_is_that_of_the_plain_module_with_its_weights(architecture):
    spec = small_prune_spec("gradual magnitude", architecture, pruning={"classifier": True})
    events, trained = prune(spec)
    for index, level in enumerate(result_of(events).levels):
        for place, twin in enumerate("ab" if level.kind != "pruned" else "a"):
            net = build(spec)
            net.load_state_dict(trained.weights[f"level{index}.pair0.{twin}"])
            for errors, images, labels in (
                (level.pairs[0].train_error, DATA.train_images, DATA.train_labels),
                (level.pairs[0].test_error, DATA.test_images, DATA.test_labels),
            ):
                with torch.no_grad():
                    logits = net(as_numbers(images, DATA))
                best = logits.topk(2).values
                undecided = int((best[:, 0] - best[:, 1] < 1e-4).sum())
                assert abs(errors[place] * len(labels) - int((logits.argmax(1) != labels).sum())) <= undecided + 1e-6


def test_without_twins_one_network_of_each_is_trained_and_no_barrier_measured():
    events, trained = prune(small_prune_spec(pruning=EVERYTHING | {"twins": False}))
    for level in result_of(events).levels:
        assert level.train is level.test is level.connected is None
        assert len(level.pairs[0].test_error) == 1
    assert not any(name.endswith(".b") for name in trained.weights)


@pytest.mark.parametrize("method", METHODS)
def test_every_level_of_the_plan_is_measured_once_and_in_its_order(method):
    spec = small_prune_spec(method, pruning=EVERYTHING, repeats=2)
    events, _ = prune(spec)
    planned = [(group.kind, group.density, group.rewind) for phase in phases(spec) for group in phase.levels]
    told = [(event.level.kind, event.level.density, event.level.rewind) for event in events if event.event == "level"]
    assert told == planned == [(level.kind, level.density, level.rewind) for level in result_of(events).levels]
    assert len(set(planned)) == len(planned)
    assert [event.step for event in events if event.event == "level"][-1] == events[0].total_steps == total_steps(spec)
    members = [event.members for event in events if event.event == "phase"]
    for phase, count in enumerate(members):
        assert {len(event.networks) for event in events if event.event == "networks" and event.phase == phase} == {count}


def test_a_layer_without_weights_is_told():
    """All weights of a deep net's middle layers are tiny, so a global threshold takes them all."""
    spec = small_prune_spec({"name": "random", "scope": "global", "densities": [0.001]}, {"name": "mlp", "depth": 5, "width": 12})
    level = level_of(result_of(prune(spec)[0]), "ticket", 0.001)[1]
    assert level.nonzero == (1,)
    assert level.cut_off == [layer.name for layer in level.layers if layer.nonzero == 0]
    assert len(level.cut_off) == 3


@pytest.mark.parametrize(
    ("architecture", "dataset", "side"),
    [("mlp", "digits", 8), ("cnn", "digits", 4), ("locally connected", "digits", 6), ("attention", "cifar10", 4), ("mlp", "cifar10", 32)],
)
def test_the_first_layers_picture_counts_each_place_of_image_or_patch(architecture, dataset, side):
    data = small_dataset(dataset)
    spec = small_prune_spec("random", architecture, dataset=dataset, pruning={"twins": False, "densities": [0.5]}, epochs=1)
    events, trained = prune(spec, data)
    index, level = level_of(result_of(events), "ticket", 0.5)
    picture = torch.tensor(level.first_layer)
    assert picture.shape == (side, side)
    assert int(picture.sum()) == level.layers[0].nonzero
    weights = trained.weights[f"level{index}.pair0.a"][level.layers[0].name]
    if architecture == "locally connected":
        assert picture[4, 2] == (weights[1 * 2 + 0, :, :, 1, 2] != 0).sum()
    elif weights.ndim == 4:
        assert picture[1, 2] == (weights[:, :, 1, 2] != 0).sum()
    else:
        assert picture[3, 5] == (weights.view(len(weights), -1, side, side)[:, :, 3, 5] != 0).sum()
