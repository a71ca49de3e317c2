import pytest

from lmc_core.overrides import KINDS, field_paths
from lmc_core.pruning_spec import PruneSpec
from lmc_core.spec import Experiment, TwinsSpec
from lmc_core.ui.fields import fields_of, groups_of, value_at

PRUNED = [PruneSpec.model_validate({"pruning": {"name": name}}) for name in KINDS["pruning"]]
SPECS = [
    TwinsSpec.model_validate({"dataset": "cifar10", "architecture": {"name": network}, "optimizer": {"name": optimizer}})
    for network in KINDS["architecture"]
    for optimizer in KINDS["optimizer"]
]


def pruned(spec: TwinsSpec) -> PruneSpec:
    """The same with pruning, of all layers, since some networks have but one."""
    shared = spec.model_dump(exclude={"kind", "spawn", "keep"})
    return PruneSpec.model_validate(shared | {"pruning": {"name": "random", "classifier": True}})


def shown(spec: Experiment) -> list[str]:
    return [field.path for group in groups_of(type(spec)) for member in group.members for field in fields_of(member, spec)]


@pytest.mark.parametrize("specs", [SPECS, [*PRUNED, *(pruned(spec) for spec in SPECS)]], ids=["twins", "prune"])
def test_every_field_of_a_kind_of_spec_is_in_exactly_one_group(specs: list[Experiment]) -> None:
    assert {path for spec in specs for path in shown(spec)} == set(field_paths(type(specs[0])))
    for spec in specs:
        assert len(set(shown(spec))) == len(shown(spec))


@pytest.mark.parametrize("spec", PRUNED, ids=KINDS["pruning"])
def test_only_the_fields_that_the_method_has_are_shown(spec: PruneSpec) -> None:
    own = {f"pruning.{name}" for name in type(spec.pruning).model_fields}
    assert {path for path in shown(spec) if path.startswith("pruning.")} == own


@pytest.mark.parametrize("spec", SPECS)
def test_only_the_fields_that_the_network_and_the_optimiser_have_are_shown(spec: TwinsSpec) -> None:
    for member in ("architecture", "optimizer"):
        part = getattr(spec, member)
        assert [field.path for field in fields_of(member, spec)] == [f"{member}.{name}" for name in type(part).model_fields]


@pytest.mark.parametrize("spec", SPECS)
def test_batches_in_parts_are_offered_to_vision_transformers_alone(spec: TwinsSpec) -> None:
    assert ("accumulation" in shown(spec)) == (spec.architecture.name == "vit")


@pytest.mark.parametrize("spec", [SPECS[0], *PRUNED])
def test_every_field_says_what_it_does(spec: TwinsSpec) -> None:
    for group in groups_of(type(spec)):
        for member in group.members:
            for field in fields_of(member, spec):
                assert len(field.help) > 15, field.path


@pytest.mark.parametrize(
    ("path", "kind", "low", "high"),
    [
        ("architecture.slope", "share", 0, 1),
        ("architecture.depth", "whole", 1, 32),
        ("optimizer.lr", "number", None, 100),
        ("optimizer.nesterov", "flag", None, None),
        ("seeds.order", "twins", 0, 2**31 - 1),
        ("train_samples", "whole", 2, None),
        ("dataset", "choice", None, None),
        ("schedule.name", "choice", None, None),
        ("pruning.densities", "numbers", None, None),
        ("pruning.beta1", "number", 0, None),
        ("pruning.rewind", "numbers", None, None),
        ("start.checkpoint", "text", None, None),
    ],
)
def test_a_fields_widget_and_bounds_come_from_the_model(path: str, kind: str, low: float | None, high: float | None) -> None:
    spec = PRUNED[list(KINDS["pruning"]).index("platon")] if path.startswith("pruning") else TwinsSpec()
    members = [member for group in groups_of(type(spec)) for member in group.members]
    field = next(field for member in members for field in fields_of(member, spec) if field.path == path)
    assert (field.kind, field.low, field.high) == (kind, low, high)
    assert field.default == value_at(spec, path)
