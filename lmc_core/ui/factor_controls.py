"""The controls that say what varies in a sweep: one or two fields of the spec, each with values or a range."""

from collections.abc import Sequence

import streamlit as st

from lmc_core.experiment import TwinsSpec
from lmc_core.overrides import LONGEST_VALUE
from lmc_core.sweeps.sweep import PAIRS, text_at
from lmc_core.ui.fields import GROUPS, SpecField, fields_of
from lmc_core.ui.wording import field_title, value_name

ONE = "one factor"
"""The choice of no second factor."""
SUGGESTED = {
    "architecture.depth": "2, 4, 8",
    "architecture.filters": "8, 16, 32",
    "architecture.heads": "2, 4, 8",
    "architecture.slope": "0, 0.1, 0.5, 0.9",
    "architecture.width": "16, 64, 256",
    "batch_size": "16, 64, 256",
    "epochs": "5, 10, 20, 40",
    "measurement.alphas": "11, 21, 51",
    "optimizer.clip_norm": "0, 0.1, 1",
    "optimizer.lr": "0.001, 0.01, 0.1",
    "optimizer.momentum": "0, 0.5, 0.9",
    "optimizer.weight_decay": "0, 0.0001, 0.001",
    "schedule.warmup_epochs": "0, 1, 2",
    "seeds.augmentation": "1,2; 3,4; 5,6",
    "seeds.init": "0..4/5",
    "seeds.order": "1,2; 3,4; 5,6",
    "spawn.at": "0, 1, 5, 10",
    "test_samples": "500, 1000, all",
    "train_samples": "200, 400, 800, all",
}
"""Values that a field starts from when it is chosen; others start from the base's own value."""
HELP = "With commas between: `0, 0.1, 0.5`. A range: `0..1/11` is 11 numbers from 0 to 1. You can mix both."
PAIRS_HELP = "Two seeds with a comma, and a semicolon between one choice and the next: `1,2; 3,4`."


def set_factor_controls(factors: Sequence[str]) -> None:
    """Let the controls show factors, each as `path=values`."""
    for place in range(2):
        path, _, values = factors[place].partition("=") if place < len(factors) else (ONE, "", "")
        st.session_state[_field_key(place)] = path.strip()
        st.session_state[_names_key(place)] = [value.strip() for value in values.split(",")] if values else []
        st.session_state[_text_key(place)] = _apart(values, " ") if path not in PAIRS else values.strip()


def factor_controls(spec: TwinsSpec) -> tuple[str, ...]:
    """Draw the controls and return the factors as they are set, each as `path=values`."""
    fields = varying(spec)
    factors = []
    for place in range(2):
        which, values = st.columns([2, 5], vertical_alignment="bottom", gap="small")
        with which:
            path = _field(place, fields, spec)
        if path == ONE:
            continue
        with values:
            factors.append(f"{path}={_values(place, path, fields.get(path))}")
    return tuple(factors)


def varying(spec: TwinsSpec) -> dict[str, SpecField]:
    """The fields that the spec has, by their paths, in the order of the controls."""
    found = [field for group in GROUPS for member in group.members for field in fields_of(member, spec)]
    return {field.path: field for field in found}


def _field(place: int, fields: dict[str, SpecField], spec: TwinsSpec) -> str:
    key = _field_key(place)
    chosen = str(st.session_state.setdefault(key, ONE))
    options = [*([ONE] if place else []), *fields]
    if chosen not in options:
        options.append(chosen)
    return st.selectbox(
        "What varies" if place == 0 else "And also",
        options,
        key=key,
        format_func=lambda path: "Nothing else" if path == ONE else field_title(path),
        on_change=_suggest,
        args=(place, spec),
    )


def _values(place: int, path: str, field: SpecField | None) -> str:
    if field is not None and field.kind in ("choice", "flag"):
        options = list(field.options) if field.kind == "choice" else ["false", "true"]
        key = _names_key(place)
        st.session_state[key] = [name for name in st.session_state.get(key, []) if name in options]
        picked = st.multiselect("Values", options, key=key, format_func=_name, placeholder="Choose at least one")
        return ",".join(picked)
    st.session_state.setdefault(_text_key(place), "")
    help_text = PAIRS_HELP if path in PAIRS else f"{HELP} {field.help if field else ''}"
    return _apart(str(st.text_input("Values or a range", key=_text_key(place), help=help_text, max_chars=LONGEST_VALUE)))


def _apart(values: str, space: str = "") -> str:
    """The values with so much space behind each comma and semicolon, and none elsewhere around them."""
    for mark in ",;":
        values = f"{mark}{space}".join(part.strip() for part in values.split(mark))
    return values


def _name(text: str) -> str:
    return {"false": "No", "true": "Yes"}.get(text) or value_name(text)


def _suggest(place: int, spec: TwinsSpec) -> None:
    """Start a newly chosen field from values worth trying."""
    path = str(st.session_state[_field_key(place)])
    field = varying(spec).get(path)
    if field is None:
        return
    if field.kind == "choice":
        st.session_state[_names_key(place)] = list(field.options)
    elif field.kind == "flag":
        st.session_state[_names_key(place)] = ["false", "true"]
    else:
        st.session_state[_text_key(place)] = SUGGESTED.get(path, text_at(spec, path))


def _field_key(place: int) -> str:
    return f"factor {place} field"


def _names_key(place: int) -> str:
    return f"factor {place} names"


def _text_key(place: int) -> str:
    return f"factor {place} text"
