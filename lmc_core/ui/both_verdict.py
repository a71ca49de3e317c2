"""What two finished runs say together: pretrained against random."""

from collections.abc import Mapping
from dataclasses import dataclass

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.data.spec import DatasetName
from lmc_core.figures.density import density_words
from lmc_core.figures.numbers import NOTHING, percent, percent_spread
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.runs.outcome import outcome_of, outcome_of_level
from lmc_core.runs.pruning_results import Level, PruneResult
from lmc_core.runs.results import PairResult, RunResult, Spread
from lmc_core.studies.fine_tuning import ORIGIN_WORDS, Origin
from lmc_core.ui.pruning_drawing import told_by_pruning
from lmc_core.ui.pruning_verdict import dense_of, level_of


@dataclass(frozen=True)
class BothVerdict:
    """The answer in a few words, and the sentences that give its reasons."""

    headline: str
    sentence: str


def both_verdict(snapshots: Mapping[Origin, Snapshot]) -> BothVerdict | None:
    """The verdict on two finished runs; None while one of them is not there."""
    results = {origin: snapshot.run.result for origin, snapshot in snapshots.items() if snapshot.run is not None}
    pretrained, random = results.get("pretrained"), results.get("random")
    dataset = next((snapshot.run.spec.dataset for snapshot in snapshots.values() if snapshot.run is not None), None)
    if dataset is None:
        return None
    if isinstance(pretrained, RunResult) and isinstance(random, RunResult):
        return _of_twins({"pretrained": pretrained, "random": random}, dataset)
    if isinstance(pretrained, PruneResult) and isinstance(random, PruneResult):
        return _of_levels({"pretrained": pretrained, "random": random}, dataset)
    return None


def both_table(snapshots: Mapping[Origin, Snapshot]) -> dict[str, list[str]]:
    """The numbers of both runs side by side, as the columns of a table; none before a run has some."""
    rows = []
    for origin, snapshot in snapshots.items():
        if snapshot.run is not None and isinstance(snapshot.run.result, RunResult):
            rows.append(_twins_row(ORIGIN_WORDS[origin], snapshot.run.result, snapshot.run.spec.dataset))
        if snapshot.spec is not None:
            rows += _level_rows(ORIGIN_WORDS[origin], told_by_pruning(snapshot).levels, snapshot.spec.dataset)
    return {name: [row.get(name, NOTHING) for row in rows] for name in rows[0]} if rows else {}


def loss_on_the_line(pairs: list[PairResult]) -> Spread:
    """The highest test loss on the line over the mean of the twins' own, spread over pairs: the blog finds more than 2 at random."""
    ratios = []
    for pair in pairs:
        losses = [loss for loss in pair.curves.test.loss if loss is not None]
        if len(losses) == len(pair.curves.test.loss) and losses[0] + losses[-1] > 0:
            ratios.append(2 * max(losses) / (losses[0] + losses[-1]))
    if not ratios:
        return Spread(mean=None, std=None, n=0)
    mean = sum(ratios) / len(ratios)
    variance = sum((ratio - mean) ** 2 for ratio in ratios) / (len(ratios) - 1) if len(ratios) > 1 else 0.0
    return Spread(mean=mean, std=variance**0.5, n=len(ratios))


def _of_twins(results: Mapping[Origin, RunResult], dataset: DatasetName) -> BothVerdict:
    outcomes = {origin: outcome_of(result, dataset) for origin, result in results.items()}
    states = {origin: outcome.connected for origin, outcome in outcomes.items()}
    match states["pretrained"], states["random"]:
        case True, False:
            headline = "Connected when pretrained, not from random"
        case False, True:
            headline = "Connected from random, not when pretrained"
        case True, True:
            headline = "Connected from both"
        case False, False:
            headline = "Connected from neither"
        case _:
            headline = "; ".join(f"{ORIGIN_WORDS[origin]}: {outcome.word}" for origin, outcome in outcomes.items())
    sentences = [
        f"{ORIGIN_WORDS[origin]}: instability {percent_spread(result.summary.test.error)} against {percent(CONNECTED_BELOW, 0)}, "
        f"the loss on the line reaches {_times(loss_on_the_line(result.pairs))} times the twins' own."
        if states[origin] is not None
        else f"{ORIGIN_WORDS[origin]}: {outcomes[origin].word}. {outcomes[origin].reason}"
        for origin, result in results.items()
    ]
    return BothVerdict(headline, "\n".join(sentences))


def _of_levels(results: Mapping[Origin, PruneResult], dataset: DatasetName) -> BothVerdict:
    sentences, kept = [], []
    for origin, result in results.items():
        dense = dense_of(result.levels, 0)
        tickets = sorted((level for level in result.levels if level.kind == "ticket"), key=lambda level: -level.density)
        if dense is None or not tickets:
            continue
        told = "; ".join(
            f"{density_words(level.density)} {percent_spread(level.test_accuracy)}{_state(level, dataset)}" for level in tickets
        )
        sentences.append(f"{ORIGIN_WORDS[origin]}: dense {percent_spread(dense.test_accuracy)}{_state(dense, dataset)}; tickets {told}.")
        whole = _said(dense, dataset)
        states = [_said(level, dataset) for level in tickets]
        same = [state == whole for state in states if state is not None and whole is not None]
        kept.append(all(same) if same else None)
    if any(state is None for state in kept) or not kept:
        return BothVerdict("What pruning keeps", "\n".join(sentences))
    headline = "Sparsity changes no verdict" if all(kept) else "Sparsity changes a verdict"
    return BothVerdict(f"{headline} on connectivity", "\n".join(sentences))


def _said(level: Level, dataset: DatasetName) -> bool | None:
    outcome = outcome_of_level(level, dataset)
    return outcome.connected if outcome else None


def _state(level: Level, dataset: DatasetName) -> str:
    outcome = outcome_of_level(level, dataset)
    if outcome is None:
        return ""
    return f", {outcome.word}" + (f" ({percent_spread(level.test.error)})" if outcome.connected is not None and level.test else "")


def _twins_row(name: str, result: RunResult, dataset: DatasetName) -> dict[str, str]:
    test = result.summary.test
    return {
        "": name,
        "Test accuracy": percent_spread(test.accuracy),
        "Test error barrier": percent_spread(test.error),
        "Train error barrier": percent_spread(result.summary.train.error),
        "Highest test loss, times the twins'": _times(loss_on_the_line(result.pairs)),
        "Twins": outcome_of(result, dataset).word,
    }


def _level_rows(name: str, levels: tuple[Level, ...], dataset: DatasetName) -> list[dict[str, str]]:
    rows = []
    dense = dense_of(levels, 0)
    densities = sorted({level.density for level in levels if level.kind in ("pruned", "ticket")}, reverse=True)
    for density in ([1.0] if dense else []) + densities:
        level = dense if density == 1.0 else level_of(levels, "ticket", density, 0)
        pruned = level_of(levels, "pruned", density, None)
        outcome = outcome_of_level(level, dataset) if level else None
        rows.append(
            {
                "": name,
                "Weights kept": density_words(density),
                "As pruned": percent_spread(pruned.test_accuracy) if pruned else NOTHING,
                "Trained alone": percent_spread(level.test_accuracy) if level else NOTHING,
                "Test error barrier": percent_spread(level.test.error) if level and level.test else NOTHING,
                "Twins": outcome.word if outcome else NOTHING,
            }
        )
    return rows


def _times(ratio: Spread) -> str:
    if ratio.mean is None:
        return NOTHING
    return f"{ratio.mean:.2f} ± {ratio.std:.2f}" if ratio.n > 1 and ratio.std is not None else f"{ratio.mean:.2f}"
