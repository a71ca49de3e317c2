from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from lmc_core.studies.presets import PRESETS
from lmc_core.studies.pruning_presets import PRUNING_PRESETS
from tests.pages.reading import charts, text

Visit = Callable[..., AppTest]


def test_the_explanation_has_both_definitions_and_a_way_to_every_preset(visit: Visit) -> None:
    page = visit("about")
    assert not page.exception
    formulas = " ".join(latex.value for latex in page.latex)
    assert r"\mathcal{B} = \sup_\alpha" in formulas
    assert r"\bar{\mathcal{B}}" in formulas
    assert len(page.get("page_link")) == len(PRESETS) + len(PRUNING_PRESETS)


def test_lowering_the_ridge_or_parting_late_connects_the_made_up_twins(visit: Visit) -> None:
    page = visit("about")
    assert "Not connected" in text(page)
    page.slider(key="ridge").set_value(0).run()
    assert "ridge is too low to matter" in text(page)
    page.slider(key="ridge").set_value(80).run()
    page.slider(key="spawn").set_value(90).run()
    assert "already in the same valley" in text(page)
    assert set(charts(page)) == {"landscape", "interpolation"}
