"""The landscape that a reader of the explanation can play with."""

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.figures.interpolation import interpolation
from lmc_core.figures.landscape import curve_between, landscape, walks
from lmc_core.ui.live_chart import Row, board, live_charts
from lmc_core.ui.markup import status

if TYPE_CHECKING:
    import pandas as pd

HIGHEST_RIDGE = 0.6


@st.fragment
def playground() -> None:
    """Two sliders, the landscape that they shape, and the error on the line between the twins in it."""
    first, second = st.columns(2, gap="large")
    ridge = first.slider("Height of the ridge between the valleys", 0, 100, 70, step=5, format="%d%%", key="ridge") / 100
    spawn = second.slider("Spawn point: part of the training that the twins share", 0, 100, 0, step=5, format="%d%%", key="spawn") / 100
    a, b = walks(ridge, spawn)
    alphas, errors = curve_between(a, b, ridge * HIGHEST_RIDGE)
    barrier = float(errors.max() - (errors[0] + errors[-1]) / 2)
    curve = interpolation(_as_curves(alphas.tolist(), errors.tolist()))
    keys = [key for key in curve.keys if key.group == "test"]
    line = replace(curve, title="The error on the straight line", note="", keys=keys, revision="playground")
    live_charts(board(Row((landscape(ridge * HIGHEST_RIDGE, spawn), line), (1, 1))), "playground")
    connected = barrier < CONNECTED_BELOW
    reason = "ridge is too low to matter" if ridge < 0.2 else "twins parted only when they were already in the same valley"
    sentence = (
        f"The line stays low: the {reason}." if connected else "The line climbs over the ridge, so the error rises between the twins."
    )
    st.html(status("Connected" if connected else "Not connected", sentence, connected, drawing=True))


def _as_curves(alphas: list[float], errors: list[float]) -> "pd.DataFrame":
    import pandas as pd  # slow to import: only where the page is read

    rows = {"epoch": 0, "pair": 0, "split": "test", "alpha": alphas, "error": errors, "loss": errors}
    return pd.DataFrame(rows)
