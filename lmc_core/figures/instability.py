"""Linear interpolation instability over training, from pretrained weights and from a random initialisation, against 2%."""

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.figures.barrier import threshold
from lmc_core.figures.chart import Chart, Trace, axis, empty, layout
from lmc_core.figures.numbers import percent
from lmc_core.figures.origins import OriginTwins, origin_keys
from lmc_core.figures.spread import Line, band, over_pairs

NAME, TITLE = "instability", "Instability against 2%"


def instability(runs: list[OriginTwins], epochs: int, height: int = 300) -> Chart:
    """The mean test error barrier after each measured epoch: the increase of the error on the line (Frankle et al. 2020).

    Args:
        runs: each with measurements of columns epoch, pair, split, error_barrier.
        epochs: length of the longest training.
        height: pixels.
    """
    lines = {run.origin: _line(run) for run in runs if len(run.measurements)}
    shown = [run for run in runs if run.origin in lines and any(value is not None for value in lines[run.origin].mean)]
    if not shown:
        return empty(NAME, TITLE, "no barrier measured yet", height)
    traces = [trace for run in shown for trace in _traces(run, lines[run.origin])]
    values = [value for run in shown for value in (*lines[run.origin].mean, *lines[run.origin].high) if value is not None]
    top = max(1.1 * max(values), 1.7 * CONNECTED_BELOW)
    words = "; ".join(f"{run.look.label} {percent(lines[run.origin].last)}" for run in shown)
    return Chart(
        NAME,
        TITLE,
        f"Test error barrier over training, mean over pairs, as last measured: {words}. Twins count as connected below 2%.",
        traces,
        layout(
            axis("Epoch", range=[-0.04 * epochs, 1.04 * epochs]),
            axis("Test error barrier", range=[min(0.0, *values) - 0.04 * top, top], tickformat=".0%" if top > 0.08 else ".1%"),
            **(threshold() if any(run.judged for run in shown) else {}),
        ),
        origin_keys([run.origin for run in shown]),
        revision=NAME,
        height=height,
    )


def _line(run: OriginTwins) -> Line:
    return over_pairs(run.measurements[run.measurements["split"] == "test"], "epoch", "error_barrier")


def _traces(run: OriginTwins, line: Line) -> list[Trace]:
    look = run.look
    trace: Trace = {
        "type": "scatter",
        "x": line.x,
        "y": line.mean,
        "mode": "lines+markers",
        "name": look.label,
        "legendgroup": run.origin,
        "line": {"color": look.colour, "width": 2.4, "dash": look.dash},
        "marker": {"color": look.colour, "symbol": look.symbol, "size": 8},
        "hovertemplate": f"%{{y:.2%}}<extra>{look.label}</extra>",
        "cliponaxis": False,
    }
    return [*band(line, look.colour, run.origin), trace]
