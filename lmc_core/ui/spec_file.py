"""A spec as a file that a visitor saves, uploads or pastes."""

import json
from collections.abc import Callable

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.experiment import AnySpec, Spec
from lmc_core.overrides import LONGEST_SPEC, parse_any_spec, text_of
from lmc_core.ui.plain_text import plain


def read_spec(text: str) -> AnySpec:
    """The spec, of any kind, that a text describes as JSON.

    Raises:
        LMCError: it is not JSON, or does not describe a spec.
    """
    if len(text) > LONGEST_SPEC:
        raise LMCError(f"A spec is a short JSON object; this text has {len(text):,} characters.")
    try:
        values = json.loads(text)
    except json.JSONDecodeError as fault:
        raise LMCError(f"This is not JSON (line {fault.lineno}: {fault.msg[0].lower()}{fault.msg[1:]}); nothing was changed.") from None
    except (ValueError, RecursionError):
        raise LMCError(
            "This is not a spec: it is nested too deeply, or has a number of thousands of digits; nothing was changed."
        ) from None
    return parse_any_spec(values)


def spec_file(spec: Spec, take: Callable[[Spec], None]) -> None:
    """Save the experiment as a file, or start from one, which `take` sets."""
    with st.popover("Spec as a file", icon=":material/data_object:", width="stretch"):
        st.download_button(
            "Save as JSON",
            spec.model_dump_json(indent=1),
            f"spec-{spec.run_id}.json",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
        st.file_uploader("Open a spec", type="json", key="spec upload", on_change=_take_upload, args=(type(spec), take), max_upload_size=1)
        st.text_area("… or paste one", key="spec text", placeholder='{"dataset": "digits", "epochs": 20}', height=120)
        st.button("Use this text", on_click=_take_text, args=(type(spec), take), width="stretch")


def _take_upload(model: type[Spec], take: Callable[[Spec], None]) -> None:
    upload = st.session_state["spec upload"]
    if upload is not None:
        _take(text_of(upload.getvalue()), model, take)


def _take_text(model: type[Spec], take: Callable[[Spec], None]) -> None:
    _take(st.session_state["spec text"], model, take)


def _take(text: str, model: type[Spec], take: Callable[[Spec], None]) -> None:
    try:
        spec = read_spec(text)
        if not isinstance(spec, model):
            raise LMCError(f"This is a spec of the kind {spec.kind}, which has a page of its own; nothing was changed.")
        take(spec)
    except LMCError as fault:
        st.error(plain(fault), icon=":material/error:")
