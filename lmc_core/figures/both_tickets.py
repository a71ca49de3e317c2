"""The blog's question in one chart: accuracy above, barrier below, pretrained and random, dense and sparse."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lmc_core.figures.chart import Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.density import density_axis, density_words
from lmc_core.figures.level_kinds import LOOKS
from lmc_core.figures.level_lines import BOTH, Height, LevelLine, at_rewind, dense_at, level_line
from lmc_core.figures.numbers import counted
from lmc_core.figures.origins import ORIGIN_LOOKS, OriginLook, origin_keys
from lmc_core.figures.outcome_strip import with_strip
from lmc_core.figures.sparsity import accuracy_range, ends
from lmc_core.figures.tickets import NO_BARRIER, PANELS, keyed_marks, keyed_traces, panels_layout
from lmc_core.plan import LevelKind

if TYPE_CHECKING:
    import pandas as pd

NAME, TITLE = "both-tickets", "Accuracy and barrier, dense and sparse"
PRUNED_NAME, PRUNED_TITLE = "both-pruned", "Accuracy against sparsity"


@dataclass(frozen=True)
class OriginLevels:
    """A pruning run in a comparison: its origin, and its levels as far as they are measured."""

    origin: str
    levels: "pd.DataFrame"

    @property
    def look(self) -> OriginLook:
        """How it is drawn."""
        return ORIGIN_LOOKS[self.origin]


def both_tickets(runs: list[OriginLevels], densities: list[float], height: int = 520) -> Chart:
    """Test accuracy and test error barrier over the density: the dense network, then its tickets from the start of training.

    Args:
        runs: each with a row for each measured level, as in `tickets`.
        densities: of the whole runs, for the axis.
        height: pixels.
    """
    tables = {run.origin: _dense_and_tickets(run) for run in runs}
    shown = [run for run in runs if len(tables[run.origin])]
    if not shown:
        return empty(NAME, TITLE, "no level measured yet", height)
    keys = {key.group: key for key in origin_keys([run.origin for run in shown])}
    lines: dict[str, dict[Height, LevelLine]] = {
        run.origin: {part: _line(run, tables[run.origin], "ticket", part) for part in PANELS} for run in shown
    }
    traces: list[Trace] = [NO_BARRIER]
    for part, (yaxis, _) in PANELS.items():
        traces += [trace for run in shown for trace in keyed_traces(lines[run.origin][part], yaxis, keys[run.origin])]
    import pandas as pd  # slow to import: only where runs are compared

    measured = pd.concat([tables[run.origin] for run in shown])
    chart = Chart(
        NAME,
        TITLE,
        f"{TITLE}, on the test set. {' '.join(_told(run.look.label, lines[run.origin]) for run in shown)}",
        traces,
        panels_layout(density_axis(densities), traces, measured),
        list(keys.values()),
        note=BOTH,
        revision=NAME,
        height=height,
    )
    return with_strip(chart, [mark for run in shown for mark in keyed_marks(lines[run.origin]["barrier"], keys[run.origin])], "yaxis2")


def both_pruned(runs: list[OriginLevels], densities: list[float], height: int = 520) -> Chart:
    """Test accuracy over the density: as pruned while training, and the mask trained again on the original weights.

    Args:
        runs: each with a row for each measured level, as in `tickets`.
        densities: of the whole runs, for the axis.
        height: pixels.
    """
    traces: list[Trace] = []
    keys: list[Key] = []
    words = []
    for run in runs:
        dense, look = dense_at(run.levels, 0), run.look
        looks: tuple[tuple[LevelKind, str, str, str], ...] = (
            ("pruned", "dot", "x", "as pruned"),
            ("ticket", "solid", look.symbol, "ticket"),
        )
        for kind, dash, symbol, label in looks:
            rows = at_rewind(run.levels, "pruned", None) if kind == "pruned" else at_rewind(run.levels, "ticket", 0)
            line = _line(run, _together(dense, rows), kind, "accuracy")
            if line.x and (kind == "ticket" or len(rows)):
                key = Key(f"{run.origin}-{kind}", f"{look.label}, {label}", look.colour, dash, symbol)
                keys.append(key)
                traces += keyed_traces(line, "y", key)
                words.append(f"{key.label}: {ends(line)}.")
    if not traces:
        return empty(PRUNED_NAME, PRUNED_TITLE, "no level measured yet", height)
    values = [value for trace in traces for value in trace["y"] if value is not None]
    return Chart(
        PRUNED_NAME,
        PRUNED_TITLE,
        f"{PRUNED_TITLE}, on the test set. {' '.join(words)}",
        traces,
        layout(density_axis(densities), axis("Accuracy", **accuracy_range(values)), hovermode="x unified"),
        keys,
        note="on the test set",
        revision=PRUNED_NAME,
        height=height,
    )


def _line(run: OriginLevels, rows: "pd.DataFrame", kind: LevelKind, height: Height) -> LevelLine:
    """A line whose points are told by their origin, and as dense where they are."""
    line = level_line(rows, kind, height)
    names = ["dense" if density == 1 else f"{LOOKS[kind].label.lower()} {density_words(density)}" for density in line.x]
    told = [f"{run.look.label}, {name}: {words.partition(': ')[2]}" for name, words in zip(names, line.words, strict=True)]
    return replace(line, words=told)


def _dense_and_tickets(run: OriginLevels) -> "pd.DataFrame":
    return _together(dense_at(run.levels, 0), at_rewind(run.levels, "ticket", 0))


def _together(dense: "pd.DataFrame", rows: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd  # slow to import: only where runs are compared

    return pd.concat([part for part in (dense, rows) if len(part)]) if len(dense) or len(rows) else rows


def _told(label: str, line: dict[Height, LevelLine]) -> str:
    barrier = line["barrier"]
    sentence = f"{label}: accuracy {ends(line['accuracy'])}"
    return sentence + (
        f", connected at {barrier.told('connected')} of {counted(len(barrier.x), 'level')}." if any(barrier.outcomes) else "."
    )
