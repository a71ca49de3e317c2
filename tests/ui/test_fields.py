import pytest

from lmc_core.overrides import KINDS, field_paths
from lmc_core.spec import TwinsSpec
from lmc_core.ui.fields import GROUPS, fields_of, value_at

SPECS = [
    TwinsSpec.model_validate({"dataset": "cifar10", "architecture": {"name": network}, "optimizer": {"name": optimizer}})
    for network in KINDS["architecture"]
    for optimizer in KINDS["optimizer"]
]


def test_every_field_of_the_spec_is_in_exactly_one_group() -> None:
    shown = [{field.path for group in GROUPS for member in group.members for field in fields_of(member, spec)} for spec in SPECS]
    assert set().union(*shown) == set(field_paths())
    members = [member for group in GROUPS for member in group.members]
    assert len(set(members)) == len(members)


@pytest.mark.parametrize("spec", SPECS)
def test_only_the_fields_that_the_network_and_the_optimiser_have_are_shown(spec: TwinsSpec) -> None:
    for member in ("architecture", "optimizer"):
        part = getattr(spec, member)
        assert [field.path for field in fields_of(member, spec)] == [f"{member}.{name}" for name in type(part).model_fields]


@pytest.mark.parametrize("spec", SPECS[:1])
def test_every_field_says_what_it_does(spec: TwinsSpec) -> None:
    for group in GROUPS:
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
    ],
)
def test_a_fields_widget_and_bounds_come_from_the_model(path: str, kind: str, low: float | None, high: float | None) -> None:
    spec = TwinsSpec()
    field = next(field for field in fields_of(path.split(".")[0], spec) if field.path == path)
    assert (field.kind, field.low, field.high) == (kind, low, high)
    assert field.default == value_at(spec, path)
