"""The line between twins, from pretrained weights and from a random initialisation, in one chart."""

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.figures.chart import Chart, Trace, axis, empty, layout
from lmc_core.figures.interpolation import Measure
from lmc_core.figures.numbers import percent, plain
from lmc_core.figures.origins import OriginTwins, origin_keys
from lmc_core.figures.spread import Line, band, over_pairs

TITLES: dict[Measure, str] = {"error": "Test error on the line from A to B", "loss": "Test loss on the line from A to B"}


def both_lines(runs: list[OriginTwins], measure: Measure, height: int = 380) -> Chart:
    """The newest test curves, means over pairs; for the error the zone of 2% above each pair of ends in which twins are connected.

    Args:
        runs: each with curves of columns epoch, pair, split, alpha, error, loss.
        measure: error as a share, or cross-entropy in nats.
        height: pixels.
    """
    name, title = f"both-lines-{measure}", TITLES[measure]
    lines = {run.origin: _newest(run, measure) for run in runs if len(run.curves)}
    shown = [run for run in runs if run.origin in lines and any(value is not None for value in lines[run.origin].mean)]
    if not shown:
        return empty(name, title, "no curve measured yet" if not lines else "∗ training diverged: no curve has a finite value", height)
    traces = [trace for run in shown for trace in _traces(run, lines[run.origin], measure)]
    top = max(value for run in shown for value in (*lines[run.origin].mean, *lines[run.origin].high) if value is not None)
    room = CONNECTED_BELOW * 1.6 if measure == "error" else 0.0
    yaxis = axis(
        "Error" if measure == "error" else "Cross-entropy (nats)",
        range=[0, max(1.1 * top, top + room)],
        tickformat=".0%" if measure == "error" else "",
    )
    xaxis = axis("α: from twin A (0) to twin B (1)", range=[-0.04, 1.04], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1])
    zones = [zone for run in shown if run.judged for zone in _zone(lines[run.origin])] if measure == "error" else []
    return Chart(
        name,
        title,
        _words(title, shown, lines, measure),
        traces,
        layout(xaxis, yaxis, shapes=zones),
        origin_keys([run.origin for run in shown]),
        note="green: connected, less than 2% above the twins" if zones else "",
        revision=name,
        height=height,
    )


def _newest(run: OriginTwins, measure: Measure) -> Line:
    test = run.curves[run.curves["split"] == "test"]
    return over_pairs(test[test["epoch"] == test["epoch"].max()], "alpha", measure)


def _traces(run: OriginTwins, line: Line, measure: Measure) -> list[Trace]:
    look = run.look
    numbers = "%{y:.2%}" if measure == "error" else "%{y:.4f}"
    trace: Trace = {
        "type": "scatter",
        "x": line.x,
        "y": line.mean,
        "mode": "lines+markers",
        "name": look.label,
        "legendgroup": run.origin,
        "line": {"color": look.colour, "width": 2.6, "dash": look.dash},
        "marker": {"color": look.colour, "symbol": look.symbol, "size": 8, "line": {"color": "$surface", "width": 1.2}},
        "hovertemplate": f"{numbers}<extra>{look.label}</extra>",
        "cliponaxis": False,
    }
    return [*band(line, look.colour, run.origin), trace]


def _zone(line: Line) -> list[dict[str, object]]:
    """From the mean of the ends to 2% above it: where the line has to stay for the twins to be connected."""
    first, last = line.mean[0], line.mean[-1]
    if first is None or last is None:
        return []
    floor = (first + last) / 2
    span: dict[str, object] = {"x0": 0, "x1": 1, "y1": floor + CONNECTED_BELOW, "layer": "below"}
    return [
        span | {"type": "rect", "y0": floor, "fillcolor": "$valley/0.13", "line": {"width": 0}},
        span | {"type": "line", "y0": floor + CONNECTED_BELOW, "line": {"color": "$valley", "width": 1.2, "dash": "dash"}},
    ]


def _words(title: str, runs: list[OriginTwins], lines: dict[str, Line], measure: Measure) -> str:
    show = percent if measure == "error" else plain
    parts = []
    for run in runs:
        line, epoch = lines[run.origin], int(run.curves["epoch"].max())
        highest = max(value for value in line.mean if value is not None)
        ends = f"{show(line.mean[0])} at twin A, {show(line.mean[-1])} at twin B"
        parts.append(f"{run.look.label}, after epoch {epoch}: {ends}, highest {show(highest)}.")
    return f"{title}, mean over pairs. {' '.join(parts)}"
