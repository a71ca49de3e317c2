"""Spikes of the loss are told with number, height and time, and marked in the chart of the loss."""

from lmc_core.figures.history import history
from lmc_core.figures.spikes import MARK, spike_marks, spike_rows, spike_sentence
from lmc_core.runs.results import Spike, Spikes
from tests.figures import tables

NONE = Spikes(count=0, highest=[])
ONE = Spikes(count=1, highest=[Spike(step=5_792, loss=11_043.8)])
MANY = Spikes(count=20, highest=[Spike(step=100, loss=60.0), Spike(step=6_000, loss=3.5e15)])


def test_a_sentence_says_how_many_how_high_and_when():
    assert spike_sentence({}) == spike_sentence({"A": NONE, "B": NONE}, 59) == ""
    assert spike_sentence({"A": ONE, "B": NONE}, 59) == (
        "The training loss spiked once, in 1 of 2 networks; the highest spike reached 11,044 nats in epoch 99 (step 5,792)."
    )
    assert spike_sentence({"A": ONE, "B": MANY}) == (
        "The training loss spiked 21 times, in 2 of 2 networks; the highest spike reached 3.5e+15 nats at step 6,000."
    )


def test_each_network_with_spikes_has_a_row():
    assert spike_rows({"A": NONE, "B": MANY}, 100) == {"B": ["20", "3.5e+15 nats in epoch 61 (step 6,000)"]}


def test_spikes_stand_in_the_chart_of_the_loss_where_they_happened():
    marks = spike_marks({"A": ONE, "B": NONE}, 59)
    chart = history(tables.history([0.5, 0.1], [0.5, 0.2]), 200, "loss", spikes=marks)
    trace = chart.traces[-1]
    assert trace["x"] == [5_792 / 59]
    assert trace["y"] == [11_043.8]
    assert chart.keys[-1] == MARK
    assert max(chart.layout["yaxis"]["tickvals"]) >= 10_000


def test_without_spikes_the_chart_has_no_legend_for_them():
    assert spike_marks({"A": NONE}, 59) == []
    assert MARK not in history(tables.history([0.5, 0.1], [0.5, 0.2]), 2, "loss").keys
