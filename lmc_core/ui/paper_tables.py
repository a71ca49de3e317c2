"""A table of the paper on a page: its own rows and columns, with what it printed and what came out here in each cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from lmc_core.cost.estimates import parameter_count
from lmc_core.data.spec import Split
from lmc_core.figures.cell_lines import Quantity
from lmc_core.figures.numbers import DIVERGED, NOTHING, count, percent_spread
from lmc_core.runs.outcome import outcome_of
from lmc_core.runs.results import RunResult
from lmc_core.sweeps.plan import PaperPreset
from lmc_core.sweeps.published import Published, printed, published_of
from lmc_core.sweeps.sweep import Cell
from lmc_core.sweeps.table import spread_of
from lmc_core.sweeps.verdict import Verdict, verdict_of
from lmc_core.ui.cell_points import Axes, line_words, value_words, x_words
from lmc_core.ui.wording import label

MARKS = {True: "✓", False: "≠", None: ""}
"""Whether a cell agrees with the paper."""


@dataclass(frozen=True)
class Compared:
    """A cell beside what the paper prints for it."""

    cell: Cell
    published: Published | None
    result: RunResult | None
    verdict: Verdict | None


def compared(preset: PaperPreset, cells: Sequence[Cell], results: Mapping[str, RunResult]) -> list[Compared]:
    """All cells, each beside what the paper prints for it."""
    found = []
    for cell in cells:
        result = results.get(cell.spec.run_id)
        found.append(Compared(cell, published_of(preset.name, cell), result, verdict_of(preset.name, cell, result)))
    return found


def published_share(preset: str, cell: Cell, quantity: Quantity, split: Split) -> float | None:
    """The number that the paper prints for a cell, as a share; None where it prints none."""
    published = published_of(preset, cell)
    if published is None:
        return None
    match quantity, split:
        case "error", "test":
            value = published.barrier_test_percent
        case "error", "train":
            value = published.barrier_train_percent
        case "accuracy", "test":
            value = published.test_accuracy_percent
        case _:
            value = None
    return None if value is None else value / 100


def paper_table(preset: PaperPreset, axes: Axes, rows: Sequence[Compared]) -> str:
    """The table in the paper's form as HTML: ours in front, the paper's number below it.

    An asterisk marks networks that were unstable or learnt nothing.
    """
    columns = list(dict.fromkeys(x_words(item.cell, axes) for item in rows))
    lines = list(dict.fromkeys(line_words(item.cell, axes) for item in rows))
    entries = {(line_words(item.cell, axes), x_words(item.cell, axes)): _entry(preset, item) for item in rows}
    head = f"<th>{escape(axes.line_title)}</th>" if any(lines) else ""
    head += "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = ""
    for line in lines:
        name = f'<th scope="row">{escape(line)}</th>' if line else ""
        body += f"<tr>{name}{''.join(entries.get((line, column), '<td></td>') for column in columns)}</tr>"
    return f'<div class="lmc-paper" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _entry(preset: PaperPreset, item: Compared) -> str:
    ours, more = _ours(preset, item)
    theirs = printed(item.published)
    mark = MARKS[item.verdict.agrees] if item.verdict else ""
    paper = f'<span class="paper">paper {escape(theirs)} <b title="{escape(item.verdict.text if item.verdict else "")}">{mark}</b></span>'
    return f"<td><b>{escape(ours)}</b><small>{escape(more)}</small>{paper if item.published else ''}</td>"


def _ours(preset: PaperPreset, item: Compared) -> tuple[str, str]:
    """The number in front, and the one below it."""
    if preset.measure == "parameters":
        return count(parameter_count(item.cell.spec)), ""
    if item.result is None:
        return NOTHING, ""
    outcome = outcome_of(item.result, item.cell.spec.dataset)
    star, word = (f" {DIVERGED}", outcome.word) if outcome.connected is None else ("", "")
    test = spread_of(item.result, "test", preset.measure)
    ours = (percent_spread(test) if test.mean is not None else "") + star
    if preset.measure == "accuracy":
        return ours.strip(), word
    train = spread_of(item.result, "train", preset.measure)
    trained = f"train {percent_spread(train)}" if train.mean is not None else ""
    return ours.strip(), " · ".join(filter(None, (word, trained)))


def beside_columns(preset: PaperPreset, rows: Sequence[Compared]) -> dict[str, list[str]]:
    """The columns of the table that sets the paper's numbers beside ours, one row a cell that the paper prints."""
    shown = [item for item in rows if item.published]
    paths = list(dict.fromkeys(path for item in shown for path in item.cell.paper or {}))
    named = [item for item in shown if item.cell.name]
    table = {"Cell": [item.cell.name for item in shown]} if named else {
        label(path): [value_words(path, (item.cell.paper or {}).get(path, NOTHING)) for item in shown] for path in paths
    }  # fmt: skip
    return table | {
        "Published": [printed(item.published) for item in shown],
        "Ours": [" · ".join(part for part in _ours(preset, item) if part) for item in shown],
        "Verdict": [verdict_words(item.verdict) for item in shown],
    }


def verdict_words(found: Verdict | None) -> str:
    """A verdict with its mark."""
    return f"{MARKS[found.agrees]} {found.text}".strip() if found else "not trained"
