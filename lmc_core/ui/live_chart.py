"""The one way in which a page shows a chart: a component that redraws in place and keeps zoom and hidden traces."""

import functools
from typing import TYPE_CHECKING

import streamlit as st

from lmc_core.figures.chart import Chart
from lmc_core.ui.assets import address

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


@functools.cache
def _component() -> "ComponentRenderer":
    """The component. Its script is a line that fetches the real one: whatever stands here travels with every update."""
    script = f"""
    const source = new URL("{address("live_chart.js")}", window.location.origin).href;
    const plotly = new URL("{address("plotly.min.js")}", window.location.origin).href;
    export default async (component) => (await import(source)).show(component, plotly);
    """
    return st.components.v2.component("lmc_live_chart", js=script, isolate_styles=False)


def live_chart(chart: Chart, key: str, payload: bytes | None = None) -> None:
    """Show a chart at its own height; the same key on the next run updates it in place.

    Args:
        chart: what to draw.
        key: the chart's name on this page.
        payload: the chart's own `payload()`, where it was made before for another visitor.
    """
    _component()(key=key, data=chart.payload() if payload is None else payload, height=chart.height)
