"""Files of a finished run to download, and the command that makes it again."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from lmc_core.figures.numbers import counted, size
from lmc_core.ui.engine import engine

if TYPE_CHECKING:
    import pandas as pd

    from lmc_core.runs.folder import StoredRun

LARGEST_DOWNLOAD = 200_000_000
"""Bytes of weights that a browser gets as one file; larger ones go to a folder by `python -m lmc_core export`."""


@dataclass(frozen=True)
class RunFile:
    """A file that is made when its button is pressed."""

    name: str
    kind: str
    content: Callable[[], str | bytes]


def as_csv(run: "StoredRun", name: str, table: Callable[[], "pd.DataFrame"]) -> RunFile:
    """A table of a run as a CSV file; its last column is the run's id."""
    return RunFile(name, "csv", lambda: table().assign(run_id=run.run_id).to_csv(index=False))


def as_parquet(run: "StoredRun", name: str, table: Callable[[], "pd.DataFrame"]) -> RunFile:
    """A table of a run as a Parquet file; its last column is the run's id."""

    def content() -> bytes:
        buffer = io.BytesIO()
        table().assign(run_id=run.run_id).to_parquet(buffer, index=False)
        return buffer.getvalue()

    return RunFile(name, "parquet", content)


def run_files(run: "StoredRun", files: Sequence[RunFile]) -> None:
    """The command, buttons for the files, for the spec, and for everything with weights where they are kept and not too large."""
    st.markdown("The same run from the command line:")
    st.code(run.command, language="bash", wrap_lines=True)
    networks = f"{counted(len(run.weights), 'network')}"
    weights = 4 * run.result.parameters * len(run.weights)
    with st.container(horizontal=True):
        for file in (*files, RunFile("Spec", "json", lambda: run.spec.model_dump_json(indent=1))):
            _download(file, run)
        if run.weights and weights <= LARGEST_DOWNLOAD:
            _download(RunFile("Everything with weights", "zip", lambda: engine().store.archive(run.run_id)), run)
    if not run.weights:
        st.caption("The weights of this run are not kept; the command above makes them again.")
    elif weights > LARGEST_DOWNLOAD:
        st.caption(
            f"The weights of {networks} take {size(weights)}: `python -m lmc_core export {run.run_id} FOLDER` writes them into a folder."
        )
    else:
        st.caption(
            f"The zip holds the weights of {networks} ({size(weights)}) as safetensors. Each chart has a button that saves it as SVG."
        )


def _download(file: RunFile, run: "StoredRun") -> None:
    name, label = f"{file.name.split()[0].lower()}-{run.run_id}.{file.kind}", f"{file.name} ({file.kind})"
    st.download_button(label, file.content, name, on_click="ignore", icon=":material/download:", key=f"download {label}")
