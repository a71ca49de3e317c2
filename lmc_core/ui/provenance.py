"""How a finished run was computed: where, with what, from which seeds and data."""

from typing import TYPE_CHECKING

from lmc_core.data.spec import CATALOG
from lmc_core.experiment import TwinsSpec
from lmc_core.figures.numbers import count, counted, duration
from lmc_core.runs.pruning_results import PruneResult
from lmc_core.runs.results import RunResult
from lmc_core.ui.wording import noise_in_words

if TYPE_CHECKING:
    from lmc_core.runs.folder import StoredRun


MADE_AGAIN = (
    "The same numbers to the bit on this kind of processor with these versions; elsewhere rounding differs, which can grow over training, "
    "most of all under high learning rates"
)


def provenance_of(run: "StoredRun") -> dict[str, str]:
    """The facts of a finished run of any kind, by their names."""
    spec, result = run.spec, run.result
    here, data = result.environment, CATALOG[spec.dataset]
    seeds = f"initialisation {spec.seeds.init}; data order {_two(spec.seeds.order)}; augmentation {_two(spec.seeds.augmentation)}"
    noise = f"{noise_in_words(spec)}; seeds: {seeds}" if isinstance(spec, TwinsSpec) else f"seeds: {seeds}"
    return {
        "Device": f"{here.device}: {here.processor}, {counted(here.threads, 'thread')}",
        "Engine": f"{here.engine}, {spec.precision}",
        "Versions": ", ".join(f"{name} {version}" for name, version in here.versions.items()),
        "Networks": _networks(run),
        "Noise": noise,
        "Data": f"{data.title}: {count(spec.samples)} training and {count(spec.tested)} test images, "
        + ", ".join(f"{name} {_short(here.dataset[name])}" for name in ("sha256", "mean", "std") if name in here.dataset),
        "Line": f"{len(result.alphas)} equidistant points; train curve without augmentation; means over samples",
        "Made again": MADE_AGAIN,
        "Time": f"{duration(result.timing.train_seconds)} of training, {duration(result.timing.evaluate_seconds)} of measuring",
        "Run": f"{run.run_id}, {run.created:%d %B %Y %H:%M} UTC" + (", comes with the app" if run.shipped else ""),
    }


def _networks(run: "StoredRun") -> str:
    match run.result:
        case RunResult(parameters=parameters):
            return f"{2 * run.spec.repeats} of {count(parameters)} parameters each, trained for {count(run.spec.total_steps)} steps"
        case PruneResult(parameters=parameters, prunable=prunable, levels=levels):
            return (
                f"{counted(len(levels), 'level')} of {counted(run.spec.repeats, 'repeat')}; {count(parameters)} parameters each, "
                f"{count(prunable)} of them prunable, trained for {count(run.spec.total_steps)} steps"
            )


def _two(seeds: tuple[int, int]) -> str:
    return f"{seeds[0]} for both" if seeds[0] == seeds[1] else f"{seeds[0]} (A), {seeds[1]} (B)"


def _short(value: object) -> str:
    text = ", ".join(f"{part:.4g}" for part in value) if isinstance(value, list) else str(value)
    return text if len(text) <= 24 else text[:16] + "…"
