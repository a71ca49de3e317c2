"""Specs as people write them: JSON objects, dotted paths with texts, and one sentence for what is wrong."""

import difflib
import json
import shlex
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lmc_core.errors import LMCError
from lmc_core.spec import ArchitectureSpec, Frozen, OptimizerSpec, TwinsSpec

KINDS: dict[str, dict[str, type[Frozen]]] = {
    section: {model.model_fields["name"].default: model for model in get_args(get_args(union)[0])}
    for section, union in (("architecture", ArchitectureSpec), ("optimizer", OptimizerSpec))
}
"""The models that a section with a name can be, by that name."""

UNIONS = tuple(KINDS)


def parse_spec(values: object) -> TwinsSpec:
    """The spec that JSON-like values describe.

    Raises:
        LMCError: one sentence that names the field, the value and what is allowed.
    """
    if not isinstance(values, dict):
        raise LMCError("A spec is a JSON object with keys such as dataset and epochs; this is not one.")
    for section in UNIONS:
        if isinstance(part := values.get(section), dict) and part:
            values = values | {section: {"name": getattr(TwinsSpec(), section).name} | part}
    try:
        return TwinsSpec.model_validate(values)
    except ValidationError as fault:
        raise LMCError(explain(fault)) from None


def explain(fault: ValidationError) -> str:
    """One sentence for the first thing that is wrong in a spec: the field, the value, what is allowed."""
    first = fault.errors(include_url=False)[0]
    places = [str(place) for place in first["loc"]]
    tag = places.pop(1) if len(places) > 1 and places[0] in UNIONS else ""
    path, value = ".".join(places), short(first["input"])
    match first["type"]:
        case "value_error":
            return f"{first['msg'].removeprefix('Value error, ')}."
        case "extra_forbidden" if tag:
            return f"{path} does not go with {tag}, which has {', '.join(_fields_of(places[0], tag))}."
        case "extra_forbidden":
            return unknown(path)
        case "union_tag_invalid":
            return f"{path}.name is {value}; allowed: {_context(first, 'expected_tags').replace(chr(39), '')}."
        case "union_tag_not_found":
            return f"{path} has no name that says which {path} it is; allowed: {', '.join(KINDS[path])}."
        case "literal_error":
            return f"{path} is {value}; allowed: {_context(first, 'expected').replace(chr(39), '')}."
        case _ if places[0] == "seeds" and places[1:2] in (["order"], ["augmentation"]):
            return f"{'.'.join(places[:2])} takes two whole numbers below 2^31, one a twin, such as 1,2; {value} does not fit."
    reason = first["msg"].removeprefix("Input ").split(", unable")[0]
    return f"{path} is {value}; it {reason[0].lower() + reason[1:]}."


def _context(fault: ErrorDetails, key: str) -> str:
    return str(fault.get("ctx", {}).get(key, ""))


def unknown(path: str) -> str:
    """One sentence that refuses a path and names the nearest ones that exist."""
    allowed = field_paths()
    path = path if len(path) <= 60 else path[:57] + "..."
    near = difflib.get_close_matches(path, allowed, n=3, cutoff=0.5)
    near += [field for field in allowed if field not in near and field.split(".")[-1] == path.split(".")[-1]]
    return f"There is no field {path}; " + (f"the nearest are {', '.join(near)}." if near else f"the fields are {', '.join(allowed)}.")


def short(value: object) -> str:
    """The value as a user typed it, cut where it is too long for a sentence."""
    text = repr(value.get("name", value) if isinstance(value, dict) else value)
    return text if len(text) <= 60 else text[:57] + "..."


def field_paths() -> list[str]:
    """All dotted paths that a spec can have, in the order of the models."""
    paths: dict[str, None] = {}
    for name, info in TwinsSpec.model_fields.items():
        models = KINDS[name].values() if name in UNIONS else [info.annotation]
        for model in models:
            if isinstance(model, type) and issubclass(model, Frozen):
                paths |= dict.fromkeys(f"{name}.{field}" for field in model.model_fields)
            elif name != "kind":
                paths[name] = None
    return list(paths)


def _fields_of(section: str, tag: str) -> list[str]:
    return [field for field in KINDS[section][tag].model_fields if field != "name"]


def with_overrides(overrides: dict[str, str], base: dict[str, Any] | None = None) -> TwinsSpec:
    """The base (or the default spec) with texts set at dotted paths, as in `optimizer.lr=0.1` and `seeds.order=1,2`.

    A new `architecture.name` or `optimizer.name` starts from that kind's own defaults.

    Raises:
        LMCError: an unknown path or a value that does not fit.
    """
    values: dict[str, Any] = json.loads(json.dumps(base or {}))
    allowed = field_paths()
    for path in overrides:
        if path not in allowed:
            raise LMCError(unknown(path))
    for path in sorted(overrides, key=lambda path: not path.endswith(".name")):
        section, _, field = path.rpartition(".")
        target = values.setdefault(section, {}) if section else values
        if not isinstance(target, dict):
            raise LMCError(f"{section} is {short(target)}; it should be an object with fields such as {path}.")
        if field == "name" and section in UNIONS and target.get("name") != overrides[path]:
            target.clear()
        target[field] = _typed(path, overrides[path])
    return parse_spec(values)


def _typed(path: str, text: str) -> object:
    if path in ("seeds.order", "seeds.augmentation"):
        return text.split(",")
    if path == "train_samples" and text.lower() in ("", "all", "none"):
        return None
    return text


def overrides_of(spec: TwinsSpec) -> dict[str, str]:
    """The dotted paths and texts by which the spec differs from the defaults: its link and its command line."""
    texts: dict[str, str] = {}
    for name in TwinsSpec.model_fields:
        value = getattr(spec, name)
        default = TwinsSpec.model_fields[name].get_default(call_default_factory=True)
        if not isinstance(value, Frozen):
            if value != default:
                texts[name] = _text(value)
            continue
        if type(value) is not type(default):
            texts[f"{name}.name"] = str(type(value).model_fields["name"].default)
            default = type(value)()
        for field in type(value).model_fields:
            if getattr(value, field) != getattr(default, field):
                texts[f"{name}.{field}"] = _text(getattr(value, field))
    return texts


def command_of(spec: TwinsSpec) -> str:
    """The command line that makes this run again."""
    settings = [f"{path}={text}" for path, text in overrides_of(spec).items()]
    return shlex.join(["python", "-m", "lmc_core", "twins", *(["--set", *settings] if settings else [])])


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else "all" if value is None else str(value)
