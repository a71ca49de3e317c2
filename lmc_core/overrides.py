"""Specs as people write them: JSON objects, dotted paths with texts, and one sentence for what is wrong."""

import codecs
import difflib
import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, overload

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from lmc_core.errors import LMCError, field, unmarked
from lmc_core.experiment import SPECS, AnySpec, Experiment, Spec, TwinsSpec, spec_model
from lmc_core.frozen import Frozen, allowed, allowed_each, is_any_number_of
from lmc_core.models.spec import Start

LONGEST_VALUE = 4_000
"""Characters of one setting, as a link, a field or the command line gives it; the longest that a spec can have are some hundred."""
LONGEST_LINK = 10_000
"""Characters of all names and values of a link together."""
MOST_PARAMETERS = 100
"""Parameters of a link; a spec has some forty fields."""
LONGEST_FACTOR = 20_000
"""Characters of a sweep's factor on the command line: so many values of twenty characters as a sweep may have cells."""
LONGEST_SPEC = 20_000
"""Characters of a spec as JSON; one has some hundred."""
LONGEST_FILE = 4 * LONGEST_SPEC
"""Bytes of a spec's file, in any encoding."""
MOST_NUMBERS = 2_000
"""Numbers of one setting, before it is known how many it takes."""
LONGEST_TOLD = 60
"""Characters of a value that a sentence repeats."""


MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
"""Byte order marks, as Windows' editors put them before UTF-8 and its shell before UTF-16."""


def text_of(content: bytes) -> str:
    """The text without its byte order mark; what is no text becomes replacement characters, which no spec has."""
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    return content.decode(encoding, errors="replace")


Choices = Mapping[str, Mapping[str, type[Frozen]]]


@cache
def choices_of(model: type[Experiment]) -> Choices:
    """The sections of a spec that can be one of several models, and these models by their names."""
    return {
        section: {part.model_fields["name"].default: part for part in get_args(info.annotation)}
        for section, info in model.model_fields.items()
        if info.discriminator == "name"
    }


KINDS: Choices = {section: models for model in SPECS.values() for section, models in choices_of(model).items()}
"""The models that a section with a name can be, by that name; of all kinds of specs."""

UNIONS = tuple(KINDS)


def parse_any_spec(values: object) -> AnySpec:
    """The spec that JSON-like values describe, of the kind that they say.

    Raises:
        LMCError: as `parse_spec`.
    """
    return parse_spec(values, spec_model(values))


RESULT = {"parameters", "timing", "environment"}
"""Keys of every result and of no spec."""


@overload
def parse_spec(values: object) -> TwinsSpec: ...
@overload
def parse_spec(values: object, model: type[Spec]) -> Spec: ...
def parse_spec(values: object, model: type[Experiment] = TwinsSpec) -> Experiment:
    """The spec that JSON-like values describe.

    Raises:
        LMCError: one sentence that names the field, the value and what is allowed.
    """
    if not isinstance(values, dict):
        raise LMCError("A spec is a JSON object with keys such as dataset and epochs; this is not one.")
    if values.keys() >= RESULT:
        raise LMCError("This is a run's result, not its settings; take the file spec.json that is exported beside it.")
    for path, value in (*values.items(), *(pair for part in values.values() if isinstance(part, dict) for pair in part.items())):
        if isinstance(value, list) and len(value) > MOST_NUMBERS:
            raise LMCError(f"{_printable(str(path))} has {len(value):,} values; no setting takes more than {MOST_NUMBERS:,}.")
    for section in choices_of(model):
        if isinstance(part := values.get(section), dict) and part:
            values = values | {section: {"name": getattr(model(), section).name} | part}
    try:
        return model.model_validate(values)
    except ValidationError as fault:
        raise LMCError(explain(fault, model)) from None


def explain(fault: ValidationError, model: type[Experiment] = TwinsSpec) -> str:
    """One sentence for the first thing that is wrong in a spec: the field, the value, what is allowed; its fields are marked."""
    first, choices = fault.errors(include_url=False)[0], choices_of(model)
    places = [str(place) for place in first["loc"]]
    tag = places.pop(1) if len(places) > 1 and places[0] in choices else ""
    one_of_many = bool(places) and places[-1].isdigit()
    path = _printable(".".join(places[:-1] if one_of_many else places))
    name, value = field(path), short(first["input"])
    match first["type"]:
        case "string_unicode" if path not in field_paths(model):
            return f"{value} has half of a character, which is no text; leave it out."
        case "value_error":
            return f"{first['msg'].removeprefix('Value error, ')}."
        case "extra_forbidden" if tag:
            fields = [field(f"{places[0]}.{other}") for other in choices[places[0]][tag].model_fields if other != "name"]
            return f"{name} does not go with {tag}, which has {', '.join(fields)}."
        case "extra_forbidden":
            return unknown(path, model)
        case "union_tag_invalid" | "union_tag_not_found":
            return f"{field(f'{path}.name')} is {value}; allowed: {', '.join(choices[path])}."
    info = _field_at(places, tag, model)
    if info is None:
        return f"{name} is {value}; give an object with fields such as {field(_example(path, model))}."
    count = first.get("ctx", {}).get("actual_length")
    if first["type"] in ("too_short", "too_long") and count is not None:
        return f"{name} has {count} {'value' if count == 1 else 'values'}; allowed: {allowed(info)}."
    verb, what = ("has", allowed_each(info) if is_any_number_of(info) else allowed(info)) if one_of_many else ("is", allowed(info))
    return f"{name} {verb} {value}; allowed: {what}."


def _field_at(places: Sequence[str], tag: str, model: type[Experiment]) -> FieldInfo | None:
    """The field at a place of a spec; None where that is a whole section."""
    info = model.model_fields[places[0]]
    section = choices_of(model)[places[0]][tag] if tag else info.annotation
    if isinstance(section, type) and issubclass(section, Frozen):
        return section.model_fields[places[1]] if len(places) > 1 else None
    return None if places[0] in choices_of(model) else info


def _example(section: str, model: type[Experiment]) -> str:
    return next((path for path in field_paths(model) if path.startswith(f"{section}.")), section)


def unknown(path: str, model: type[Experiment] = TwinsSpec) -> str:
    """One sentence that refuses a path and names the nearest ones that exist, or the kind of run that has it."""
    known = field_paths(model)
    path = _printable(path)
    others = [kind for kind, other in SPECS.items() if any(f"{known}.".startswith(f"{path}.") for known in field_paths(other))]
    if others:
        return f"{path} is a field of {' and '.join(others)}, not of {model.model_fields['kind'].default}."
    near = difflib.get_close_matches(path, known, n=3, cutoff=0.5)
    near += [other for other in known if other not in near and other.split(".")[-1] == path.split(".")[-1]]
    return f"There is no field {path}; " + (f"the nearest are {', '.join(near)}." if near else f"the fields are {', '.join(known)}.")


def short(value: object) -> str:
    """The value as a user typed it, cut where it is too long for a sentence."""
    value = value.get("name", value) if isinstance(value, dict) else value
    return unmarked(_cut(repr(value[:LONGEST_TOLD] if isinstance(value, str) else value)))


def _printable(path: str) -> str:
    """A path as somebody wrote it, without what no page and no terminal can show."""
    return unmarked(_cut("".join(letter if letter.isprintable() else "�" for letter in path)))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TOLD else text[: LONGEST_TOLD - 3] + "..."


def field_paths(model: type[Experiment] = TwinsSpec) -> list[str]:
    """All dotted paths that a spec can have, in the order of the models."""
    return list(_fields(model))


@cache
def _fields(model: type[Experiment]) -> Mapping[str, FieldInfo]:
    """The field at each dotted path; where several models of a section have it, the first one's."""
    fields: dict[str, FieldInfo] = {}
    for name, info in model.model_fields.items():
        parts = choices_of(model)[name].values() if name in choices_of(model) else [info.annotation]
        for part in parts:
            if isinstance(part, type) and issubclass(part, Frozen):
                for inner, info_of_inner in part.model_fields.items():
                    fields.setdefault(f"{name}.{inner}", info_of_inner)
            elif name != "kind":
                fields[name] = info
    return fields


@overload
def with_overrides(overrides: Mapping[str, str], base: Mapping[str, Any] | None = None) -> TwinsSpec: ...
@overload
def with_overrides(overrides: Mapping[str, str], base: Mapping[str, Any] | None = None, *, model: type[Spec]) -> Spec: ...
@overload
def with_overrides(overrides: Mapping[str, str], base: Mapping[str, Any] | None, model: type[Spec]) -> Spec: ...
def with_overrides(overrides: Mapping[str, str], base: Mapping[str, Any] | None = None, model: type[Experiment] = TwinsSpec) -> Experiment:
    """The base (or the default spec) with texts set at dotted paths, as in `optimizer.lr=0.1` and `seeds.order=1,2`.

    A new `architecture.name`, `optimizer.name` or `pruning.name` starts from that kind's own defaults, but for the fields that
    all of the section's kinds have from one ancestor, such as the densities: these stay.

    Raises:
        LMCError: an unknown path or a value that does not fit.
    """
    values: dict[str, Any] = json.loads(json.dumps(base or {}))
    fields, choices = _fields(model), choices_of(model)
    for path in overrides:
        if path not in fields:
            raise LMCError(unknown(path, model))
        if len(overrides[path]) > LONGEST_VALUE:
            raise LMCError(f"{path} has {len(overrides[path]):,} characters; {LONGEST_VALUE:,} is the most.")
    for path in sorted(overrides, key=lambda path: not path.endswith(".name")):
        section, _, name = path.rpartition(".")
        target = values.setdefault(section, {}) if section else values
        if not isinstance(target, dict):
            raise LMCError(f"{field(section)} is {short(target)}; give an object with fields such as {field(path)}.")
        if name == "name" and section in choices and target.get("name") != overrides[path]:
            kept = {other: target[other] for other in target if other in shared_fields(choices[section].values())}
            target.clear()
            target.update(kept)
        target[name] = _typed(fields[path], overrides[path])
    return parse_spec(values, model)


def start_at(checkpoint: str, fingerprint: str = "") -> Start:
    """The start that a checkpoint's name makes, which may come from anybody.

    Raises:
        LMCError: no checkpoint can have that name, or no weights that fingerprint.
    """
    return with_overrides({"start.checkpoint": checkpoint, "start.fingerprint": fingerprint}).start


def shared_fields(models: Collection[type[Frozen]]) -> set[str]:
    """The fields that models have from an ancestor of all of them."""
    ancestors = set.intersection(*({part for part in model.__mro__ if issubclass(part, Frozen)} for model in models))
    return {name for ancestor in ancestors for name in ancestor.model_fields}


def _typed(info: FieldInfo, text: str) -> object:
    forms = get_args(info.annotation)
    if NoneType in forms and text.lower() in ("", "all", "none"):
        return None
    if any(get_origin(form) is tuple for form in (info.annotation, *forms)):
        return [part.strip() for part in text.split(",")]
    return text


def overrides_of(spec: Experiment) -> dict[str, str]:
    """The dotted paths and texts by which the spec differs from the defaults: its link and its command line."""
    texts: dict[str, str] = {}
    for name, info in type(spec).model_fields.items():
        value = getattr(spec, name)
        default = info.get_default(call_default_factory=True)
        if not isinstance(value, Frozen):
            if value != default:
                texts[name] = _text(value)
            continue
        if type(value) is not type(default):
            texts[f"{name}.name"] = str(type(value).model_fields["name"].default)
            default = type(value)()
        for inner in type(value).model_fields:
            if getattr(value, inner) != getattr(default, inner):
                texts[f"{name}.{inner}"] = _text(getattr(value, inner))
    return texts


def command_of(spec: AnySpec) -> str:
    """The command line that makes this run again."""
    settings = [f"{path}={text}" for path, text in overrides_of(spec).items()]
    return shlex.join(["python", "-m", "lmc_core", spec.kind, *(["--set", *settings] if settings else [])])


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else "all" if value is None else str(value)
