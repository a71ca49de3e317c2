"""Does sparsity go with connectivity? Accuracy and barrier of tickets and their controls, one above the other on one axis."""

from typing import TYPE_CHECKING, Any, Final

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.figures.barrier import threshold
from lmc_core.figures.chart import LAYOUT, Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.density import density_axis, density_words
from lmc_core.figures.level_kinds import key_of
from lmc_core.figures.level_lines import BOTH, Height, LevelLine, across, at_rewind, dense_at, level_line, traces_of
from lmc_core.figures.numbers import counted, percent
from lmc_core.figures.outcome_strip import MARKS, Mark, with_strip
from lmc_core.figures.palette import DASHES, SYMBOLS
from lmc_core.figures.sparsity import SO_FAR_KEY, accuracy_range, so_far, told
from lmc_core.plan import LevelKind
from lmc_core.runs.outcome import WORDS

if TYPE_CHECKING:
    import pandas as pd

NAME, TITLE = "tickets", "Accuracy and barrier against sparsity"
OVER_K = "Accuracy and barrier against the rewinding point"
KINDS: tuple[LevelKind, ...] = ("random", "redrawn", "ticket")
PANELS: Final[dict[Height, tuple[str, list[float]]]] = {"accuracy": ("y", [0.47, 1.0]), "barrier": ("y2", [0.0, 0.39])}
"""Each quantity's axis and its part of the chart's height."""
NO_BARRIER: Final[Trace] = {"type": "scatter", "mode": "lines", "x": [None], "y": [None], "yaxis": "y2", "hoverinfo": "skip"}
"""Keeps the lower half there before a barrier was measured: plotly draws badly what joins a chart later."""
MOST_BANDS = 4
"""More lines than this have no band of their spread, which would hide one another."""


def tickets(
    levels: "pd.DataFrame", history: "pd.DataFrame", densities: list[float], rewind: int, words: str = "", height: int = 480
) -> Chart:
    """Test accuracy above and test error barrier below over the density: tickets, their controls, the dense network across.

    A point is filled green where its twins are linearly connected and hollow orange where they are not, in both halves.

    Args:
        levels: a row for each measured level: kind, density, rewind, test_accuracy, test_barrier, each with _std, diverged_pairs.
        history: kind, density, rewind, epoch, train_error: what still trains stands faintly at what it has reached.
        densities: of the whole run, for the axis.
        rewind: the rewinding point from which the networks started; charts of other points have the same vertical scale.
        words: where that is, if the run has several.
        height: pixels.
    """
    name = f"{NAME}-{rewind}" if words else NAME
    title = f"{words}: accuracy and barrier" if words else TITLE
    tables = {kind: at_rewind(levels, kind, rewind) for kind in KINDS}
    dense, going = dense_at(levels, rewind), so_far(levels, history, rewind, ("dense", *KINDS))
    if dense.empty and not going and all(table.empty for table in tables.values()):
        return empty(name, title, "no level measured yet", height)
    xaxis = density_axis(densities)
    ends = (10 ** xaxis["range"][0], 10 ** xaxis["range"][1])
    lines = {kind: {part: level_line(table, kind, part) for part in PANELS} for kind, table in tables.items() if len(table)}
    traces: list[Trace] = [NO_BARRIER]
    for part, (yaxis, _) in PANELS.items():
        traces += across(dense if part == "accuracy" else at_rewind(levels, "dense", rewind), part, ends, yaxis)
        traces += [trace for of_kind in lines.values() for trace in traces_of(of_kind[part], yaxis)]
    traces += going
    kinds: list[LevelKind] = ["dense"] if len(dense) else []
    kinds += reversed(list(lines))
    chart = Chart(
        name,
        title,
        _alt(lines, dense),
        traces,
        panels_layout(xaxis, traces, levels[levels["kind"] != "pruned"]),
        [*(key_of(kind) for kind in kinds), *([SO_FAR_KEY] if going else [])],
        note=BOTH,
        revision=name,
        height=height,
    )
    of_dense = level_line(at_rewind(levels, "dense", rewind).head(1), "dense", "barrier")
    return with_strip(
        chart, [mark for line in (*(part["barrier"] for part in lines.values()), of_dense) for mark in line.marks()], "yaxis2"
    )


def tickets_over_k(levels: "pd.DataFrame", steps_per_unit: int, unit: str, height: int = 480) -> Chart:
    """The same over the rewinding point: a line for each density of tickets, and the dense network.

    Args:
        levels: as in `tickets`.
        steps_per_unit: what the steps are divided by for the axis.
        unit: what it then counts: epochs or steps.
        height: pixels.
    """
    name = f"{NAME}-over-k"
    measured = levels[levels["rewind"].notna()].sort_values("rewind", kind="stable")
    groups = _by_density(measured)
    if not groups:
        return empty(name, OVER_K, "no level measured yet", height)
    lines = {key.group: {part: level_line(rows, kind, part, "rewind", steps_per_unit) for part in PANELS} for key, kind, rows in groups}
    traces: list[Trace] = [NO_BARRIER]
    for part, (yaxis, _) in PANELS.items():
        for key, _, _ in groups:
            drawn = keyed_traces(lines[key.group][part], yaxis, key)
            traces += drawn if len(groups) <= MOST_BANDS else drawn[-1:]
    points = sorted({x for line in lines.values() for x in line["accuracy"].x})
    room = 0.04 * (points[-1] - points[0]) or 0.5
    ticks = {"tickvals": points} if len(points) <= 8 else {}
    xaxis = axis(f"Rewinding point k ({unit})", range=[points[0] - room, points[-1] + room], **ticks)
    connected = [(key.label, lines[key.group]["barrier"].told("connected")) for key, _, _ in groups]
    words = "; ".join(f"{label}: connected at {number} of {counted(len(points), 'point')}" for label, number in connected)
    keys = [key for key, _, _ in groups]
    panels = panels_layout(xaxis, traces, measured)
    panels["yaxis"] = _fitting(panels["yaxis"] | {"tickformat": ".1%"})
    panels["yaxis2"] = _fitting(panels["yaxis2"], include=[0, 1.7 * CONNECTED_BELOW])
    chart = Chart(name, OVER_K, f"{OVER_K}. {words}.", traces, panels, keys, note=BOTH, revision=name, height=height)
    return with_strip(chart, [mark for key in keys for mark in keyed_marks(lines[key.group]["barrier"], key)], "yaxis2")


def _fitting(part: dict[str, Any], **options: Any) -> dict[str, Any]:
    """An axis that fits the lines that are shown at the moment, since some of them are hidden at first."""
    return {name: value for name, value in part.items() if name != "range"} | {"autorangeoptions": options}


def keyed_traces(line: LevelLine, yaxis: str, key: Key) -> list[Trace]:
    """The traces of a line with the look of an entry of the legend in place of its kind's."""
    *below, drawn = traces_of(line, yaxis, key.colour, key.group, key.symbol)
    return [*below, drawn | {"line": drawn["line"] | {"dash": key.dash}, "name": key.label}]


def keyed_marks(line: LevelLine, key: Key) -> list[Mark]:
    """The levels of a line that stand in the strip, in the colour of an entry of the legend."""
    return line.marks(key.group, key.label, key.colour)


def _by_density(levels: "pd.DataFrame") -> list[tuple[Key, LevelKind, "pd.DataFrame"]]:
    """The lines over k: dense, then tickets from dense to sparse in ever stronger blue, then random masks, hidden at first."""
    groups: list[tuple[Key, LevelKind, pd.DataFrame]] = []
    dense = levels[levels["kind"] == "dense"]
    if len(dense):
        groups.append((key_of("dense"), "dense", dense))
    wanted: tuple[tuple[LevelKind, str, str], ...] = (("ticket", "Ticket", "$a"), ("random", "Random mask", "$run3"))
    for kind, label, colour in wanted:
        rows = levels[levels["kind"] == kind]
        densities = sorted(rows["density"].unique(), reverse=True)
        for place, density in enumerate(densities):
            strength = 0.4 + 0.6 * (place + 1) / len(densities)
            key = Key(
                f"{kind}-{density:g}",
                f"{label} {density_words(density)}",
                f"{colour}/{strength:.2f}",
                DASHES[place % len(DASHES)],
                SYMBOLS[place % len(SYMBOLS)],
                hidden=kind == "random",
            )
            groups.append((key, kind, rows[rows["density"] == density]))
    return groups


def panels_layout(xaxis: dict[str, Any], traces: list[Trace], levels: "pd.DataFrame") -> dict[str, Any]:
    """The layout of traces on `y`, accuracies, and `y2`, barriers with the zone of connected twins, over one horizontal axis.

    The vertical axes reach as far as the traces, and as these levels with their spread.
    """
    accuracies = [value for trace in traces if trace["yaxis"] == "y" for value in trace["y"] if value is not None]
    for sign in (-1, 1):
        accuracies += (levels["test_accuracy"] + sign * levels["test_accuracy_std"].fillna(0)).dropna().tolist()
    drawn = levels[~levels["outcome"].isin(list(MARKS))]
    barriers = (drawn["test_barrier"] + drawn["test_barrier_std"].fillna(0)).dropna()
    top = max(1.1 * max(barriers, default=0.0), 1.7 * CONNECTED_BELOW)
    barrier = axis("Barrier", domain=PANELS["barrier"][1], range=[-0.04 * top, top], tickformat=".0%" if top > 0.08 else ".1%", nticks=5)
    accuracy = axis("Accuracy", domain=PANELS["accuracy"][1], nticks=7, **accuracy_range(accuracies))
    zone = threshold()
    edge = {"text": percent(CONNECTED_BELOW, 0), "xanchor": "left", "xshift": 3, "yanchor": "middle", "yref": "y2"}
    return layout(
        xaxis | {"anchor": "y2"},
        accuracy,
        yaxis2=barrier,
        shapes=[shape | {"yref": "y2"} for shape in zone["shapes"]],
        annotations=[note | edge for note in zone["annotations"]],
        hovermode="x unified",
        hoversubplots="axis",
        margin=LAYOUT["margin"] | {"r": 34},
    )


def _alt(lines: dict[LevelKind, dict[Height, LevelLine]], dense: "pd.DataFrame") -> str:
    sentence = f"{TITLE} of networks pruned to fewer and fewer weights, on the test set. "
    if len(dense):
        two = [level_line(dense, "dense", part).words[0] for part in PANELS]
        sentence += f"{two[0]}, {two[1].partition(': ')[2]}. "
    for of_kind in reversed(list(lines.values())):
        accuracy, barrier = of_kind["accuracy"], of_kind["barrier"]
        sentence += f"{told(accuracy, 'accuracy')} "
        told_of = {word: barrier.told(word) for word in WORDS}
        said = ", ".join(f"{word} at {number}" for word, number in told_of.items() if number)
        number = counted(len(barrier.x), "density").replace("densitys", "densities")
        sentence += f"Of {number}: {said}. " if said else ""
    return sentence.strip()
