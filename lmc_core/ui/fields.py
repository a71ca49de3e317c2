"""The spec's fields as a page shows them: grouped, with the widget that suits each, all read from the models."""

from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from lmc_core.experiment import Experiment, PruneSpec
from lmc_core.frozen import Frozen, allowed, allowed_each, bounds, plain_annotation
from lmc_core.overrides import choices_of, shared_fields

Kind = Literal["choice", "flag", "whole", "number", "share", "twins", "numbers", "text"]
"""What a field takes: one of some names, yes or no, a whole number, a number, a number in [0, 1], a whole number for each twin,
as many numbers as one likes, any text."""


@dataclass(frozen=True)
class SpecField:
    """A field of the spec: what it takes, and what it does.

    Attributes:
        path: its dotted path.
        kind: of its widget.
        help: what it does.
        default: its value unless another is given.
        allowed: what it takes, in words; of a field for twins, what each of the two numbers is.
        options: of a choice.
        optional: whether it may be left empty.
        model: the part of the spec that has it.
    """

    path: str
    kind: Kind
    help: str
    default: object
    allowed: str
    options: tuple[str, ...] = ()
    optional: bool = False
    model: type[Frozen] = Frozen

    @property
    def name(self) -> str:
        """Its name in the model."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Group:
    """Fields that one thinks of together; a section's name stands for all of its fields that no group names by themselves."""

    title: str
    icon: str
    members: tuple[str, ...]
    open: bool


_FIRST = (
    Group("Data", ":material/dataset:", ("dataset", "train_samples", "test_samples", "augmentation"), open=True),
    Group("Network", ":material/hub:", ("architecture", "start"), open=True),
    Group("Optimiser", ":material/trending_down:", ("optimizer", "schedule", "batch_size", "accumulation", "epochs"), open=True),
)
_LAST = (Group("Measurement and machine", ":material/straighten:", ("measurement", "device", "precision"), open=False),)
_PRUNED_TOO = ("pruning.biases", "pruning.norms", "pruning.classifier")
_TICKETS = ("pruning.rewind", "pruning.rewind_unit", "pruning.twins", "pruning.random_control", "pruning.redrawn_control")

GROUPS = (*_FIRST, Group("Noise", ":material/casino:", ("seeds", "spawn", "repeats", "keep"), open=False), *_LAST)
"""The groups of an experiment with twins."""

PRUNING_GROUPS = (
    Group("Pruning", ":material/content_cut:", ("pruning",), open=True),
    Group("Tickets", ":material/confirmation_number:", _TICKETS, open=True),
    *_FIRST,
    Group("Noise and repeats", ":material/casino:", ("repeats", "seeds"), open=False),
    Group("What is pruned besides weights", ":material/tune:", _PRUNED_TOO, open=False),
    *_LAST,
)
"""The groups of a pruning experiment; a field that a method is given stands with the method by itself."""


def groups_of(model: type[Experiment]) -> tuple[Group, ...]:
    """The groups of a kind of experiment."""
    return PRUNING_GROUPS if issubclass(model, PruneSpec) else GROUPS


KIND_HELP = {
    "architecture.name": "Linear and MLP are section 3 of the paper; CNN, locally connected CNN and attention are its figure 2.",
    "optimizer.name": "The paper: SGD keeps twins connected, Adam tends to break them apart (tables 1 and 2).",
    "pruning.name": "How the weights to remove are chosen. Random masks are the control; SNIP and random choose before training.",
}


def fields_of(member: str, spec: Experiment) -> list[SpecField]:
    """The fields of a member of a group that the spec has, in the order of the models; none where they are for other networks."""
    if member == "accumulation" and not spec.architecture.in_parts:
        return []
    if "." in member:
        return [_field(member, type(getattr(spec, member.partition(".")[0])))]
    own = {path for group in groups_of(type(spec)) for path in group.members if path.startswith(f"{member}.")}
    value, choices = getattr(spec, member), choices_of(type(spec))
    if member in choices:
        kinds = tuple(choices[member])
        name = SpecField(f"{member}.name", "choice", KIND_HELP[f"{member}.name"], kind_name(value), ", ".join(kinds), kinds)
        return [name, *(field for field in _fields_of_model(type(value), member) if field.path not in own)]
    if isinstance(value, Frozen):
        return _fields_of_model(type(value), member, with_name=True)
    return [_field(member, type(spec))]


def field_at(path: str, spec: Experiment) -> SpecField:
    """The field at a dotted path that the spec has."""
    section = path.rpartition(".")[0]
    return _field(path, type(getattr(spec, section)) if section else type(spec))


def kept_on_change(member: str, spec: Experiment) -> set[str]:
    """The fields of a section that stay as they are when another kind is chosen for it, since all of its kinds have them."""
    return shared_fields(choices_of(type(spec))[member].values())


def value_at(spec: Experiment, path: str) -> Any:
    """The value of a field at its dotted path."""
    value: Any = spec
    for part in path.split("."):
        value = getattr(value, part)
    return value


def kind_name(part: Frozen) -> str:
    """The name of a section's kind, such as sgd."""
    return str(type(part).model_fields["name"].default)


def _fields_of_model(model: type[Frozen], section: str, with_name: bool = False) -> list[SpecField]:
    return [_field(f"{section}.{name}", model) for name in model.model_fields if name != "name" or with_name]


def _field(path: str, model: type[Frozen]) -> SpecField:
    info = model.model_fields[path.rpartition(".")[2]]
    annotation, optional = plain_annotation(info)
    kind, takes = _kind(annotation, bounds(info.metadata)), allowed(info)
    options = tuple(map(str, get_args(annotation))) if kind == "choice" else ()
    default, words = info.get_default(call_default_factory=True), info.description or ""
    return SpecField(path, kind, words, default, allowed_each(info) if kind == "twins" else takes, options, optional, model)


def _kind(annotation: object, limits: dict[str, float]) -> Kind:
    if get_origin(annotation) is Literal:
        return "choice"
    if get_origin(annotation) is tuple:
        return "numbers" if Ellipsis in get_args(annotation) else "twins"
    if annotation is bool:
        return "flag"
    if annotation is str:
        return "text"
    return "whole" if annotation is int else "share" if limits == {"ge": 0, "le": 1} else "number"
