"""The spec: one model that gives the link, the command line, the widgets and the run's id."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec, canonical
from lmc_core.overrides import field_paths, overrides_of, parse_spec, with_overrides
from lmc_core.studies.presets import PRESETS

PINNED_IDS = {
    "first": "746c1a4a5457566a42bb",
    "adam_breaks": "4035f1e2efa740787bc4",
    "logistic": "100f2e084634d03074ae",
    "linear4_adam": "b642cd26507869dd8ebf",
    "minimal": "8af37fa27c45c7283c7c",
    "cnn": "27cebfb66adb99d4c9cd",
    "attention": "6c02b02cc27c8e32e1cb",
}


@pytest.mark.parametrize(("name", "run_id"), PINNED_IDS.items())
def test_the_id_of_a_known_experiment_never_changes(name: str, run_id: str) -> None:
    assert PRESETS[name].spec.run_id == run_id


def test_every_preset_is_a_valid_spec_with_an_id_of_its_own() -> None:
    assert len({preset.spec.run_id for preset in PRESETS.values()}) == len(PRESETS)


def test_a_field_added_later_leaves_old_ids_alone_at_its_default_and_changes_them_otherwise() -> None:
    class Later(TwinsSpec):
        neutral_additions = frozenset({"mixup"})
        mixup: float = 0.0

    assert Later().run_id == TwinsSpec().run_id
    assert Later(mixup=0.5).run_id != TwinsSpec().run_id


def test_every_field_changes_the_id() -> None:
    changed = {
        "dataset": "mnist",
        "train_samples": "500",
        "test_samples": "200",
        "start.checkpoint": "some/vit",
        "start.fingerprint": "0" * 20,
        "architecture.name": "linear",
        "architecture.depth": "3",
        "architecture.width": "64",
        "architecture.slope": "0.5",
        "optimizer.name": "adam",
        "optimizer.lr": "0.2",
        "optimizer.momentum": "0.5",
        "optimizer.nesterov": "true",
        "optimizer.weight_decay": "0.1",
        "optimizer.clip_norm": "1",
        "schedule.name": "cosine",
        "schedule.warmup_epochs": "2",
        "batch_size": "64",
        "epochs": "5",
        "augmentation": "shift_flip",
        "seeds.init": "7",
        "seeds.order": "2,1",
        "seeds.augmentation": "1,1",
        "spawn.at": "1",
        "spawn.unit": "steps",
        "repeats": "2",
        "measurement.alphas": "5",
        "measurement.every": "0",
        "measurement.rounding_twin": "true",
        "measurement.blocks": "true",
        "measurement.precision": "bfloat16",
        "keep": "0,2",
        "device": "cpu",
        "precision": "bfloat16",
    }
    ids = {with_overrides({path: text}).run_id for path, text in changed.items()}
    assert len(ids | {TwinsSpec().run_id}) == len(changed) + 1
    elsewhere = "filters kernel patch heads head_dim side layers mlp mean std resample crop attention norm_epsilon"
    only_elsewhere = {f"architecture.{field}" for field in elsewhere.split()} | {"accumulation"}
    assert set(field_paths()) == set(changed) | only_elsewhere


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("side", "64"),
        ("patch", "8"),
        ("width", "96"),
        ("layers", "2"),
        ("heads", "2"),
        ("mlp", "64"),
        ("resample", "bicubic"),
        ("crop", "0.875"),
        ("attention", "sdpa"),
        ("norm_epsilon", "1e-6"),
    ],
)
def test_every_field_of_a_vision_transformer_changes_the_id(field: str, text: str) -> None:
    vit = {"architecture.name": "vit"}
    assert with_overrides(vit | {f"architecture.{field}": text}).run_id != with_overrides(vit).run_id


def test_channels_statistics_are_lists_of_numbers_or_empty() -> None:
    vit = {"architecture.name": "vit", "dataset": "cifar10"}
    given = with_overrides(vit | {"architecture.mean": "0.5, 0.4,0.3", "architecture.std": "0.2,0.2,0.25"})
    assert given.architecture.model_dump(include={"mean", "std"}) == {"mean": (0.5, 0.4, 0.3), "std": (0.2, 0.2, 0.25)}
    assert with_overrides(overrides_of(given)) == given
    emptied = with_overrides({"architecture.mean": "", "architecture.std": "none"}, canonical(given))
    assert emptied == with_overrides(vit)


def test_the_issue_s_example_of_settings_is_accepted() -> None:
    example = (
        "dataset=mnist architecture.name=mlp architecture.depth=2 architecture.width=512 architecture.slope=0.01 optimizer.name=sgd "
        "optimizer.lr=0.1 schedule.warmup_epochs=10 batch_size=128 epochs=20 seeds.init=0 seeds.order=1,2 repeats=3"
    )
    spec = with_overrides(dict(pair.split("=") for pair in example.split()))
    assert spec.seeds.order == (1, 2)
    assert spec.schedule.warmup_epochs == 10


@given(
    depth=st.integers(1, 32),
    slope=st.floats(0, 1),
    lr=st.floats(1e-9, 100),
    order=st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)),
    nesterov=st.booleans(),
    samples=st.one_of(st.none(), st.integers(128, 1437)),
)
@settings(max_examples=50, deadline=None)
def test_texts_and_json_bring_back_the_same_spec(
    depth: int, slope: float, lr: float, order: tuple[int, int], nesterov: bool, samples: int | None
) -> None:
    spec = TwinsSpec.model_validate(
        {
            "architecture": {"name": "mlp", "depth": depth, "slope": slope},
            "optimizer": {"name": "sgd", "lr": lr, "nesterov": nesterov},
            "seeds": {"order": order},
            "train_samples": samples,
        }
    )
    assert with_overrides(overrides_of(spec)) == spec
    assert parse_spec(json.loads(spec.model_dump_json())).run_id == spec.run_id


def test_another_architecture_starts_from_its_own_defaults() -> None:
    base = canonical(with_overrides({"architecture.width": "77"}))
    spec = with_overrides({"architecture.name": "cnn"}, base)
    assert spec.architecture.model_dump() == {"name": "cnn", "filters": 128, "kernel": 4, "slope": 0.0}


def test_an_override_keeps_the_rest_of_the_base() -> None:
    base = canonical(with_overrides({"architecture.width": "77", "optimizer.lr": "0.3"}))
    spec = with_overrides({"optimizer.momentum": "0.5"}, base)
    assert (spec.optimizer.lr, spec.architecture.width) == (0.3, 77)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"optimizer.lr": "x"}, ["optimizer.lr is 'x'; allowed: a number above 0, at most 100."]),
        ({"optimizer.lr": "nan"}, ["optimizer.lr is 'nan'; allowed: a number above 0"]),
        ({"optimizer.lr": "0"}, ["optimizer.lr is '0'; allowed: a number above 0"]),
        ({"epochs": "-1"}, ["epochs is '-1'; allowed: a whole number from 1 to 10,000."]),
        ({"epochs": "9" * 500}, ["epochs is", "..."]),
        ({"architecture.slope": "2"}, ["architecture.slope is '2'; allowed: a number from 0 to 1."]),
        ({"dataset": "imagenet"}, ["dataset is 'imagenet'", "digits, mnist"]),
        ({"optimizer.name": "lion"}, ["optimizer.name is 'lion'", "sgd, adam, adamw"]),
        ({"optimizer.learning_rate": "1"}, ["no field optimizer.learning_rate", "nearest"]),
        ({"zz": "1"}, ["no field zz", "dataset, train_samples"]),
        (
            {"optimizer.name": "adam", "optimizer.momentum": "1"},
            ["optimizer.momentum does not go with adam", "optimizer.lr, optimizer.weight_decay"],
        ),
        ({"batch_size": "99999"}, ["batch_size is 99,999", "1,437"]),
        ({"train_samples": "2000"}, ["train_samples is 2,000", "1,437"]),
        ({"seeds.order": "1"}, ["seeds.order has ['1']; allowed: two numbers, such as 1,2"]),
        ({"seeds.order": "1,2,3"}, ["seeds.order has 3 values; allowed: two numbers"]),
        ({"seeds.augmentation": "1,x"}, ["seeds.augmentation has 'x'; allowed: two numbers"]),
        ({"schedule.warmup_epochs": "30"}, ["schedule.warmup_epochs is 30", "20 epochs"]),
        ({"spawn.at": "21"}, ["spawn.at is step 252", "240 steps"]),
        ({"architecture.name": "cnn", "architecture.kernel": "9"}, ["architecture.kernel is 9", "8 pixels"]),
        ({"architecture.name": "attention", "architecture.patch": "3"}, ["architecture.patch is 3", "does not divide"]),
        ({"optimizer.nesterov": "true", "optimizer.momentum": "0"}, ["nesterov", "momentum above 0"]),
        ({"architecture.name": "vit", "architecture.mean": "0.5,x,0.5"}, ["architecture.mean has 'x'; allowed: a number."]),
        ({"architecture.name": "vit", "architecture.mean": "0.5,0.5,0.5"}, ["need one number for each channel", "they have 3 and 0"]),
        ({"start.fingerprint": "abc"}, ["start.fingerprint is 'abc'; allowed: 20 of the digits 0 to 9 and a to f, or nothing."]),
    ],
)
def test_bad_settings_get_one_sentence_with_field_value_and_what_is_allowed(overrides: dict[str, str], words: list[str]) -> None:
    with pytest.raises(LMCError) as fault:
        with_overrides(overrides)
    text = str(fault.value)
    assert all(word in text for word in words), text
    assert "\n" not in text
    assert text.endswith(".")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1], "not one"),
        ("dataset", "not one"),
        ({"architecture": 5}, "architecture is 5"),
        ({"architecture": {"name": ["mlp"]}}, "allowed: linear"),
        ({"optimizer": {"name": "sgd", "lr": {}}}, "optimizer.lr is {}"),
        ({"epochs": float("inf")}, "epochs is inf; allowed: a whole number"),
        ({"pickle": "gASV"}, "no field pickle"),
    ],
)
def test_a_spec_file_with_the_wrong_shape_is_refused_in_one_sentence(values: object, words: str) -> None:
    with pytest.raises(LMCError, match=words):
        parse_spec(values)


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        TwinsSpec().epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(("unit", "at", "step"), [("steps", 5, 5), ("epochs", 2, 24)])
def test_the_spawn_point_is_reckoned_in_steps(unit: str, at: int, step: int) -> None:
    assert with_overrides({"spawn.unit": unit, "spawn.at": str(at)}).spawn_step == step
