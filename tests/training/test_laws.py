"""What is true of twins, whatever they are."""

import pytest
import torch

from lmc_core.training.networks import build
from tests.small_data import small_dataset
from tests.training.reference import as_numbers
from tests.training.runs import ARCHITECTURES, DATA, result_of, small_spec, train

EQUAL_NOISE = {"order": (5, 5), "augmentation": (6, 6)}


def equal(one, other) -> bool:
    return all(torch.equal(weight, other[name]) for name, weight in one.items())


@pytest.mark.parametrize("augmentation", ["none", "shift_flip"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_same_noise_gives_identical_twins_and_barrier_zero(architecture, augmentation):
    events, trained = train(small_spec(architecture, seeds=EQUAL_NOISE, augmentation=augmentation))
    pair = result_of(events).pairs[0]
    assert equal(trained.weights["pair0.a"], trained.weights["pair0.b"])
    for barrier in (pair.barriers.train, pair.barriers.test):
        assert barrier.error == barrier.normalized == barrier.loss == 0
        assert barrier.error_chord_gap == barrier.loss_chord_gap == 0
    assert pair.distances.twins.l2 == pair.distances.twins.cosine == 0


@pytest.mark.parametrize(
    ("seeds", "augmentation", "identical"),
    [
        ({"order": (1, 2), "augmentation": (3, 3)}, "none", False),
        ({"order": (1, 2), "augmentation": (3, 3)}, "shift_flip", False),
        ({"order": (1, 1), "augmentation": (3, 4)}, "shift_flip", False),
        ({"order": (1, 1), "augmentation": (3, 4)}, "none", True),
    ],
)
def test_each_source_of_noise_parts_twins_by_itself(seeds, augmentation, identical):
    _, trained = train(small_spec(seeds=seeds, augmentation=augmentation))
    assert equal(trained.weights["pair0.a"], trained.weights["pair0.b"]) is identical


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_barrier_from_a_to_b_is_that_from_b_to_a(architecture):
    forth, _ = train(small_spec(architecture, seeds={"order": (1, 2), "augmentation": (1, 2)}))
    back, _ = train(small_spec(architecture, seeds={"order": (2, 1), "augmentation": (2, 1)}))
    one, other = result_of(forth).pairs[0], result_of(back).pairs[0]
    for split in ("train", "test"):
        there, here = getattr(one.barriers, split), getattr(other.barriers, split)
        assert there.loss == pytest.approx(here.loss, abs=1e-5)
        images = len(DATA.train_labels if split == "train" else DATA.test_labels)
        assert there.error == pytest.approx(here.error, abs=1.01 / images)
        curves = getattr(one.curves, split), getattr(other.curves, split)
        assert curves[0].loss == pytest.approx(curves[1].loss[::-1], abs=1e-5)
    assert one.distances.twins == other.distances.twins


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_the_training_loss_of_logistic_regression_lies_nowhere_above_the_chord(optimizer):
    spec = small_spec("logistic regression", optimizer, measurement={"alphas": 21, "every": 1}, repeats=2)
    events, _ = train(spec)
    curves = [pair.curves.train.loss for event in events if event.event == "curve" for pair in event.pairs]
    assert len(curves) == 2 * (spec.epochs + 1)
    for loss in curves:
        chord = [loss[0] + (loss[-1] - loss[0]) * position / 20 for position in range(21)]
        assert all(height <= limit + 1e-5 for height, limit in zip(loss, chord, strict=True))
    assert curves[-1][0] < curves[0][0]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_curves_end_in_the_twins_own_errors(architecture):
    spec = small_spec(architecture)
    events, trained = train(spec)
    curves = result_of(events).pairs[0].curves
    for split, images, labels in (("train", DATA.train_images, DATA.train_labels), ("test", DATA.test_images, DATA.test_labels)):
        for end, twin in ((0, "a"), (-1, "b")):
            net = build(spec)
            net.load_state_dict(trained.weights[f"pair0.{twin}"])
            with torch.no_grad():
                logits = net(as_numbers(images, DATA))
            best = logits.topk(2).values
            undecided = int((best[:, 0] - best[:, 1] < 1e-4).sum())
            wrong = int((logits.argmax(1) != labels).sum())
            assert abs(getattr(curves, split).error[end] * len(labels) - wrong) <= undecided + 1e-6


@pytest.mark.parametrize("optimizer", ["nesterov with decay", "clipped adamw"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_members_of_a_cohort_are_those_trained_alone_to_the_bit(architecture, optimizer):
    _, alone = train(small_spec(architecture, optimizer, augmentation="shift_flip"), threads=1)
    _, together = train(small_spec(architecture, optimizer, augmentation="shift_flip", repeats=4), threads=3)
    for name, weights in alone.weights.items():
        assert equal(weights, together.weights[name])


def test_a_run_is_the_same_at_every_start():
    spec = small_spec("cnn", "adam", repeats=2, measurement={"every": 2})
    (events, first), (again, second) = train(spec), train(spec)
    assert result_of(events).pairs == result_of(again).pairs
    assert all(equal(first.weights[name], second.weights[name]) for name in first.weights)


def test_training_on_some_images_measures_on_those_and_tests_on_all():
    data = small_dataset(train=120)
    result = result_of(train(small_spec(), data)[0])
    assert result.environment.dataset["train_samples"] == 90
    assert result.environment.dataset["test_samples"] == 70
    counts = [error * 90 for error in result.pairs[0].curves.train.error]
    assert counts == pytest.approx([round(count) for count in counts])


def test_twins_that_learn_pass_from_a_flat_line_through_their_training():
    spec = small_spec(epochs=12, measurement={"every": 3, "alphas": 5})
    events, _ = train(spec)
    curves = [event for event in events if event.event == "curve"]
    assert [event.epoch for event in curves] == [0, 3, 6, 9, 12]
    first, last = curves[0].pairs[0], curves[-1].pairs[0]
    assert first.barriers.test.error == first.distances.twins.l2 == first.distances.init_a.l2 == 0
    assert last.curves.train.error[0] < 0.5 < first.curves.train.error[0]
    assert last.distances.init_a.l2 > last.distances.twins.l2 > 0
