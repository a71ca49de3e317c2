import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmc_core.experiment import TwinsSpec
from lmc_core.overrides import field_paths
from lmc_core.sweeps.plans import PLANS
from lmc_core.ui.paper_link import PaperLink, read_paper_link
from lmc_core.ui.sweep_link import SweepLink, example, read_sweep_link

FACTORS = {"factor": "architecture.slope=0..1/3", "factor2": "optimizer.lr=0.1,0.01"}


def test_an_empty_link_is_the_example_whose_cells_are_those_of_figure_1_at_its_medium_rate() -> None:
    link = read_sweep_link({})
    assert link == example()
    runs = {cell.spec.run_id for cell in link.sweep().cells}
    assert runs == {cell.spec.run_id for cell in PLANS["figure1"].plan("sketch").cells if cell.factors["optimizer.lr"] == "0.01"}


def test_a_link_keeps_ranges_as_they_were_typed() -> None:
    link = read_sweep_link(FACTORS)
    assert link.parameters() == FACTORS
    assert len(link.sweep().cells) == 6


def test_a_link_says_what_the_chart_shows_only_where_it_is_not_the_usual() -> None:
    link = SweepLink(TwinsSpec(), ("optimizer.lr=0.1,0.2",), "loss", "train")
    assert link.parameters() == {"factor": "optimizer.lr=0.1,0.2", "shows": "loss", "on": "train"}
    assert read_sweep_link(link.parameters()) == link


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"factor": "slope"}, "'slope' is not of that form"),
        ({**FACTORS, "factor": "architecture.slop=1"}, "architecture.slope"),
        ({**FACTORS, "epochs": "zwei"}, "“Epochs” is 'zwei'"),
        ({**FACTORS, "shows": "beauty"}, "shows is 'beauty'; allowed: error, normalized, loss, accuracy."),
        ({**FACTORS, "on": "moon"}, "on is 'moon'; allowed: test, train."),
    ],
)
def test_nonsense_in_a_link_is_told_in_a_sentence(parameters: dict[str, str], complaint: str) -> None:
    link = read_sweep_link(parameters)
    assert len(link.complaints) == 1
    assert complaint in link.complaints[0]
    assert link.factors


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from([*field_paths()[:8], "factor", "factor2", "shows", "on", "x"]), st.text(max_size=20), max_size=5))
def test_no_link_whatsoever_fails(parameters: dict[str, str]) -> None:
    link = read_sweep_link(parameters)
    assert read_sweep_link(link.parameters()).factors == link.factors


@pytest.mark.parametrize(
    "link", [PaperLink("table1"), PaperLink("figure3", "paper"), PaperLink("table2", "classroom", rounding_twins=True)]
)
def test_the_papers_page_comes_back_from_its_link(link: PaperLink) -> None:
    assert read_paper_link(link.parameters()) == link
