"""What a visitor types into a field of a spec: understood as it is meant, or refused with what is allowed."""

import re
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError

from lmc_core.errors import LMCError
from lmc_core.errors import field as named
from lmc_core.frozen import Frozen, allowed_each, plain_annotation
from lmc_core.overrides import short
from lmc_core.ui.fields import SpecField

LONGEST_NUMBER = 40
"""Characters of a number that are looked at."""
LONGEST_LIST = 2_000
"""Characters of several numbers that are looked at."""
NOTHING = ("", "all", "none")
"""What leaves a field empty where it may be."""
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:[, '’]\d{3})+")
"""A whole number whose thousands stand apart."""
_BETWEEN = str.maketrans({",": " ", ";": " "})


def read_value(field: SpecField, text: str) -> object:
    """The value that a text means: a decimal comma is one, thousands may stand apart in a whole number.

    Args:
        field: a number, several, one of the two of twins, a text, or a choice by its name.
        text: as it was typed.

    Raises:
        LMCError: it is not understood, or out of bounds; the sentence says what is allowed.
    """
    typed = text.strip()
    if field.optional and typed.lower() in NOTHING:
        return None
    match field.kind:
        case "numbers":
            return _several(field, typed)
        case "text" | "choice":
            return _valid(field, typed, typed)
        case "number":
            return _valid(field, _with_point(field, typed), typed)
        case _:
            return _valid(field, typed.translate({ord(mark): None for mark in ", '’"}) if _is_grouped(typed) else typed, typed)


def text_of(value: object) -> str:
    """The text that a field shows for a value, which `read_value` reads as the same; nothing for None."""
    match value:
        case None:
            return ""
        case tuple():
            return ", ".join(map(text_of, value))
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e12 else repr(value)
    return str(value)


def _several(field: SpecField, typed: str) -> object:
    parts = typed.translate(_BETWEEN).split() if len(typed) <= LONGEST_LIST else [typed]
    try:
        return _adapter(field.model, field.name, one=False).validate_python(parts)
    except ValidationError as fault:
        place = fault.errors(include_url=False)[0]["loc"]
        if place and isinstance(place[0], int):
            what = allowed_each(field.model.model_fields[field.name])
            raise LMCError(f"{named(field.path)} has {short(parts[place[0]])}; allowed: {what}.") from None
        raise _refused(field, typed) from None


def _with_point(field: SpecField, typed: str) -> str:
    """The text of a number with a point in the place of a decimal comma."""
    if _is_grouped(typed) and "," in typed:
        raise LMCError(
            f"{named(field.path)} is {short(typed)}, which can be read as {typed.replace(',', '.')} or as {typed.replace(',', '')}; "
            "write it without a comma."
        )
    return typed.replace(",", ".") if "." not in typed else typed


def _is_grouped(typed: str) -> bool:
    return len(typed) <= LONGEST_NUMBER and _GROUPED.fullmatch(typed) is not None


def _valid(field: SpecField, text: str, typed: str) -> object:
    if len(text) > LONGEST_NUMBER and field.kind not in ("text", "choice"):
        raise _refused(field, typed)
    try:
        return _adapter(field.model, field.name, one=field.kind == "twins").validate_python(text.replace("−", "-"))
    except ValidationError:
        raise _refused(field, typed) from None


def _refused(field: SpecField, typed: str) -> LMCError:
    return LMCError(f"{named(field.path)} is {short(typed) if typed else 'empty'}; allowed: {field.allowed}.")


@cache
def _adapter(model: type[Frozen], name: str, *, one: bool) -> TypeAdapter[Any]:
    """What validates a field's value, or one of its numbers, as the model does."""
    info = model.model_fields[name]
    annotation, _ = plain_annotation(info)
    takes: Any = get_args(annotation)[0] if one else Annotated[annotation, *info.metadata] if info.metadata else annotation
    return TypeAdapter(takes, config=ConfigDict(allow_inf_nan=False))
