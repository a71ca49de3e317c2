"""What a chart that leaves the page says of its runs: which they are, their settings, and the command that makes them again."""

from collections.abc import Sequence
from dataclasses import replace

from lmc_core.experiment import AnySpec
from lmc_core.figures.chart import Chart
from lmc_core.figures.numbers import counted
from lmc_core.overrides import command_of
from lmc_core.ui.wording import subtitle_of, title_of

NAMED = 4
"""Of more runs than this only the first are named below a chart; the file's description has all of them."""


def made_by_runs(chart: Chart, specs: Sequence[AnySpec]) -> Chart:
    """The chart with its runs, each with its settings and its command."""
    lines = [line for spec in specs for line in (f"Run {spec.run_id}: {title_of(spec)} · {subtitle_of(spec)}", command_of(spec))]
    return replace(chart, made=tuple(lines), runs=tuple(spec.run_id for spec in specs))


def made_by_cells(chart: Chart, run_ids: Sequence[str], command: str) -> Chart:
    """The chart with the runs of its cells, and the one command that makes them all again."""
    more = f" and {len(run_ids) - NAMED} more" if len(run_ids) > NAMED else ""
    named = f"{counted(len(run_ids), 'run')}: {', '.join(run_ids[:NAMED])}{more}"
    return replace(chart, made=tuple(filter(None, (named, command))), runs=tuple(run_ids))
