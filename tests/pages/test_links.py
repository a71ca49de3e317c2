"""Pages opened by links that others have made, with whatever stands in them."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.reading import text


@pytest.mark.parametrize("name", ["sweeps", "emergence"])
def test_a_page_opened_with_a_foreign_parameter_offers_the_same_networks(visit: Callable[..., AppTest], name: str) -> None:
    plain, followed, strange = visit(name), visit(name, fbclid="1"), visit(name, colour="red")
    offers = [[button.label for button in page.button if button.key == "start"] for page in (plain, followed, strange)]
    assert offers[0] == offers[1] == offers[2] != []
    assert "link" not in text(followed)
    assert "'colour'" in text(strange)
