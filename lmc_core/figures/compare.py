"""Several runs in one chart."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lmc_core.errors import LMCError
from lmc_core.figures.barrier import COLUMNS, threshold
from lmc_core.figures.chart import MARKED_EPOCHS, Chart, Key, Trace, axis, layout
from lmc_core.figures.interpolation import Measure
from lmc_core.figures.numbers import percent, plain
from lmc_core.figures.palette import DASHES, RUN_COLOURS, SYMBOLS
from lmc_core.figures.spread import Line, band, over_pairs

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Compared:
    """A run in a comparison: the words that tell it from the others, and its tables."""

    label: str
    curves: "pd.DataFrame"
    measurements: "pd.DataFrame"


def compared_curves(runs: list[Compared], measure: Measure = "error", height: int = 380) -> Chart:
    """The final test curves of several runs, as means over their pairs.

    Raises:
        LMCError: more runs than one chart can tell apart.
    """
    lines = []
    for run in runs:
        final = run.curves[(run.curves["split"] == "test") & (run.curves["epoch"] == run.curves["epoch"].max())]
        lines.append(over_pairs(final, "alpha", measure))
    title = "Test error on the line" if measure == "error" else "Test loss on the line"
    x = axis("α: from twin A (0) to twin B (1)", range=[-0.04, 1.04], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1])
    y = axis("Error" if measure == "error" else "Cross-entropy (nats)", rangemode="tozero", tickformat=".0%" if measure == "error" else "")
    return _chart("compared-curves", title, runs, lines, measure, x, y, height)


def compared_barriers(runs: list[Compared], measure: Measure = "error", height: int = 380, judged: bool = True) -> Chart:
    """The test barriers of several runs over training, as means over their pairs.

    Args:
        runs: those compared.
        measure: error or loss.
        height: pixels.
        judged: whether the barrier of any of them says if its twins are connected; else the threshold is left out.

    Raises:
        LMCError: more runs than one chart can tell apart.
    """
    tables = [run.measurements[run.measurements["split"] == "test"] for run in runs]
    lines = [over_pairs(table, "epoch", COLUMNS[measure]) for table in tables]
    title = "Test error barrier over training" if measure == "error" else "Test loss barrier over training"
    extras = threshold() if measure == "error" and judged else {}
    y = axis("Barrier", tickformat=".1%" if measure == "error" else "")
    return _chart("compared-barriers", title, runs, lines, measure, axis("Epoch"), y, height, **extras)


def _chart(
    name: str,
    title: str,
    runs: list[Compared],
    lines: list[Line],
    measure: Measure,
    xaxis: dict[str, object],
    yaxis: dict[str, object],
    height: int,
    **extras: object,
) -> Chart:
    if len(runs) > RUN_COLOURS:
        raise LMCError(f"One chart can tell {RUN_COLOURS} runs apart; {len(runs)} are chosen, so unselect some.")
    traces = [trace for place, (run, line) in enumerate(zip(runs, lines, strict=True)) for trace in _traces(place, run, line, measure)]
    keys = [Key(f"run{place}", run.label, f"$run{place}", DASHES[place], SYMBOLS[place]) for place, run in enumerate(runs)]
    show = percent if measure == "error" else plain
    highest = [max((value for value in line.mean if value is not None), default=None) for line in lines]
    words = "; ".join(f"{run.label}: highest {show(top)}" for run, top in zip(runs, highest, strict=True))
    revision = f"{name}-{measure}-" + "|".join(run.label for run in runs)
    return Chart(name, title, f"{title}. {words}.", traces, layout(xaxis, yaxis, **extras), keys, revision=revision, height=height)


def _traces(place: int, run: Compared, line: Line, measure: Measure) -> list[Trace]:
    colour, group = f"$run{place}", f"run{place}"
    numbers = "%{y:.2%}" if measure == "error" else "%{y:.4f}"
    trace: Trace = {
        "type": "scatter",
        "x": line.x,
        "y": line.mean,
        "mode": "lines+markers" if len(line.x) <= MARKED_EPOCHS else "lines",
        "name": run.label,
        "legendgroup": group,
        "line": {"color": colour, "width": 2.4, "dash": DASHES[place]},
        "marker": {"color": colour, "symbol": SYMBOLS[place], "size": 7},
        "hovertemplate": f"{numbers}<extra>{run.label}</extra>",
    }
    return [*band(line, colour, group), trace]
