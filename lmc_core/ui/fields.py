"""The spec's fields as a page shows them: grouped, with the widget that suits each, all read from the models."""

from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from lmc_core.overrides import KINDS, UNIONS
from lmc_core.spec import Frozen, TwinsSpec

Kind = Literal["choice", "flag", "whole", "number", "share", "twins"]
"""What a field takes: one of some names, yes or no, a whole number, a number, a number in [0, 1], a whole number for each twin."""


@dataclass(frozen=True)
class SpecField:
    """A field of the spec: what it takes, within which bounds, and what it does."""

    path: str
    kind: Kind
    help: str
    default: object
    options: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    optional: bool = False


@dataclass(frozen=True)
class Group:
    """Fields that one thinks of together; a section's name stands for all of its fields."""

    title: str
    icon: str
    members: tuple[str, ...]
    open: bool


GROUPS = (
    Group("Data", ":material/dataset:", ("dataset", "train_samples", "augmentation"), open=True),
    Group("Network", ":material/hub:", ("architecture",), open=True),
    Group("Optimiser", ":material/trending_down:", ("optimizer", "schedule", "batch_size", "epochs"), open=True),
    Group("Noise", ":material/casino:", ("seeds", "spawn", "repeats"), open=False),
    Group("Measurement and machine", ":material/straighten:", ("measurement", "device", "precision"), open=False),
)

KIND_HELP = {
    "architecture.name": "Linear and MLP are section 3 of the paper; CNN, locally connected CNN and attention are its figure 2.",
    "optimizer.name": "The paper: SGD keeps twins connected, Adam tends to break them apart (tables 1 and 2).",
}


def fields_of(member: str, spec: TwinsSpec) -> list[SpecField]:
    """The fields of a member of a group that the spec has, in the order of the models."""
    if member in UNIONS:
        part: Frozen = getattr(spec, member)
        name = SpecField(f"{member}.name", "choice", KIND_HELP[f"{member}.name"], _kind_of(part), tuple(KINDS[member]))
        return [name, *_fields_of_model(type(part), member)]
    value = getattr(spec, member)
    if isinstance(value, Frozen):
        return _fields_of_model(type(value), member, with_name=True)
    return [_field(member, TwinsSpec.model_fields[member])]


def value_at(spec: TwinsSpec, path: str) -> Any:
    """The value of a field at its dotted path."""
    value: Any = spec
    for part in path.split("."):
        value = getattr(value, part)
    return value


def _kind_of(part: Frozen) -> str:
    return str(type(part).model_fields["name"].default)


def _fields_of_model(model: type[Frozen], section: str, with_name: bool = False) -> list[SpecField]:
    return [_field(f"{section}.{name}", info) for name, info in model.model_fields.items() if name != "name" or with_name]


def _field(path: str, info: FieldInfo) -> SpecField:
    annotation, optional = info.annotation, False
    if type(None) in get_args(annotation):
        optional = True
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    default, help_text = info.get_default(call_default_factory=True), info.description or ""
    if get_origin(annotation) is Literal:
        return SpecField(path, "choice", help_text, default, options=get_args(annotation))
    if annotation is bool:
        return SpecField(path, "flag", help_text, default)
    if get_origin(annotation) is tuple:
        return SpecField(path, "twins", help_text, default, low=0, high=2**31 - 1)
    low, high = _bounds(info)
    kind: Kind = "whole" if annotation is int else "share" if (low, high) == (0, 1) else "number"
    return SpecField(path, kind, help_text, default, low=low, high=high, optional=optional)


def _bounds(info: FieldInfo) -> tuple[float | None, float | None]:
    """The smallest and the largest value where the models name one that is allowed itself."""
    low = high = None
    for mark in info.metadata:
        match mark:
            case Ge(ge=value):
                low = value
            case Le(le=value):
                high = value
            case Gt() | Lt():
                continue
    return low, high  # type: ignore[return-value]
