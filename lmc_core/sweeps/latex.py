"""A sweep's cells as a LaTeX table in the paper's form: rows, columns, percent with a spread, an asterisk where training is unstable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lmc_core.cost.estimates import parameter_count
from lmc_core.figures.numbers import percent
from lmc_core.overrides import command_of
from lmc_core.runs.outcome import outcome_of
from lmc_core.runs.results import RunResult, Spread
from lmc_core.sweeps.plan import Measure, PaperPreset
from lmc_core.sweeps.published import Published, published_of
from lmc_core.sweeps.sweep import Cell, Sweep
from lmc_core.sweeps.table import spread_of

SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "×": r"$\times$",
    "−": r"$-$",
    "–": r"--",
}
ASTERISK = r"$\ast$"
STARRED = (
    "a network of some pair diverged (its loss or a weight was not finite; means are over the other pairs), or some have learnt nothing "
    "(a test accuracy below twice that of guessing), so that a barrier says nothing."
)
"""What the asterisk means."""
NOTHING = "--"
WORDS: dict[Measure, str] = {
    "error": "Error barrier in percent",
    "normalized": "Normalised error barrier in percent",
    "accuracy": "Test accuracy in percent",
    "parameters": "Parameters of one network",
}


@dataclass(frozen=True)
class Form:
    """Which factors make the rows and which the columns of a table, and what stands in it.

    Without rows, the cells' names make them.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    measure: Measure = "error"
    preset: str = ""
    """Whose published values stand in brackets; empty for none."""

    @classmethod
    def of_preset(cls, preset: PaperPreset) -> "Form":
        """The paper's table, or for a figure its horizontal axis downwards."""
        if preset.chart == "table" and preset.series:
            return cls(preset.series, preset.x, preset.measure, preset.name)
        if preset.chart == "table" or not preset.x:
            return cls((), (), preset.measure, preset.name)
        return cls(preset.x, (*preset.panels, *preset.series), preset.measure, preset.name)

    @classmethod
    def of_sweep(cls, sweep: Sweep) -> "Form":
        """The first factor downwards, the second across."""
        return cls((sweep.factors[0].path,), tuple(factor.path for factor in sweep.factors[1:]))


def as_latex(cells: Sequence[Cell], results: Mapping[str, RunResult], form: Form, caption: str = "") -> str:
    """The table as LaTeX for the booktabs package, with a comment that says so.

    Args:
        cells: of a sweep or a plan.
        results: what their runs found, by run id; a cell without one is empty.
        form: rows, columns and quantity.
        caption: a sentence before the table's own.
    """
    rows = list(dict.fromkeys(_key(cell, form.rows) for cell in cells))
    columns = list(dict.fromkeys(_key(cell, form.columns) if form.columns else "" for cell in cells))
    splits = ("test", "train") if form.measure in ("error", "normalized") else ("",)
    texts = {
        (_key(cell, form.rows), _key(cell, form.columns) if form.columns else "", split): _cell(
            cell, results.get(cell.spec.run_id), form, split
        )
        for cell in cells
        for split in splits
    }
    printed = any(published_of(form.preset, cell) for cell in cells)
    header = []
    if form.columns:
        header.append(" & ".join(["", *(rf"\multicolumn{{{len(splits)}}}{{c}}{{{escaped(column)}}}" for column in columns)]) + r" \\")
    if splits != ("",):
        header.append(" & ".join(["", *(split.capitalize() for _ in columns for split in splits)]) + r" \\")
    body = [
        " & ".join([escaped(row), *(texts.get((row, column, split), "") for column in columns for split in splits)]) + r" \\"
        for row in rows
    ]
    sentences = [caption.rstrip(".") + "." if caption else "", f"{WORDS[form.measure]}, {_pairs(cells, form)}."]
    sentences += ["In brackets what the paper prints."] if printed else []
    starred = any(ASTERISK in text for text in texts.values())
    caption_text = escaped(" ".join(filter(None, sentences))) + (rf" {ASTERISK}: {escaped(STARRED)}" if starred else "")
    lines = [
        "% needs \\usepackage{booktabs}",
        *(line for cell in cells for line in _made_by(cell, results.get(cell.spec.run_id))),
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{caption_text}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(columns) * len(splits))}}}",
        r"\toprule",
        *header,
        *([r"\midrule"] if header else []),
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _made_by(cell: Cell, result: RunResult | None) -> list[str]:
    """Comments that say which run a cell is, its verdict with the reason, and the command that makes it again."""
    outcome = outcome_of(result, cell.spec.dataset) if result else None
    said = f": {outcome.word}. {outcome.reason}" if outcome else ": not trained."
    return [f"% {' '.join(cell.label.split())}, run {cell.spec.run_id}{said}", f"%   {command_of(cell.spec)}"]


def escaped(text: str) -> str:
    """The text with what means something to LaTeX made plain."""
    return "".join(SPECIAL.get(character, character) for character in text)


def _key(cell: Cell, paths: Sequence[str]) -> str:
    if not paths:
        return cell.label
    return ", ".join(f"{_word(path)} {cell.factors[path]}".strip() for path in paths if path in cell.factors) or cell.label


def _word(path: str) -> str:
    return "" if path == "dataset" or path.endswith(".name") else path.rpartition(".")[2].replace("_", " ")


def _pairs(cells: Sequence[Cell], form: Form) -> str:
    if form.measure == "parameters":
        return "exact"
    repeats = sorted({cell.spec.repeats for cell in cells})
    return f"mean and standard deviation over {' or '.join(map(str, repeats))} pairs of twins"


def _cell(cell: Cell, result: RunResult | None, form: Form, split: str) -> str:
    published = published_of(form.preset, cell)
    ours = f"{parameter_count(cell.spec):,}" if form.measure == "parameters" else _ours(cell, result, form.measure, split or "test")
    theirs = _theirs(published, form.measure, split) if published else ""
    return f"{ours} [{theirs}]" if theirs else ours


def _ours(cell: Cell, result: RunResult | None, measure: Measure, split: str) -> str:
    if result is None:
        return NOTHING
    text = _percent(spread_of(result, split, measure))
    if outcome_of(result, cell.spec.dataset).connected is None:
        return ASTERISK if text == NOTHING else f"{text}{ASTERISK}"
    return text


def _percent(spread: Spread) -> str:
    if spread.mean is None:
        return NOTHING
    deviation = rf" $\pm$ {_bare(spread.std)}" if spread.n > 1 and spread.std is not None else ""
    return f"{_bare(spread.mean)}{deviation}"


def _bare(share: float) -> str:
    """A percentage as `percent` rounds it, without its sign and with LaTeX's own minus."""
    return percent(share).removesuffix("%").replace("−", "-")


def _theirs(published: Published, measure: Measure, split: str) -> str:
    if published.unstable:
        return ASTERISK
    match measure:
        case "parameters":
            return "" if published.millions is None else f"{published.millions:.2f}M"
        case "accuracy":
            value = published.test_accuracy_percent
        case "error":
            value = published.barrier_test_percent if split == "test" else published.barrier_train_percent
        case "normalized":
            value = None
    return "" if value is None else f"{value:.2f}"
