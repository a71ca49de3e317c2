"""Texts of the pages, as one would say them."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.reading import text

Visit = Callable[..., AppTest]


@pytest.mark.parametrize("name", ["twins", "pruning", "sweeps", "emergence", "paper", "transformers"])
def test_every_page_says_that_a_part_of_its_link_was_ignored_and_which(visit: Visit, name: str) -> None:
    page = visit(name, colour="red")
    assert [warning.value for warning in page.warning] == ["Part of this link was ignored: there is no setting 'colour'."]


@pytest.mark.parametrize(("name", "source"), [("paper", "the paper"), ("transformers", "the blog")])
def test_what_a_source_leaves_out_is_called_our_choice(visit: Visit, name: str, source: str) -> None:
    assert f"Our choice where {source} gives none" in text(visit(name))
