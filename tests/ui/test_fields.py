import pytest

from lmc_core.experiment import Experiment, PruneSpec, TwinsSpec
from lmc_core.overrides import KINDS, field_paths
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
    ("path", "kind", "allowed"),
    [
        ("architecture.slope", "share", "a number from 0 to 1"),
        ("architecture.depth", "whole", "a whole number from 1 to 32"),
        ("optimizer.lr", "number", "a number above 0, at most 100"),
        ("optimizer.nesterov", "flag", "true or false"),
        ("seeds.order", "twins", "a whole number from 0 to 2,147,483,647"),
        ("train_samples", "whole", "a whole number from 2 to 2,147,483,647, or nothing"),
        ("dataset", "choice", "digits, mnist, fashion_mnist, cifar10, cifar100, tiny_imagenet"),
        ("schedule.name", "choice", "constant, cosine"),
        ("pruning.densities", "numbers", "1 to 40 numbers with commas between, each a number above 0, at most 1"),
        ("pruning.beta1", "number", "a number from 0 to below 1"),
        ("pruning.rewind", "numbers", "1 to 20 numbers with commas between, each a whole number from 0 to 2,147,483,647"),
        ("start.checkpoint", "text", "text of at most 500 characters"),
        ("start.fingerprint", "text", "20 of the digits 0 to 9 and a to f, or nothing"),
    ],
)
def test_a_fields_widget_and_what_it_takes_come_from_the_model(path: str, kind: str, allowed: str) -> None:
    spec = PRUNED[list(KINDS["pruning"]).index("platon")] if path.startswith("pruning") else TwinsSpec()
    members = [member for group in groups_of(type(spec)) for member in group.members]
    field = next(field for member in members for field in fields_of(member, spec) if field.path == path)
    assert (field.kind, field.allowed) == (kind, allowed)
    assert field.default == value_at(spec, path)
