"""Spikes of the training loss: a sentence, a table, and marks in the chart of the loss."""

from collections.abc import Mapping

from lmc_core.figures.chart import Key, Trace
from lmc_core.figures.numbers import counted, plain
from lmc_core.runs.pruning_results import PruneResult
from lmc_core.runs.results import RunResult, Spike, Spikes

MARK = Key("spikes", "Highest batch of a spike", "$muted", "none", "triangle-up-open")

SpikesByNetwork = Mapping[str, Spikes]
"""Of every network of which they were counted."""


def spikes_of_twins(result: RunResult) -> dict[str, Spikes]:
    """The spikes of all twins; empty where they were not counted."""
    found: dict[str, Spikes] = {}
    for pair in result.pairs:
        before = f"pair {pair.pair + 1}, " if len(result.pairs) > 1 else ""
        found |= {f"{before}{twin}": spikes for twin, spikes in zip("AB", pair.spikes or (), strict=False)}
    return found


def spikes_of_levels(result: PruneResult) -> dict[str, Spikes]:
    """The spikes of all networks of all levels of a pruning run; empty where they were not counted."""
    found: dict[str, Spikes] = {}
    for place, level in enumerate(result.levels):
        for pair in level.pairs:
            found |= {f"{place}, {pair.pair}, {twin}": spikes for twin, spikes in zip("AB", pair.spikes or (), strict=False)}
    return found


def spike_sentence(spikes: SpikesByNetwork, steps_per_epoch: int | None = None) -> str:
    """How many spikes there were, in how many networks, and the highest one; empty where there were none."""
    number = sum(of_network.count for of_network in spikes.values())
    if not number:
        return ""
    times = "once" if number == 1 else f"{number:,} times"
    among = f"{sum(of_network.count > 0 for of_network in spikes.values()):,} of {counted(len(spikes), 'network')}"
    reached = _height(highest(spikes), steps_per_epoch)
    return f"The training loss spiked {times}, in {among}; the highest spike reached {reached}."


def highest(spikes: SpikesByNetwork) -> Spike:
    """The highest of all spikes, of which there must be one."""
    return max((spike for of_network in spikes.values() for spike in of_network.highest), key=lambda spike: spike.loss)


def spike_rows(spikes: SpikesByNetwork, steps_per_epoch: int) -> dict[str, list[str]]:
    """For each network with spikes how many it had, and its highest one with its time."""
    return {
        network: [f"{of_network.count:,}", _height(highest({network: of_network}), steps_per_epoch)]
        for network, of_network in spikes.items()
        if of_network.highest
    }


def spike_marks(spikes: SpikesByNetwork, steps_per_epoch: int) -> list[Trace]:
    """A mark at the highest batch of each spike that was kept, over epochs and nats."""
    points = [(network, spike) for network, of_network in spikes.items() for spike in of_network.highest]
    if not points:
        return []
    return [
        {
            "type": "scatter",
            "x": [spike.step / steps_per_epoch for _, spike in points],
            "y": [spike.loss for _, spike in points],
            "mode": "markers",
            "name": MARK.label,
            "legendgroup": MARK.group,
            "marker": {"color": MARK.colour, "symbol": MARK.symbol, "size": 9},
            "text": [f"{network}, step {spike.step:,}" for network, spike in points],
            "hovertemplate": "%{text}: %{y:.4g} nats<extra>spike</extra>",
        }
    ]


def _height(spike: Spike, steps_per_epoch: int | None) -> str:
    height = f"{spike.loss:,.0f}" if spike.loss < 1e6 else plain(spike.loss, 3)
    if steps_per_epoch is None:
        return f"{height} nats at step {spike.step:,}"
    return f"{height} nats in epoch {spike.step // steps_per_epoch + 1:,} (step {spike.step:,})"
