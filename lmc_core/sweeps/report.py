"""One HTML file with everything of a sweep: charts that can be zoomed, the table, how it was made. It opens without a network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from lmc_core.cost.estimates import parameter_count
from lmc_core.figures.chart import Chart
from lmc_core.figures.numbers import DIVERGED, NOTHING, count, percent_spread, plain_spread
from lmc_core.figures.offline_page import figure, offline_page
from lmc_core.overrides import command_of
from lmc_core.runs.outcome import RULE as OUTCOME_RULE
from lmc_core.runs.outcome import outcome_of
from lmc_core.runs.results import RunResult
from lmc_core.sweeps.claims import RULE as CLAIM_RULE
from lmc_core.sweeps.claims import counts_of
from lmc_core.sweeps.plan import PaperPreset, Plan
from lmc_core.sweeps.published import printed, published_of
from lmc_core.sweeps.sweep import Cell, Sweep
from lmc_core.sweeps.table import factor_paths, floor_of, spread_of
from lmc_core.sweeps.verdict import RULES, order_of, verdict_of


@dataclass(frozen=True)
class Heading:
    """What stands above the charts: a title, sentences, and what was chosen where the paper is silent."""

    title: str
    sentences: tuple[str, ...]
    choices: tuple[str, ...] = ()
    preset: str = ""
    """Whose published values and verdicts stand in the table; empty for a sweep of one's own."""

    @classmethod
    def of_preset(cls, preset: PaperPreset, plan: Plan) -> "Heading":
        """The heading of one of the paper's tables or figures at a size."""
        made = [f"Made by: {preset.command(plan.size)}"] if preset.trains else []
        return cls(preset.title, (preset.caption, f"Size {plan.size}: {plan.setting}", *made), preset.choices, preset.name)

    @classmethod
    def of_sweep(cls, sweep: Sweep) -> "Heading":
        """The heading of a sweep of one's own."""
        factors = " and ".join(factor.text for factor in sweep.factors)
        return cls(
            "A sweep of linear mode connectivity",
            (f"The factors: {factors}.", f"The base: {command_of(sweep.base)}", f"Made by: {sweep.command}"),
        )


def report(
    heading: Heading, cells: Sequence[Cell], results: Mapping[str, RunResult], charts: Sequence[Chart], title: Callable[[str], str] = str
) -> str:
    """The whole file as text; plotly's own script is in it once.

    Args:
        heading: what stands above.
        cells: of a sweep or a plan.
        results: what their runs found, by run id; cells without one are listed without numbers.
        charts: drawn in the colours of a light page.
        title: of a factor, from its path.
    """
    parts = [
        f"<h1>{escape(heading.title)}</h1>",
        *(f"<p>{escape(sentence)}</p>" for sentence in heading.sentences),
        _list("Chosen where the paper is silent", heading.choices),
        *(figure(place, chart) for place, chart in enumerate(charts)),
        _table(heading.preset, cells, results, title),
        _verdicts(heading.preset, cells, results),
        _list("Made on", _machines(cells, results)),
        _commands(cells),
        f"<p>Written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by LMC Twins.</p>",
    ]
    return offline_page(heading.title, parts, with_charts=bool(charts))


def _table(preset: str, cells: Sequence[Cell], results: Mapping[str, RunResult], title: Callable[[str], str]) -> str:
    if not cells:
        return ""
    paths = factor_paths(cells)
    named = any(cell.name for cell in cells)
    is_printed = any(published_of(preset, cell) for cell in cells)
    floors = any(result.summary.rounding for result in results.values())
    header = [
        *(["cell"] if named else []),
        *map(title, paths),
        "verdict",
        "test barrier",
        "train barrier",
        "normalised",
        "loss barrier",
        "test accuracy",
    ]
    header += [*(["rounding floor"] if floors else []), "pairs", "parameters", *(["the paper", "beside it"] if is_printed else []), "run"]
    lines = ["".join(f"<th>{escape(name)}</th>" for name in header)]
    for cell in cells:
        result = results.get(cell.spec.run_id)
        texts = [*([cell.name] if named else []), *(cell.factors.get(path, "") for path in paths), *_numbers(cell, result)]
        texts += [percent_spread(floor_of(result, "test"))] if floors else []
        texts += [str(cell.spec.repeats), count(parameter_count(cell.spec))]
        if is_printed:
            verdict = verdict_of(preset, cell, result)
            texts += [printed(published_of(preset, cell)), verdict.text if verdict else ""]
        lines.append("".join(f"<td>{escape(text)}</td>" for text in texts) + f"<td><code>{escape(cell.spec.run_id)}</code></td>")
    rows = "\n".join(f"<tr>{line}</tr>" for line in lines)
    legend = (
        f"Mean ± standard deviation over pairs that did not diverge. {DIVERGED} marks what learnt nothing or was unstable. {OUTCOME_RULE}"
    )
    return f'<h2>All cells</h2><div class="table"><table>{rows}</table></div><p>{legend}</p>'


def _numbers(cell: Cell, result: RunResult | None) -> list[str]:
    if result is None:
        return [NOTHING] * 6
    outcome = outcome_of(result, cell.spec.dataset)
    mark = DIVERGED if outcome.connected is None else ""
    shares = [spread_of(result, *place) for place in (("test", "error"), ("train", "error"), ("test", "normalized"))]
    barriers = [percent_spread(spread) if spread.mean is not None or not mark else "" for spread in shares]
    loss, accuracy = spread_of(result, "test", "loss"), spread_of(result, "test", "accuracy")
    return [outcome.headline, *(text + mark for text in barriers), plain_spread(loss), percent_spread(accuracy)]


def _verdicts(preset: str, cells: Sequence[Cell], results: Mapping[str, RunResult]) -> str:
    verdicts = [verdict_of(preset, cell, results.get(cell.spec.run_id)) for cell in cells]
    said = [verdict.agrees for verdict in verdicts if verdict and verdict.agrees is not None]
    order, counts = order_of(preset, cells, results), counts_of(preset, cells, results)
    sentences = [f"{sum(said)} of {len(said)} cells agree with the paper."] if said else []
    sentences += [order.text] if order.pairs else []
    sentences += [count.sentence for count in counts]
    if not sentences:
        return ""
    rules = (*(RULES if said or order.pairs else ()), *([CLAIM_RULE] if counts else ()))
    return _list("Beside the paper", sentences) + _list("By these rules", rules)


def _machines(cells: Sequence[Cell], results: Mapping[str, RunResult]) -> list[str]:
    """Each machine and version that made some of the results, with how many."""
    made: dict[str, int] = {}
    for cell in cells:
        if result := results.get(cell.spec.run_id):
            place = result.environment
            versions = ", ".join(f"{name} {version}" for name, version in place.versions.items())
            text = f"{place.device}; {place.processor}; {place.threads} threads; {place.engine}; {versions}"
            made[text] = made.get(text, 0) + 1
    return [f"{number} of {len(cells)} cells: {text}" for text, number in made.items()]


def _commands(cells: Sequence[Cell]) -> str:
    if not cells:
        return ""
    rows = "\n".join(
        f'<tr><td class="text">{escape(cell.label)}</td><td class="text command"><code>{escape(command_of(cell.spec))}</code></td></tr>'
        for cell in cells
    )
    return f"<details><summary>Commands that make each cell again</summary><table>{rows}</table></details>"


def _list(title: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    return f"<h2>{escape(title)}</h2><ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
