"""Fields in a real browser: what is typed stays as it is, is understood or told, and the button trains nothing else."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import Server
from tests.browser.watching import open_at, reload

pytestmark = pytest.mark.browser

TRAIN = "Train the twins"


@pytest.mark.parametrize("typed", ["abc", "2.7", "-3"])
def test_a_number_that_is_not_understood_stays_as_typed_and_is_told_beside_it(page: Page, typed: str) -> None:
    open_at(page, "/?epochs=30")
    epochs, told = page.get_by_label("Epochs", exact=True), page.get_by_test_id("stSidebar").get_by_role("alert")
    expect(epochs).to_have_value("30")
    epochs.fill(typed)
    epochs.press("Enter")
    expect(told).to_have_text(f"“Epochs” is '{typed}'; allowed: a whole number from 1 to 10,000.")
    expect(epochs).to_have_value(typed)
    expect(page.get_by_role("button", name=TRAIN)).to_be_disabled()
    epochs.fill("31")
    epochs.press("Enter")
    page.wait_for_url("**/?epochs=31")
    expect(told).to_have_count(0)
    expect(page.get_by_role("button", name=TRAIN)).to_be_enabled()


def test_a_decimal_comma_is_understood_and_reload_shows_the_number(page: Page) -> None:
    open_at(page, "/?epochs=30")
    rate = page.get_by_label("Learning rate", exact=True)
    expect(rate).to_have_value("0.1")
    rate.fill("0,05")
    rate.press("Enter")
    page.wait_for_url("**/?optimizer.lr=0.05&epochs=30")
    reload(page)
    expect(rate).to_have_value("0.05")


def test_a_click_right_after_typing_trains_what_was_typed_or_nothing(page: Page) -> None:
    open_at(page, "/?epochs=30&seeds.init=77")
    epochs = page.get_by_label("Epochs", exact=True)
    expect(epochs).to_have_value("30")
    epochs.fill("-3")
    page.get_by_role("button", name=TRAIN).click()
    expect(page.get_by_test_id("stSidebar").get_by_role("alert")).to_contain_text("is '-3'; allowed")
    expect(page.get_by_role("button", name=TRAIN)).to_be_disabled()
    assert "run=" not in page.url
    epochs.fill("2")
    epochs.press("Enter")
    page.wait_for_url("**/?epochs=2&seeds.init=77")
    epochs.fill("1")
    page.get_by_role("button", name=TRAIN).click()
    page.wait_for_url("**run=*")
    assert "epochs=1&" in page.url


def test_a_telephone_shows_digits_for_whole_numbers(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.address, viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    open_at(page, "/")
    expect(page.get_by_label("Epochs", exact=True)).to_have_attribute("type", "tel")
    context.close()
