"""The pruning spec: another model, with the same links, command lines and sentences as the twins'."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmc_core.errors import LMCError
from lmc_core.experiment import SPECS, PruneSpec, TwinsSpec, canonical, read_spec
from lmc_core.overrides import command_of, field_paths, overrides_of, parse_any_spec, parse_spec, with_overrides
from lmc_core.studies.presets import PRESETS
from lmc_core.studies.pruning_presets import PRUNING_PRESETS


def prune(overrides: dict[str, str], base: dict | None = None) -> PruneSpec:
    return with_overrides(overrides, base, PruneSpec)


def test_the_id_of_the_default_pruning_experiment_never_changes_and_is_no_id_of_twins() -> None:
    assert PruneSpec().run_id == "87b14e1c2628bc9a04ff"
    assert prune({"pruning.name": "platon"}).run_id == "d43144da26d99d9d8131"
    assert PruneSpec().run_id != TwinsSpec().run_id


def test_every_preset_is_a_valid_spec_with_an_id_and_a_name_of_its_own() -> None:
    assert len({preset.spec.run_id for preset in PRUNING_PRESETS.values()}) == len(PRUNING_PRESETS)
    assert not set(PRUNING_PRESETS) & set(PRESETS)
    assert {preset.spec.pruning.name for preset in PRUNING_PRESETS.values()} == {"magnitude", "random", "platon", "iterative", "snip"}


OF_EACH_METHOD = {
    "magnitude": {"scope": "layer", "schedule": "gradual", "initial_epochs": "1", "final_epochs": "1", "interval": "3"},
    "random": {"scope": "global"},
    "platon": {"initial_epochs": "1", "final_epochs": "1", "interval": "3", "beta1": "0.5", "beta2": "0.5", "masking": "hard"},
    "iterative": {"scope": "layer"},
    "snip": {"scope": "layer", "images": "10"},
}
OF_ALL_METHODS = {
    "densities": "0.3",
    "biases": "true",
    "norms": "true",
    "classifier": "true",
    "rewind": "0,2",
    "rewind_unit": "steps",
    "twins": "false",
    "random_control": "false",
    "redrawn_control": "true",
}


def test_every_field_of_every_method_changes_the_id() -> None:
    ids = {
        prune({"pruning.name": method, f"pruning.{field}": text}).run_id
        for method, own in OF_EACH_METHOD.items()
        for field, text in (own | OF_ALL_METHODS).items()
    }
    assert len(ids) == sum(len(own) + len(OF_ALL_METHODS) for own in OF_EACH_METHOD.values())
    named = {f"pruning.{field}" for own in OF_EACH_METHOD.values() for field in own | OF_ALL_METHODS}
    assert {path for path in field_paths(PruneSpec) if path.startswith("pruning.")} == named | {"pruning.name"}


def test_pruning_has_the_fields_of_every_experiment_and_neither_spawn_point_nor_kept_networks() -> None:
    shared = {path for path in field_paths(TwinsSpec) if not path.startswith("spawn.") and path != "keep"}
    assert {path for path in field_paths(PruneSpec) if not path.startswith("pruning.")} == shared


@given(
    densities=st.lists(st.floats(0.01, 1), min_size=1, max_size=8, unique=True),
    rewind=st.lists(st.integers(0, 19), min_size=1, max_size=4, unique=True),
    method=st.sampled_from(sorted(OF_EACH_METHOD)),
    twins=st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_texts_and_json_bring_back_the_same_spec(densities: list[float], rewind: list[int], method: str, twins: bool) -> None:
    pruning = {"name": method, "densities": sorted(densities, reverse=True), "rewind": sorted(rewind), "twins": twins}
    spec = PruneSpec.model_validate({"pruning": pruning})
    assert prune(overrides_of(spec)) == spec
    assert parse_spec(json.loads(spec.model_dump_json()), PruneSpec).run_id == spec.run_id
    assert read_spec(spec.model_dump_json()) == spec


def test_a_spec_is_read_as_the_kind_that_it_says_and_as_twins_where_it_says_none() -> None:
    for model in SPECS.values():
        assert type(read_spec(model().model_dump_json())) is type(parse_any_spec(canonical(model()))) is model
    assert read_spec("{}") == parse_any_spec({}) == TwinsSpec()
    for nonsense in ("", "[]", '{"kind": "cook"}', '{"kind": 1}', '{"kind": "prune", "spawn": {}}', "{" * 1_000):
        with pytest.raises(ValueError, match="validation error"):
            read_spec(nonsense)


def test_the_command_line_of_a_spec_makes_it_again() -> None:
    spec = prune({"pruning.name": "iterative", "pruning.densities": "0.5, 0.25", "pruning.rewind": "0,3", "epochs": "5"})
    texts = "epochs=5 pruning.name=iterative pruning.densities=0.5,0.25 pruning.rewind=0,3"
    assert command_of(spec) == f"python -m lmc_core prune --set {texts}"
    assert prune(dict(text.split("=") for text in texts.split())) == spec
    assert command_of(PruneSpec()) == "python -m lmc_core prune"


def test_another_method_keeps_what_all_methods_share_and_takes_its_own_defaults_elsewhere() -> None:
    base = canonical(prune({f"pruning.{field}": text for field, text in (OF_EACH_METHOD["magnitude"] | OF_ALL_METHODS).items()}))
    spec = prune({"pruning.name": "platon"}, base)
    shared = PruneSpec.model_validate(base).pruning.model_dump(include=set(OF_ALL_METHODS))
    own = prune({"pruning.name": "platon"}).pruning.model_dump(include=set(OF_EACH_METHOD["platon"]))
    assert spec.pruning.model_dump() == {"name": "platon"} | shared | own


def test_a_new_architecture_takes_nothing_along_from_the_old_one_also_where_networks_are_pruned() -> None:
    assert prune({"architecture.name": "cnn"}, canonical(prune({"architecture.slope": "0.5"}))).architecture.slope == 0.0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"pruning.densities": "0"}, ["pruning.densities has '0'", "allowed: a number above 0, at most 1."]),
        ({"pruning.densities": "0.5,-0.1"}, ["pruning.densities has '-0.1'", "allowed: a number above 0, at most 1."]),
        ({"pruning.densities": "1.5"}, ["pruning.densities has '1.5'; allowed: a number above 0, at most 1."]),
        ({"pruning.densities": "nan"}, ["pruning.densities has 'nan'; allowed: a number above 0"]),
        ({"pruning.densities": "half"}, ["pruning.densities has 'half'", "allowed: a number above 0"]),
        ({"pruning.densities": ""}, ["pruning.densities has ''", "allowed: a number above 0"]),
        ({"pruning.densities": ",".join(f"{1 / n}" for n in range(1, 42))}, ["pruning.densities has 41 values; allowed: 1 to 40 numbers"]),
        ({"pruning.densities": "0.2,0.5"}, ["pruning.densities is 0.2, 0.5", "below the one before"]),
        ({"pruning.densities": "0.5,0.5"}, ["pruning.densities is 0.5, 0.5", "below the one before"]),
        ({"pruning.densities": "0.00001"}, ["pruning.densities", "1e-05", "none of", "32,768"]),
        ({"pruning.name": "random", "architecture.name": "cnn", "pruning.densities": "0.0001"}, ["pruning.densities", "none of"]),
        ({"architecture.name": "linear"}, ["classifier", "pruning.classifier"]),
        ({"pruning.rewind": "20"}, ["pruning.rewind is step 240", "240 steps"]),
        ({"pruning.rewind": "500", "pruning.rewind_unit": "steps"}, ["pruning.rewind is step 500", "240 steps"]),
        ({"pruning.rewind": "3,1"}, ["pruning.rewind is 3, 1", "above the one before"]),
        ({"pruning.rewind": "-1"}, ["pruning.rewind has '-1'; allowed: a whole number from 0 to 2,147,483,647."]),
        ({"pruning.rewind": "1.5"}, ["pruning.rewind has '1.5'; allowed: a whole number from 0 to 2,147,483,647."]),
        (
            {"pruning.name": "platon", "pruning.initial_epochs": "15", "pruning.final_epochs": "10"},
            ["initial_epochs", "final_epochs", "300 steps", "240"],
        ),
        ({"pruning.schedule": "gradual", "pruning.final_epochs": "21"}, ["252 steps", "240"]),
        ({"pruning.name": "movement"}, ["pruning.name is 'movement'", "magnitude, random, platon, iterative, snip"]),
        ({"pruning.beta2": "0.9"}, ["pruning.beta2 does not go with magnitude", "densities"]),
        ({"pruning.name": "platon", "pruning.beta2": "1"}, ["pruning.beta2 is '1'; allowed: a number from 0 to below 1."]),
        ({"pruning.name": "snip", "pruning.images": "0"}, ["pruning.images is '0'; allowed: a whole number from 1 to 2,147,483,647."]),
        ({"pruning.intervall": "3"}, ["no field pruning.intervall", "pruning.interval"]),
        ({"measurement.rounding_twin": "true"}, ["measurement.rounding_twin is true"]),
        ({"measurement.blocks": "true"}, ["measurement.blocks is true"]),
        ({"spawn.at": "3"}, ["spawn.at is a field of twins, not of prune"]),
    ],
)
def test_bad_settings_get_one_sentence_with_field_value_and_what_is_allowed(overrides: dict[str, str], words: list[str]) -> None:
    with pytest.raises(LMCError) as fault:
        prune(overrides)
    text = str(fault.value)
    assert all(word in text for word in words), text
    assert "\n" not in text
    assert text.endswith(".")


def test_twins_are_told_which_kind_has_a_field_that_they_have_not() -> None:
    with pytest.raises(LMCError, match=r"^pruning.densities is a field of prune, not of twins\.$"):
        with_overrides({"pruning.densities": "0.5"})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "prune", "pruning": {"densities": 0.5}}, "pruning.densities is 0.5"),
        ({"kind": "prune", "pruning": {"densities": []}}, "pruning.densities has 0 values; allowed: 1 to 40 numbers"),
        ({"kind": "prune", "pruning": {"name": "snip", "beta1": 0.5}}, "pruning.beta1 does not go with snip"),
        ({"kind": "prune", "pruning": 5}, "pruning is 5"),
        ({"kind": "prune", "spawn": {"at": 1}}, "spawn is a field of twins"),
        ({"kind": "cook"}, "kind is 'cook'; allowed: twins"),
    ],
)
def test_a_spec_file_with_the_wrong_shape_is_refused_in_one_sentence(values: object, words: str) -> None:
    with pytest.raises(LMCError, match=words):
        parse_any_spec(values)


@pytest.mark.parametrize(("unit", "steps"), [("steps", (0, 3)), ("epochs", (0, 36))])
def test_rewinding_points_are_reckoned_in_steps(unit: str, steps: tuple[int, ...]) -> None:
    assert prune({"pruning.rewind": "0,3", "pruning.rewind_unit": unit}).rewind_steps == steps
