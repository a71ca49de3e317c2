"""Specs of every kind that can be made, and texts of every kind that people send, for laws that hold for all of them."""

import copy
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from hypothesis import strategies as some
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from lmc_core.experiment import SPECS, Experiment
from lmc_core.frozen import Frozen
from lmc_core.overrides import choices_of

NAMES = some.text(some.characters(exclude_categories=("Cs", "Cc")), max_size=40)
"""What a checkpoint can be called."""


def specs(*models: type[Experiment]) -> some.SearchStrategy[Any]:
    """Specs of these kinds, or of any: the default with fields set one after the other, as far as they fit together."""
    return some.sampled_from(models or tuple(SPECS.values())).flatmap(_specs)


@some.composite
def _specs(draw: some.DrawFn, model: type[Experiment]) -> Experiment:
    values: dict[str, Any] = {}
    for section, kinds in choices_of(model).items():
        values[section] = {"name": draw(some.sampled_from(sorted(kinds)))}
    values["dataset"] = draw(_values(model.model_fields["dataset"]))
    spec = _made(model, values) or model()
    values = spec.model_dump()
    steps = [(name, field) for name, part in _parts(spec).items() for field in type(part).model_fields if field not in ("name", "kind")]
    for name, field in draw(some.lists(some.sampled_from(steps), max_size=12, unique=True)):
        part = _parts(spec)[name]
        changed = copy.deepcopy(values)
        target = changed[name] if name else changed
        if isinstance(getattr(part, field), Frozen):
            continue
        target[field] = draw(_values(type(part).model_fields[field]))
        if field in ("mean", "std"):  # neither fits without the other
            numbers = draw(some.lists(some.floats(1e-3, 10), min_size=1, max_size=3))
            target["mean"], target["std"] = [draw(some.floats(-10, 10)) for _ in numbers], numbers
        if made := _made(model, changed):
            spec, values = made, changed
    return spec


def _parts(spec: Experiment) -> dict[str, Frozen]:
    sections = {name: getattr(spec, name) for name in type(spec).model_fields}
    return {"": spec, **{name: part for name, part in sections.items() if isinstance(part, Frozen)}}


def _made(model: type[Experiment], values: dict[str, Any]) -> Experiment | None:
    try:
        return model.model_validate(values)
    except ValidationError:
        return None


def _values(info: FieldInfo) -> some.SearchStrategy[Any]:
    """Values that a field can have by itself."""
    return _of(info.annotation, info.metadata)


def _of(annotation: Any, marks: list[Any]) -> some.SearchStrategy[Any]:
    if get_origin(annotation) is Literal:
        return some.sampled_from(get_args(annotation))
    if type(None) in get_args(annotation):
        return some.none() | _of(next(part for part in get_args(annotation) if part is not type(None)), marks)
    if hasattr(annotation, "__metadata__"):
        inner, *own = get_args(annotation)
        return _of(inner, [part for mark in own for part in getattr(mark, "metadata", [mark])])
    if get_origin(annotation) is tuple:
        first, *rest = get_args(annotation)
        if rest == [Ellipsis]:
            least = next((mark.min_length for mark in marks if isinstance(mark, MinLen)), 0)
            most = min(next((mark.max_length for mark in marks if isinstance(mark, MaxLen)), 6), 6)
            falling = float in (first, *get_args(first))  # densities fall; epochs and steps rise
            return some.lists(_of(first, []), min_size=least, max_size=most, unique=True).map(lambda found: sorted(found, reverse=falling))
        return some.tuples(*(_of(part, []) for part in (first, *rest)))
    if annotation is bool:
        return some.booleans()
    if annotation is str:
        return NAMES | some.text("0123456789abcdef", min_size=20, max_size=20) | some.just("")
    low = next((getattr(mark, "ge", getattr(mark, "gt", None)) for mark in marks if isinstance(mark, Ge | Gt)), None)
    high = next((getattr(mark, "le", getattr(mark, "lt", None)) for mark in marks if isinstance(mark, Le | Lt)), None)
    if annotation is int:
        least, most = int(low or 0), int(high or 10_000)
        return some.integers(least, least + 9) | some.integers(least, least + 1_500) | some.integers(least, most - 1)
    return some.floats(low, high, allow_nan=False, allow_infinity=False) | some.sampled_from([-0.0, 1e-5, 0.1, 1 / 3, 1.0, 2.0, 5e-324])


NASTY = (
    "", " ", "0", "-0.0", "1", "1e308", "-1e308", "5e-324", "nan", "inf", "9" * 400, "9" * 5_000, "1_0", "١", "0x10", "true", "all", "none",
    "1,2", "1,,2", "1;2", "0..1/3", "0../", "-1e308..1e308/3", "50 steps", "ticket-0", "ticket-" + "9" * 30, "mlp", "vit", "adam", "prune",
    "~nouser", "~a\x00", "/x\x00", "\x00", "/etc", "../..", "a" * 600, "a/b", "start.checkpoint=~a\x00", "architecture.slope=0,0.1", "`",
    "optimizer.lr=" + "." * 3_000, "seeds.order=1,2;3,4", "[]", "{}", "<img src=x>", "![x](y)", "\u202e", "\U0001f4a5", "%s", "{0}", "\n",
)  # fmt: skip
"""Texts on which programs have stumbled."""


def texts() -> some.SearchStrategy[str]:
    """What people write into fields and links."""
    return some.sampled_from(NASTY) | some.text(max_size=20)


def parameters(*names: str) -> some.SearchStrategy[dict[str, str]]:
    """Query parameters of which most have one of these names."""
    return some.dictionaries(some.sampled_from(names) | texts(), texts(), max_size=6)


def json_values(*names: str) -> some.SearchStrategy[Any]:
    """What a spec file can hold, with objects of which most have some of these names."""
    keys = some.sampled_from(names) | texts() | some.just("\ud800")
    leaves = some.none() | some.booleans() | some.integers() | some.floats() | texts() | some.just("\ud800") | some.just(10**4_000)
    return some.recursive(leaves, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(keys, inner, max_size=5), max_leaves=12)
