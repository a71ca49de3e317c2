"""A frozen part of a spec: what every part of what can be asked for is."""

import math
from collections.abc import Iterable
from typing import ClassVar, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

PATTERNS = {"^([0-9a-f]{20})?$": "20 of the digits 0 to 9 and a to f, or nothing"}
"""Words for the regular expressions of the spec."""


def allowed(info: FieldInfo) -> str:
    """What a field takes, as in `a whole number from 1 to 10,000`."""
    annotation, optional = plain_annotation(info)
    return _allowed(annotation, info.metadata) + (", or nothing" if optional else "")


def plain_annotation(info: FieldInfo) -> tuple[object, bool]:
    """A field's type without None, and whether None is allowed."""
    forms = get_args(info.annotation)
    if type(None) in forms:
        return next(form for form in forms if form is not type(None)), True
    return info.annotation, False


def allowed_each(info: FieldInfo) -> str:
    """What each element of a field of several takes."""
    return allowed(FieldInfo.from_annotation(get_args(plain_annotation(info)[0])[0]))


def is_any_number_of(info: FieldInfo) -> bool:
    """Whether a field takes as many elements as one likes."""
    return Ellipsis in get_args(plain_annotation(info)[0])


def bounds(metadata: Iterable[object]) -> dict[str, float]:
    """The numbers between which a field's value has to lie."""
    found: dict[str, float] = {}
    for mark in metadata:
        match mark:
            case Ge(ge=float() | int() as value):
                found["ge"] = value
            case Gt(gt=float() | int() as value):
                found["gt"] = value
            case Le(le=float() | int() as value):
                found["le"] = value
            case Lt(lt=float() | int() as value):
                found["lt"] = value
    return found


def _allowed(annotation: object, metadata: Iterable[object]) -> str:
    marks = list(metadata)
    if get_origin(annotation) is Literal:
        return ", ".join(map(str, get_args(annotation)))
    if get_origin(annotation) is tuple:
        element, *others = get_args(annotation)
        each = allowed(FieldInfo.from_annotation(element))
        return f"{_how_many(marks)} with commas between, each {each}" if others == [Ellipsis] else f"two numbers, such as 1,2, each {each}"
    if annotation is bool:
        return "true or false"
    if annotation is int:
        return _whole(bounds(marks))
    if annotation is float:
        return _number(bounds(marks))
    pattern = next((mark.pattern for mark in marks if hasattr(mark, "pattern")), None)
    if pattern is not None:
        return PATTERNS[pattern]
    longest = next((mark.max_length for mark in marks if isinstance(mark, MaxLen)), None)
    return "text" if longest is None else f"text of at most {longest:,} characters"


def _how_many(marks: Iterable[object]) -> str:
    least = next((mark.min_length for mark in marks if isinstance(mark, MinLen)), 0)
    most = next((mark.max_length for mark in marks if isinstance(mark, MaxLen)), None)
    return "numbers" if most is None else f"{least} to {most} numbers"


def _whole(limits: dict[str, float]) -> str:
    low = limits.get("ge", limits.get("gt", -math.inf) + 1)
    high = limits.get("le", limits.get("lt", math.inf) - 1)
    if math.isfinite(low) and math.isfinite(high):
        return f"a whole number from {low:,.0f} to {high:,.0f}"
    return f"a whole number of at least {low:,.0f}" if math.isfinite(low) else "a whole number"


def _number(limits: dict[str, float]) -> str:
    match limits:
        case {"ge": low, "le": high}:
            return f"a number from {low:g} to {high:g}"
        case {"ge": low, "lt": high}:
            return f"a number from {low:g} to below {high:g}"
        case {"gt": low, "le": high}:
            return f"a number above {low:g}, at most {high:g}"
        case {"gt": low}:
            return f"a number above {low:g}"
        case {"ge": low}:
            return f"a number of at least {low:g}"
    return "a number"


AS_WRITTEN = "as written"
"""The context in which a spec is read that was stored: to the sign of a zero as it was named."""
MOST_WHOLE = 2**31
"""Whole numbers are below it, so that no sentence has thousands of digits."""


class Frozen(BaseModel):
    """A part of a spec: immutable, refuses unknown keys and numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    neutral_additions: ClassVar[frozenset[str]] = frozenset()
    """Fields that joined after schema 1 and, at their default, leave a run's id as it was; an ancestor's count, too."""

    @field_validator("*")
    @classmethod
    def _zero_has_no_sign(cls, value: object, info: ValidationInfo) -> object:
        """-0.0 is 0.0: they make one experiment, so they have one run id."""
        if info.context == AS_WRITTEN:
            return value
        if isinstance(value, tuple):
            return tuple(part + 0.0 if isinstance(part, float) else part for part in value)
        return value + 0.0 if isinstance(value, float) else value
