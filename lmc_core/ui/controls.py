"""Controls made from the spec: a widget a field, and the spec that they make together."""

import re
from typing import Any

import streamlit as st

from lmc_core.experiments import Spec
from lmc_core.overrides import choices_of, parse_spec
from lmc_core.spec import Experiment
from lmc_core.ui.fields import Group, SpecField, fields_of, groups_of, kept_on_change, kind_name, value_at
from lmc_core.ui.wording import label, value_name

SEPARATOR = re.compile(r"[\s,;]+")
"""What may stand between two numbers."""
WHOLE_ROW = 22
"""Labels longer than this get a row of their own in the narrow sidebar."""


def widget_key(spec: Experiment, path: str) -> str:
    """The widget's key in the session; a field of another network or optimiser is another widget, one that all kinds have the same."""
    section, _, field = path.rpartition(".")
    if section in choices_of(type(spec)) and field != "name" and field not in kept_on_change(section, spec):
        return f"field {section}.{kind_name(getattr(spec, section))}.{field}"
    return f"field {path}"


def set_controls(spec: Experiment) -> None:
    """Let the controls show a spec, before they are drawn or from a callback."""
    for group in groups_of(type(spec)):
        for member in group.members:
            for field in fields_of(member, spec):
                value, key = value_at(spec, field.path), widget_key(spec, field.path)
                if field.kind == "twins":
                    st.session_state[f"{key} a"], st.session_state[f"{key} b"] = value
                elif field.kind == "numbers":
                    st.session_state[key] = _in_a_row(value)
                else:
                    st.session_state[key] = value


def controls(spec: Spec) -> Spec:
    """Draw the controls, which show the spec, and return the spec that they are set to.

    Raises:
        LMCError: the values do not fit together; one sentence says which.
    """
    values: dict[str, Any] = {}
    for group in groups_of(type(spec)):
        with st.expander(group.title, expanded=group.open, icon=group.icon, key=f"group {group.title}"):
            spec = _group(group, spec, values)
    return parse_spec(values, type(spec))


def _group(group: Group, spec: Spec, values: dict[str, Any]) -> Spec:
    for member in group.members:
        if member in choices_of(type(spec)):
            spec = _union(member, spec, values)
            fields = fields_of(member, spec)[1:]
        else:
            fields = fields_of(member, spec)
        for row in _rows(fields):
            for place, field in zip(
                st.columns(len(row), vertical_alignment="bottom") if len(row) > 1 else [st.container()], row, strict=True
            ):
                with place:
                    _put(values, field.path, _widget(field, spec))
    return spec


def _union(member: str, spec: Spec, values: dict[str, Any]) -> Spec:
    """The choice of a kind; another kind than the spec's starts from its own defaults, but for what all kinds have."""
    name = str(_widget(fields_of(member, spec)[0], spec))
    _put(values, f"{member}.name", name)
    if name == value_at(spec, f"{member}.name"):
        return spec
    kept = {field: value_at(spec, f"{member}.{field}") for field in kept_on_change(member, spec)}
    return spec.model_copy(update={member: choices_of(type(spec))[member][name].model_validate(kept)})


def _rows(fields: list[SpecField]) -> list[list[SpecField]]:
    """Two short numbers share a row; everything else has its own."""
    rows: list[list[SpecField]] = []
    for field in fields:
        short = field.kind in ("whole", "number") and len(label(field.path)) <= WHOLE_ROW
        if short and rows and len(rows[-1]) == 1 and rows[-1][0].kind in ("whole", "number") and len(label(rows[-1][0].path)) <= WHOLE_ROW:
            rows[-1].append(field)
        else:
            rows.append([field])
    return rows


def _widget(field: SpecField, spec: Experiment) -> object:
    """Draw one field and return its value."""
    key, name = widget_key(spec, field.path), label(field.path)
    if field.kind == "twins":
        return _twins(field, spec, key)
    if field.kind == "numbers":
        return _numbers(field, spec, key)
    if key not in st.session_state:
        st.session_state[key] = value_at(spec, field.path)
    match field.kind:
        case "choice" if len(field.options) > 3:
            return st.selectbox(name, field.options, key=key, help=field.help, format_func=value_name)
        case "choice":
            return st.segmented_control(
                name, field.options, key=key, help=field.help, format_func=value_name, required=True, width="stretch"
            )
        case "text":
            return st.text_input(name, key=key, help=field.help)
        case "flag":
            return st.toggle(name, key=key, help=field.help)
        case "share":
            return st.slider(name, 0.0, 1.0, step=0.01, key=key, help=field.help)
        case "whole":
            least, most = (None if bound is None else int(bound) for bound in (field.low, field.high))
            return st.number_input(
                name, least, most, value=None if field.optional else "min", step=1, key=key, help=field.help, placeholder="All"
            )
        case "number":
            value = st.session_state[key]
            low, high = (None if bound is None else float(bound) for bound in (field.low, field.high))
            return st.number_input(name, low, high, step=_step(value), format="%g", key=key, help=field.help)


def _twins(field: SpecField, spec: Experiment, key: str) -> list[object]:
    """A number for twin A and one for twin B; the same number twice holds that source of noise equal."""
    values: list[object] = []
    title = label(field.path).removesuffix("s A, B")
    for twin, place, start in zip("ab", st.columns(2), value_at(spec, field.path), strict=True):
        st.session_state.setdefault(f"{key} {twin}", start)
        with place:
            low, high = int(field.low or 0), int(field.high or 0)
            name = f"{title} {twin.upper()}"
            values.append(st.number_input(name, low, high, step=1, key=f"{key} {twin}", help=field.help))
    return values


def _numbers(field: SpecField, spec: Experiment, key: str) -> list[str] | None:
    """Numbers with commas between them; None for none of them where that is allowed."""
    st.session_state.setdefault(key, _in_a_row(value_at(spec, field.path)))
    text = st.text_input(label(field.path), key=key, help=field.help, placeholder=_in_a_row(field.default))
    numbers = [part for part in SEPARATOR.split(text.strip()) if part]
    return None if field.optional and not numbers else numbers


def _in_a_row(numbers: object) -> str:
    return "" if numbers is None else value_name(numbers)


def _step(value: object) -> float:
    """A step of the size of the number's first digit, so that the buttons are of use for 0.001 and for 10."""
    if not isinstance(value, int | float) or value <= 0:
        return 0.1
    return float(f"1e{f'{value:e}'.split('e')[1]}")


def _put(values: dict[str, Any], path: str, value: object) -> None:
    section, _, field = path.rpartition(".")
    target = values.setdefault(section, {}) if section else values
    target[field] = value
