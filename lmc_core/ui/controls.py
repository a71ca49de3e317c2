"""Controls made from the spec: a widget a field, and the spec that they make together."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.errors import field as named
from lmc_core.experiment import Experiment, Spec
from lmc_core.overrides import choices_of, parse_spec
from lmc_core.ui.fields import Group, SpecField, fields_of, groups_of, kept_on_change, kind_name, value_at
from lmc_core.ui.markup import field_fault
from lmc_core.ui.typed import read_value, text_of
from lmc_core.ui.wording import in_words, label, value_name

WHOLE_ROW = 22
"""Labels longer than this get a row of their own in the narrow sidebar."""
TYPED = ("whole", "number", "numbers", "text")
"""Kinds of fields that one types into; one for twins is two of them."""


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
                for key, shown in _shown(field, spec).items():
                    st.session_state[key] = shown


def controls(spec: Spec) -> Spec:
    """Draw the controls, which show the spec, and return the spec that they are set to.

    Raises:
        LMCError: one of them is not understood, or the values do not fit together; one sentence says which.
    """
    drawn = spec
    for group in groups_of(type(spec)):
        with st.expander(group.title, expanded=group.open, icon=group.icon, key=f"group {group.title}"):
            drawn = _group(group, drawn)
    return typed_spec(spec)


def typed_spec(spec: Spec) -> Spec:
    """The spec that the controls are set to at this moment, also from a callback, which comes before they are drawn anew.

    Args:
        spec: that they showed; what has no widget stays as it is.

    Raises:
        LMCError: as `controls`.
    """
    values: dict[str, Any] = {}
    faults: dict[str, LMCError] = {}
    for group in groups_of(type(spec)):
        for member in group.members:
            spec = _of_chosen_kind(member, spec)
            for field in fields_of(member, spec):
                try:
                    _put(values, field.path, _value(field, spec))
                except LMCError as fault:
                    faults[field.path] = fault
    if faults:
        first, *others = faults
        also = f" Other fields that are not understood: {', '.join(map(named, others))}." if others else ""
        raise LMCError(f"{faults[first].sentence}{also}")
    return parse_spec(values, type(spec))


def _group(group: Group, spec: Spec) -> Spec:
    """Draw the controls of a group; the spec with the kinds that are chosen in it."""
    for member in group.members:
        fields = fields_of(member, spec)
        if member in choices_of(type(spec)):
            _widget(fields[0], spec, partial(_tell_of_defaults, member, spec))
            spec = _of_chosen_kind(member, spec)
            fields = fields_of(member, spec)[1:]
        for row in _rows(fields):
            for place, field in zip(
                st.columns(len(row), vertical_alignment="bottom") if len(row) > 1 else [st.container()], row, strict=True
            ):
                with place:
                    _widget(field, spec)
    return spec


def _of_chosen_kind(member: str, spec: Spec) -> Spec:
    """The spec with the kind that a section's control is set to; another one starts from its own defaults, but for what all have."""
    choices = choices_of(type(spec))
    if member not in choices:
        return spec
    name = str(st.session_state.get(widget_key(spec, f"{member}.name")) or value_at(spec, f"{member}.name"))
    if name == value_at(spec, f"{member}.name"):
        return spec
    kept = {field: value_at(spec, f"{member}.{field}") for field in kept_on_change(member, spec)}
    return spec.model_copy(update={member: choices[member][name].model_validate(kept)})


def _tell_of_defaults(member: str, spec: Spec) -> None:
    """Say which values become another's defaults with the kind that was just chosen, as the learning rate does under Adam."""
    chosen = _of_chosen_kind(member, spec)
    before, after = getattr(spec, member), getattr(chosen, member)
    changed = [
        f"{label(f'{member}.{field}')} is now {value_name(value)}"
        for field in type(after).model_fields
        if field != "name" and hasattr(before, field) and (value := getattr(after, field)) != getattr(before, field)
    ]
    if changed:
        st.toast(f"{value_name(kind_name(after))} starts from its own defaults. {'. '.join(changed)}.", icon=":material/tune:")


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


def _widget(field: SpecField, spec: Experiment, chosen: Callable[[], None] | None = None) -> None:
    """Draw one field; `chosen` is called when another of its options is chosen."""
    key, name = widget_key(spec, field.path), label(field.path)
    for each, shown in _shown(field, spec).items():
        st.session_state.setdefault(each, shown)
    match field.kind:
        case "choice" if len(field.options) > 3:
            st.selectbox(name, field.options, key=key, help=field.help, format_func=value_name, on_change=chosen)
        case "choice":
            more: dict[str, Any] = {"required": True, "width": "stretch", "on_change": chosen}
            st.segmented_control(name, field.options, key=key, help=field.help, format_func=value_name, **more)
        case "flag":
            st.toggle(name, key=key, help=field.help)
        case "share":
            st.slider(name, 0.0, 1.0, step=0.01, key=key, help=field.help)
        case "twins":
            title = name.removesuffix("s A, B")
            for twin, place in zip("ab", st.columns(2), strict=True):
                with place:
                    _text_field(field, f"{key} {twin}", f"{title} {twin.upper()}")
        case _:
            _text_field(field, key, name)


def _text_field(field: SpecField, key: str, name: str) -> None:
    """A field that one types into, with what is allowed below it where it is not understood."""
    whole = field.kind in ("whole", "twins")
    placeholder = "All" if field.kind == "whole" and field.optional else text_of(field.default) if field.kind == "numbers" else ""
    st.text_input(
        name,
        key=key,
        help=field.help,
        type="phone" if whole else "default",  # the keyboard of a phone then shows digits
        icon="",
        placeholder=placeholder,
        validate="",
        autocomplete="off",
    )
    try:
        read_value(field, str(st.session_state[key]))
    except LMCError as fault:
        st.html(field_fault(in_words(fault)))


def _shown(field: SpecField, spec: Experiment) -> dict[str, object]:
    """What the widgets of a field show for a spec, by their keys."""
    key, value = widget_key(spec, field.path), value_at(spec, field.path)
    if field.kind == "twins":
        return {f"{key} {twin}": text_of(each) for twin, each in zip("ab", value, strict=True)}
    return {key: text_of(value) if field.kind in TYPED else value}


def _value(field: SpecField, spec: Experiment) -> object:
    """The value that a field's widgets are set to.

    Raises:
        LMCError: it is not understood.
    """
    shown = {key: st.session_state.get(key, value) for key, value in _shown(field, spec).items()}
    if field.kind == "twins":
        return [read_value(field, str(each)) for each in shown.values()]
    (value,) = shown.values()
    return read_value(field, str(value)) if field.kind in TYPED else value


def _put(values: dict[str, Any], path: str, value: object) -> None:
    section, _, field = path.rpartition(".")
    target = values.setdefault(section, {}) if section else values
    target[field] = value
