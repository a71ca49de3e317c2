"""The charts of a run, drawn once for all who watch it."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from lmc_core.figures.barrier import barrier
from lmc_core.figures.chart import Chart
from lmc_core.figures.history import history
from lmc_core.figures.interpolation import Measure, interpolation
from lmc_core.jobs.snapshot import Snapshot

KEPT = 64
"""Drawn sets of charts that stay in memory."""


@dataclass(frozen=True)
class Drawn:
    """A chart with its JSON, which every visitor's browser gets as it is."""

    chart: Chart
    payload: bytes


_lock = threading.Lock()
_kept: OrderedDict[tuple[str, str, Measure], dict[str, Drawn]] = OrderedDict()


def run_charts(snapshot: Snapshot, measure: Measure) -> dict[str, Drawn]:
    """The charts interpolation, barrier, accuracy and loss of a run at one version; zoom lasts as long as the run is the same."""
    key = (snapshot.run_id, snapshot.version, measure)
    with _lock:
        if key not in _kept:
            _kept[key] = _draw(snapshot, measure)
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return _kept[key]


def _draw(snapshot: Snapshot, measure: Measure) -> dict[str, Drawn]:
    progress, epochs = snapshot.progress, snapshot.spec.epochs if snapshot.spec else 1
    charts = [
        interpolation(progress.curves, measure),
        barrier(progress.measurements, epochs, measure),
        history(progress.history, epochs, "accuracy"),
        history(progress.history, epochs, "loss"),
    ]
    ours = [replace(chart, revision=f"{snapshot.run_id}-{chart.revision}") for chart in charts]
    return {chart.name: Drawn(chart, chart.payload()) for chart in ours}
