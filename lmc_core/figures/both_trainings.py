"""The training of twins from pretrained weights and from a random initialisation, epoch by epoch, in one chart."""

from lmc_core.figures.chart import Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.history import Quantity
from lmc_core.figures.numbers import percent, plain
from lmc_core.figures.origins import OriginTwins
from lmc_core.figures.spread import Line, band, over_pairs
from lmc_core.figures.ticks import logarithmic_ticks

TITLES: dict[Quantity, str] = {"accuracy": "Accuracy over training", "loss": "Loss over training"}
SPLITS = ("test", "train")


def both_trainings(runs: list[OriginTwins], epochs: int, quantity: Quantity, height: int = 300) -> Chart:
    """Accuracy or loss on test and train after each epoch, means over all networks of a run.

    Args:
        runs: each with a history of columns epoch, pair, twin, train_loss, train_error, test_loss, test_error.
        epochs: length of the longest training; the axis reaches so far from the start.
        quantity: accuracy as a share, or cross-entropy in nats on a logarithmic axis.
        height: pixels.
    """
    name, title = f"both-{quantity}", TITLES[quantity]
    shown = [run for run in runs if len(run.history)]
    if not shown:
        return empty(name, title, "no epoch is finished yet" if runs else "nothing trained yet", height)
    lines = {(run.origin, split): _line(run, quantity, split) for run in shown for split in SPLITS}
    traces = [trace for run in shown for split in SPLITS for trace in _traces(run, split, quantity, lines[run.origin, split])]
    values = [value for line in lines.values() for value in line.mean if value is not None]
    if quantity == "loss":
        vertical = axis("Cross-entropy (nats)", type="log", **logarithmic_ticks([value for value in values if value > 0]))
    else:
        vertical = axis(
            "Accuracy", tickformat=".0%", range=[max(0.0, min(values, default=0.0) - 0.05), min(1.0, max(values, default=1.0) + 0.05)]
        )
    keys = [
        Key(f"{run.origin}-{split}", f"{run.look.label}, {split}", run.look.colour, "solid" if split == "test" else "dot", symbol)
        for run in shown
        for split, symbol in (("test", run.look.symbol), ("train", "none"))
    ]
    show = percent if quantity == "accuracy" else plain
    words = "; ".join(
        f"{run.look.label} {show(lines[run.origin, 'test'].last)} at epoch {int(run.history['epoch'].max())}" for run in shown
    )
    return Chart(
        name,
        title,
        f"{title}, mean over all networks, on the test set: {words}.",
        traces,
        layout(axis("Epoch", range=[0, 1.02 * epochs]), vertical),
        keys,
        note="train: over the epoch's augmented batches",
        revision=name,
        height=height,
    )


def _line(run: OriginTwins, quantity: Quantity, split: str) -> Line:
    if quantity == "loss":
        return over_pairs(run.history, "epoch", f"{split}_loss")
    errors = over_pairs(run.history, "epoch", f"{split}_error")
    mean, low, high = ([None if value is None else 1 - value for value in part] for part in (errors.mean, errors.high, errors.low))
    return Line(errors.x, mean, low, high, errors.n)


def _traces(run: OriginTwins, split: str, quantity: Quantity, line: Line) -> list[Trace]:
    look, group = run.look, f"{run.origin}-{split}"
    numbers = "%{y:.2%}" if quantity == "accuracy" else "%{y:.4f}"
    mean = line.mean if quantity == "accuracy" else [value if value is None or value > 0 else None for value in line.mean]
    trace: Trace = {
        "type": "scatter",
        "x": line.x,
        "y": mean,
        "mode": "lines+markers" if split == "test" else "lines",
        "name": f"{look.label}, {split}",
        "legendgroup": group,
        "line": {"color": look.colour, "width": 2.2 if split == "test" else 1.8, "dash": "solid" if split == "test" else "dot"},
        "marker": {"color": look.colour, "symbol": look.symbol, "size": 7},
        "hovertemplate": f"{numbers}<extra>{look.label}, {split}</extra>",
    }
    return [*(band(line, look.colour, group) if quantity == "accuracy" and split == "test" else []), trace]
