"""The training of the twins, epoch by epoch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from lmc_core.figures.chart import MARKED_EPOCHS, Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.numbers import percent, plain
from lmc_core.figures.spikes import MARK
from lmc_core.figures.spread import Line, band, over_pairs
from lmc_core.figures.ticks import epochs_in_view, logarithmic_ticks

if TYPE_CHECKING:
    import pandas as pd

Quantity = Literal["accuracy", "loss"]

TITLES: dict[Quantity, str] = {"accuracy": "Accuracy of each twin", "loss": "Loss of each twin"}


def history(history: "pd.DataFrame", epochs: int, quantity: Quantity, height: int = 300, spikes: Sequence[Trace] = ()) -> Chart:
    """Accuracy or loss of both twins on train and test after each epoch, as means over pairs.

    Args:
        history: columns epoch, pair, twin, train_loss, train_error, test_loss, test_error; a row for each twin and epoch.
        epochs: length of the whole training.
        quantity: accuracy as a share, or cross-entropy in nats on a logarithmic axis.
        height: pixels.
        spikes: marks of the loss of single batches, which may be far above the mean of their epoch.
    """
    title = TITLES[quantity]
    if history.empty:
        return empty(quantity, title, "no epoch is finished yet", height)
    lines = {(twin, split): _line(history[history["twin"] == twin], quantity, split) for twin in ("a", "b") for split in ("train", "test")}
    traces = [trace for (twin, split), line in lines.items() for trace in _traces(line, twin, split, quantity, epochs)]
    keys = [
        Key("a-test", "A test", "$a"),
        Key("a-train", "A train", "$a", "dot", "none"),
        Key("b-test", "B test", "$b", "solid", "diamond"),
        Key("b-train", "B train", "$b", "dot", "none"),
        *([MARK] if spikes else []),
    ]
    return Chart(
        quantity,
        title,
        _words(lines, quantity),
        [*traces, *spikes],
        layout(
            axis("Epoch", range=[0, 1.02 * epochs_in_view(epochs, lines["a", "test"].x[-1])]),
            _vertical(quantity, lines, [value for marks in spikes for value in marks["y"]]),
        ),
        keys,
        revision=quantity,
        height=height,
    )


def _line(rows: "pd.DataFrame", quantity: Quantity, split: str) -> Line:
    if quantity == "loss":
        return over_pairs(rows, "epoch", f"{split}_loss")
    errors = over_pairs(rows, "epoch", f"{split}_error")
    mean, low, high = ([None if value is None else 1 - value for value in part] for part in (errors.mean, errors.high, errors.low))
    return Line(errors.x, mean, low, high, errors.n)


def _vertical(quantity: Quantity, lines: dict[tuple[str, str], Line], marked: Sequence[float]) -> dict[str, object]:
    values = [*(value for line in lines.values() for value in line.mean if value is not None), *marked]
    if quantity == "loss":
        return axis("Cross-entropy (nats)", type="log", **logarithmic_ticks([value for value in values if value > 0]))
    bottom = min(values, default=0.0)
    span = max(1 - bottom, 0.01)
    return axis("Accuracy", range=[max(bottom - 0.06 * span, -0.02), 1 + 0.04 * span], tickformat=".0%" if span > 0.04 else ".1%")


def _traces(line: Line, twin: str, split: str, quantity: Quantity, epochs: int) -> list[Trace]:
    colour, group = f"${twin}", f"{twin}-{split}"
    name = f"{twin.upper()} {split}"
    numbers = "%{y:.2%}" if quantity == "accuracy" else "%{y:.4f}"
    mean = line.mean if quantity == "accuracy" else [value if value is None or value > 0 else None for value in line.mean]
    trace: Trace = {
        "type": "scatter",
        "x": line.x,
        "y": mean,
        "mode": "lines" if split == "train" or epochs > MARKED_EPOCHS else "lines+markers",
        "name": name,
        "legendgroup": group,
        "line": {"color": colour, "width": 2.2 if split == "test" else 1.8, "dash": "solid" if split == "test" else "dot"},
        "marker": {"color": colour, "symbol": "circle" if twin == "a" else "diamond", "size": 6},
        "hovertemplate": f"{numbers}<extra>{name}</extra>",
    }
    return [*(band(line, colour, group) if quantity == "accuracy" else []), trace]


def _words(lines: dict[tuple[str, str], Line], quantity: Quantity) -> str:
    show = percent if quantity == "accuracy" else plain
    last = next(iter(lines.values())).x[-1]
    parts = [f"twin {twin.upper()} {split} {show(line.last)}" for (twin, split), line in lines.items()]
    return f"{TITLES[quantity]} over training, at epoch {last:g}: {', '.join(parts)}."
