"""One HTML file with everything of a pruning run: the verdict, the charts, all levels, how it was made."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from lmc_core.experiment import PruneSpec
from lmc_core.figures.chart import Chart
from lmc_core.figures.numbers import percent_spread
from lmc_core.figures.offline_page import figure, offline_page
from lmc_core.runs.outcome import outcome_of_level
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.runs.pruning_results import Level
from lmc_core.ui.provenance import provenance_of
from lmc_core.ui.pruning_table import nonzero_words, ordered
from lmc_core.ui.pruning_verdict import RULE, pruning_verdict
from lmc_core.ui.wording import network_name, subtitle_of, title_of

if TYPE_CHECKING:
    from lmc_core.runs.folder import StoredRun

HEADER = ("networks", "kept", "nonzero", "test accuracy", "train accuracy", "verdict", "test barrier", "normalised", "")


def pruning_report(run: "StoredRun", spec: PruneSpec, progress: PruningProgress, charts: Sequence[Chart]) -> str:
    """The whole file as text; the charts are drawn in the colours of a light page."""
    title, found = title_of(spec), pruning_verdict(spec, progress.levels)
    facts = "".join(f"<li>{escape(name)}: {escape(value)}</li>" for name, value in provenance_of(run).items())
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(subtitle_of(spec))}</p>",
        f"<h2>{escape(found.headline)}</h2><p>{escape(found.sentence)}</p><p>{escape(RULE)}</p>",
        *(figure(place, chart) for place, chart in enumerate(charts)),
        f'<h2>All levels</h2><div class="table"><table>{_rows(spec, progress.levels)}</table></div>',
        f"<h2>How it was computed</h2><ul>{facts}</ul>",
        f"<h2>Make it again</h2><p><code>{escape(run.command)}</code></p>",
    ]
    return offline_page(title, parts, with_charts=bool(charts))


def _rows(spec: PruneSpec, levels: Sequence[Level]) -> str:
    lines = ["".join(f"<th>{escape(name)}</th>" for name in HEADER)]
    lines += ["".join(f"<td>{escape(text)}</td>" for text in _row(spec, level)) for level in ordered(levels)]
    return "\n".join(f"<tr>{line}</tr>" for line in lines)


def _row(spec: PruneSpec, level: Level) -> list[str]:
    barriers = [percent_spread(level.test.error), percent_spread(level.test.normalized)] if level.test else ["", ""]
    outcome = outcome_of_level(level, spec.dataset)
    verdict = outcome.headline if outcome else ""
    remarks = [outcome.reason] if outcome and outcome.connected is None else []
    remarks += [f"cut off: {', '.join(level.cut_off)}"] if level.cut_off else []
    return [
        network_name(spec, level.kind, level.rewind),
        f"{100 * level.density:.3g}%",
        nonzero_words(level),
        percent_spread(level.test_accuracy),
        percent_spread(level.train_accuracy),
        verdict,
        *barriers,
        "; ".join(remarks),
    ]
