import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.ui.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.ui.gallery_urls")]
ADDRESSES = ["/gallery/", "/gallery/focus/", "/no-such-page/"]


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_axe_finds_nothing(open_page: Open, address: str, theme: str, width: str) -> None:
    page = open_page(address, theme=theme, width=width, bypass_csp=True, reduced_motion="reduce")
    for menu in page.locator("summary.header-button").all():
        menu.click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_sticks_out_of_a_phone(open_page: Open, address: str, language: str) -> None:
    page = open_page(address, width="phone", language=language)
    assert page.evaluate("document.documentElement.scrollWidth") == page.evaluate("innerWidth")


def test_the_browser_has_no_complaint_under_the_policy(open_page: Open, complaints: list[str]) -> None:
    page = open_page("/gallery/")
    page.wait_for_load_state("networkidle")
    assert complaints == []


def test_everything_that_is_pressed_is_big_enough_for_a_finger(open_page: Open) -> None:
    page = open_page("/gallery/", width="phone")
    buttons = page.locator("button:visible, .button:visible, summary:visible, .menu-entry:visible")
    sizes = [(box["height"], item.inner_text()) for item in buttons.all() if (box := item.bounding_box())]
    assert len(sizes) > 20
    assert not [label for height, label in sizes if height < 44]


def test_the_device_decides_between_light_and_dark_until_the_reader_does(open_page: Open) -> None:
    page = open_page("/gallery/", theme="dark")
    dark = background(page)
    page.get_by_label("Appearance", exact=True).first.click()
    page.get_by_role("button", name="Light").click()
    light = background(page)
    assert light != dark
    page.reload()
    assert background(page) == light
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"


def test_the_theme_needs_no_script_to_follow_the_device(open_page: Open) -> None:
    grounds = {background(open_page("/gallery/", theme=theme, java_script_enabled=False)) for theme in ("light", "dark")}
    assert len(grounds) == 2


def test_escape_closes_a_menu_and_gives_the_focus_back(open_page: Open) -> None:
    page = open_page("/gallery/")
    summary = page.locator("[data-theme-switch] summary")
    summary.click()
    page.keyboard.press("Escape")
    expect(page.locator("[data-theme-switch]")).not_to_have_attribute("open", re.compile(".*"))
    expect(summary).to_be_focused()


def test_the_first_tab_offers_to_skip_to_the_content(open_page: Open) -> None:
    page = open_page("/gallery/focus/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_summary_of_errors_takes_the_focus(open_page: Open) -> None:
    expect(open_page("/gallery/").locator("[data-error-summary]")).to_be_focused()


def test_the_other_language_is_one_press_away(open_page: Open) -> None:
    page = open_page("/gallery/focus/", width="phone")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    assert page.url.endswith("/gallery/focus/")
