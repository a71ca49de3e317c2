"""What two finished runs say together: pretrained against random."""

from collections.abc import Mapping
from dataclasses import dataclass

from lmc_core.figures.density import density_words
from lmc_core.figures.numbers import DIVERGED, NOTHING, percent, percent_spread
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.pruning_results import Level, PruneResult
from lmc_core.results import CONNECTED_BELOW, PairResult, RunResult, Spread
from lmc_core.studies.fine_tuning import ORIGIN_WORDS, Origin
from lmc_core.ui.pruning_drawing import told_by_pruning
from lmc_core.ui.pruning_verdict import dense_of, level_of

MIDDLE = {True: "connected", False: "not connected", None: NOTHING}


@dataclass(frozen=True)
class BothVerdict:
    """The answer in a few words, and the sentences that give its reasons."""

    headline: str
    sentence: str


def both_verdict(snapshots: Mapping[Origin, Snapshot]) -> BothVerdict | None:
    """The verdict on two finished runs; None while one of them is not there."""
    results = {origin: snapshot.run.result for origin, snapshot in snapshots.items() if snapshot.run is not None}
    pretrained, random = results.get("pretrained"), results.get("random")
    if isinstance(pretrained, RunResult) and isinstance(random, RunResult):
        return _of_twins({"pretrained": pretrained, "random": random})
    if isinstance(pretrained, PruneResult) and isinstance(random, PruneResult):
        return _of_levels({"pretrained": pretrained, "random": random})
    return None


def both_table(snapshots: Mapping[Origin, Snapshot]) -> dict[str, list[str]]:
    """The numbers of both runs side by side, as the columns of a table; none before a run has some."""
    twins = {origin: snapshot.run.result for origin, snapshot in snapshots.items() if snapshot.run is not None}
    rows = [_twins_row(ORIGIN_WORDS[origin], result) for origin, result in twins.items() if isinstance(result, RunResult)]
    for origin, snapshot in snapshots.items():
        rows += _level_rows(ORIGIN_WORDS[origin], told_by_pruning(snapshot).levels)
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


def _of_twins(results: Mapping[Origin, RunResult]) -> BothVerdict:
    states = {origin: result.summary.connected for origin, result in results.items()}
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
            headline = f"Training diverged ({DIVERGED})"
    sentences = [
        f"{ORIGIN_WORDS[origin]}: instability {percent_spread(result.summary.test.error)} against {percent(CONNECTED_BELOW, 0)}, "
        f"the loss on the line reaches {_times(loss_on_the_line(result.pairs))} times the twins' own."
        for origin, result in results.items()
    ]
    return BothVerdict(headline, "\n".join(sentences))


def _of_levels(results: Mapping[Origin, PruneResult]) -> BothVerdict:
    sentences, kept = [], []
    for origin, result in results.items():
        dense = dense_of(result.levels, 0)
        tickets = sorted((level for level in result.levels if level.kind == "ticket"), key=lambda level: -level.density)
        if dense is None or not tickets:
            continue
        told = "; ".join(f"{density_words(level.density)} {percent_spread(level.test_accuracy)}{_connected(level)}" for level in tickets)
        sentences.append(f"{ORIGIN_WORDS[origin]}: dense {percent_spread(dense.test_accuracy)}{_connected(dense)}; tickets {told}.")
        same = [level.connected == dense.connected for level in tickets if level.connected is not None and dense.connected is not None]
        kept.append(all(same) if same else None)
    if any(state is None for state in kept) or not kept:
        return BothVerdict("What pruning keeps", "\n".join(sentences))
    headline = "Sparsity changes no verdict" if all(kept) else "Sparsity changes a verdict"
    return BothVerdict(f"{headline} on connectivity", "\n".join(sentences))


def _connected(level: Level) -> str:
    if level.test is None or level.connected is None:
        return ""
    return f", {MIDDLE[level.connected]} ({percent_spread(level.test.error)})"


def _twins_row(name: str, result: RunResult) -> dict[str, str]:
    test = result.summary.test
    return {
        "": name,
        "Test accuracy": percent_spread(test.accuracy),
        "Test error barrier": percent_spread(test.error),
        "Train error barrier": percent_spread(result.summary.train.error),
        "Highest test loss, times the twins'": _times(loss_on_the_line(result.pairs)),
        "Twins": MIDDLE[result.summary.connected],
    }


def _level_rows(name: str, levels: tuple[Level, ...]) -> list[dict[str, str]]:
    rows = []
    dense = dense_of(levels, 0)
    densities = sorted({level.density for level in levels if level.kind in ("pruned", "ticket")}, reverse=True)
    for density in ([1.0] if dense else []) + densities:
        level = dense if density == 1.0 else level_of(levels, "ticket", density, 0)
        pruned = level_of(levels, "pruned", density, None)
        rows.append(
            {
                "": name,
                "Weights kept": density_words(density),
                "As pruned": percent_spread(pruned.test_accuracy) if pruned else NOTHING,
                "Trained alone": percent_spread(level.test_accuracy) if level else NOTHING,
                "Test error barrier": percent_spread(level.test.error) if level and level.test else NOTHING,
                "Twins": MIDDLE[level.connected] if level else NOTHING,
            }
        )
    return rows


def _times(ratio: Spread) -> str:
    if ratio.mean is None:
        return NOTHING
    return f"{ratio.mean:.2f} ± {ratio.std:.2f}" if ratio.n > 1 and ratio.std is not None else f"{ratio.mean:.2f}"
