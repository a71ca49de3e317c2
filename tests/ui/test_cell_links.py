"""Links from charts to runs: they carry the settings, so that a run that is gone can be made again."""

import json
from urllib.parse import parse_qsl

import pytest

from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.cells import CellState
from lmc_core.studies.emergence_presets import EMERGENCE
from lmc_core.sweeps.plans import PLANS
from lmc_core.sweeps.sweep import Cell, Sweep, parse_factor
from lmc_core.ui.cell_points import Axes
from lmc_core.ui.cells_drawing import Picture, drawing_of
from lmc_core.ui.link import read_link

SWEEP = Sweep(TwinsSpec(epochs=3), (parse_factor("architecture.slope=0,0.1"), parse_factor("optimizer.name=sgd,adam")))
CELLS: dict[str, tuple[Cell, ...]] = {
    "a sweep": SWEEP.cells,
    "table 2": PLANS["table2"].plan("sketch").cells,
    "figure 2": PLANS["figure2"].plan("classroom").cells,
    "emergence by spawn point": EMERGENCE["spawn_vit"].make("sketch").cells,
    "one cell": SWEEP.cells[:1],
}


def links(cells: tuple[Cell, ...]) -> dict[str, dict[str, str]]:
    """The query parameters to which the browser goes when the point of a run is clicked, by run id."""
    states = {cell.spec.run_id: CellState(cell.spec.run_id, "unknown") for cell in cells}
    opens = json.loads(drawing_of(Picture("linked", cells, Axes(())), states).payload)["opens"]
    assert opens["home"] == "/"
    return {
        run_id: dict(parse_qsl("&".join(filter(None, [opens["shared"], own, f"run={run_id}"])), keep_blank_values=True))
        for run_id, own in opens["own"].items()
    }


@pytest.mark.parametrize("cells", CELLS.values(), ids=CELLS.keys())
def test_a_cells_link_leads_to_its_run_and_holds_its_settings(cells: tuple[Cell, ...]) -> None:
    found = links(cells)
    assert found.keys() == {cell.spec.run_id for cell in cells}
    for cell in cells:
        link = read_link(found[cell.spec.run_id])
        assert (link.spec, link.run, link.complaints) == (cell.spec, cell.spec.run_id, ())
