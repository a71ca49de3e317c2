"""What a visitor types, pastes or uploads is shown as it stands, like what stands in a link."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.experiment import TwinsSpec
from tests.pages.test_links import NASTY, RENDERED, WITH_OWN_WORDS

Visit = Callable[..., AppTest]


def rendered(page: AppTest) -> list[str]:
    protos = [str(element.proto) for element in page if element.type not in (*WITH_OWN_WORDS, "html") and hasattr(element, "proto")]
    shown = [re.sub(r"(?<!\\)`[^`]+`", "", words) for words in protos]  # what is set as code is not rendered
    html = [element.proto.body for element in page.get("html")]  # where Markdown is not read
    assert not [body for body in html if "<img" in body]
    return [words for words in shown if any(re.search(rf"(?<!\\){re.escape(mark)}", words) for mark in RENDERED)]


@pytest.mark.parametrize("key", ["field epochs", "field optimizer.sgd.lr", "field seeds.order b", "field start.checkpoint"])
def test_nothing_that_is_typed_into_a_field_is_rendered(visit: Visit, key: str) -> None:
    page = visit()
    page.text_input(key=key).set_value(NASTY).run()
    if page.button(key="start").disabled:
        assert page.error
    else:
        page.button(key="start").click().run()
    assert not page.exception
    assert rendered(page) == []


@pytest.mark.parametrize(
    "content",
    [
        NASTY,
        f'{{"{NASTY}": 1}}',
        f'{{"dataset": "{NASTY}"}}',
        f'{{"architecture": {{"name": "{NASTY}"}}}}',
        f'{{"kind": "{NASTY}"}}',
        TwinsSpec().model_dump_json().replace('"checkpoint":""', f'"checkpoint":"{NASTY}"'),
    ],
    ids=["no JSON", "a field", "a value", "a kind of network", "a kind of run", "a checkpoint"],
)
def test_nothing_of_a_spec_that_is_pasted_or_uploaded_is_rendered(visit: Visit, content: str) -> None:
    page = visit()
    page.text_area(key="spec text").set_value(content).run()
    next(button for button in page.button if button.label == "Use this text").click().run()
    assert not page.exception
    assert rendered(page) == []
    page = visit()
    page.get("file_uploader")[0].upload("spec.json", content.encode(), "application/json").run()
    assert not page.exception
    assert rendered(page) == []
