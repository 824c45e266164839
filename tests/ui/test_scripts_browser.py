import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.ui.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.ui.gallery_urls")]
Show = Callable[..., Page]
Answer = tuple[int, str]
SHELL = """<!doctype html><title>t</title><div id="announcer" role="status"></div>{body}
<script type="module" src="/static/js/announce.js"></script>{scripts}"""


@pytest.fixture
def asked() -> list[int]:
    """The status of every answer that the fragment gave."""
    return []


@pytest.fixture
def show(open_page: Open, asked: list[int]) -> Show:
    """A page with this body and these scripts; the fragment at /fragment answers from `answers`, then 204."""

    def show_(body: str, *scripts: str, answers: tuple[Answer, ...] = (), **options: Any) -> Page:
        page = open_page("/healthz", **options)
        left = iter(answers)

        def answer(route: Route) -> None:
            status, text = next(left, (204, ""))
            asked.append(status)
            route.fulfill(status=status, body=text, content_type="text/html")

        tags = "".join(f'<script type="module" src="/static/js/{name}.js"></script>' for name in scripts)
        page.route("**/shell", lambda route: route.fulfill(body=SHELL.format(body=body, scripts=tags), content_type="text/html"))
        page.route("**/fragment", answer)
        page.goto("/shell")
        return page

    return show_


def heard(page: Page, sentence: str) -> bool:
    """Whether the live region comes to say it, as a screen reader gets it."""
    tree = page.context.new_cdp_session(page)
    region = tree.send("DOM.querySelector", {"nodeId": tree.send("DOM.getDocument")["root"]["nodeId"], "selector": "#announcer"})
    for _ in range(50):
        nodes = tree.send("Accessibility.queryAXTree", region | {"role": "StaticText"})["nodes"]
        if [node["name"]["value"] for node in nodes] == [sentence]:
            return True
        page.wait_for_timeout(100)
    return False


POLL = '<div data-poll-url="/fragment" data-poll-seconds="0.05"><p>waiting</p></div>'


@pytest.mark.covers("S-35", "S-50")
def test_a_waiting_part_is_renewed_until_it_is_done(show: Show, asked: list[int]) -> None:
    page = show(POLL, "poll", answers=((200, "<p>half</p>"), (204, ""), (200, '<p data-poll-done data-announce="Approved">done</p>')))
    expect(page.get_by_text("done")).to_be_visible()
    assert heard(page, "Approved")
    page.wait_for_timeout(300)
    assert asked == [200, 204, 200]


def test_what_is_said_aloud_is_found_once_on_the_page(show: Show) -> None:
    page = show(POLL, "poll", answers=((200, '<p data-poll-done data-announce="Notification approved">Notification approved</p>'),))
    assert heard(page, "Notification approved")
    expect(page.get_by_text("Notification approved")).to_have_count(1)


def test_a_fragment_can_have_the_page_loaded_anew(show: Show, asked: list[int]) -> None:
    loads: list[str] = []
    page = show(POLL, "poll", answers=((200, "<p data-poll-reload>over</p>"), (200, "<p data-poll-done>another page</p>")))
    page.on("load", lambda _: loads.append(page.url))
    expect(page.get_by_text("another page")).to_be_visible()
    assert asked == [200, 200]
    assert loads, "the page itself was loaded again"


def test_a_fragment_can_lead_to_the_next_page(show: Show) -> None:
    page = show(POLL, "poll", answers=((200, '<p data-poll-redirect="/healthz">'),))
    page.wait_for_url("**/healthz")


def test_a_fragment_cannot_lead_to_another_site(show: Show, asked: list[int]) -> None:
    page = show(POLL, "poll", answers=((200, '<p data-poll-redirect="//elsewhere.example/">'),))
    page.wait_for_timeout(300)
    assert page.url.endswith("/shell")
    assert asked == [200]


PAUSE = ((204, ""),) * 20


def withdrawing(token: str) -> str:
    return f'<form action="/next"><input type="hidden" name="csrfmiddlewaretoken" value="{token}"><button>Withdraw</button></form>'


def test_whoever_is_about_to_press_something_stays_there_while_it_is_renewed(show: Show) -> None:
    page = show(POLL, "poll", answers=((200, withdrawing("a")), *PAUSE, (200, withdrawing("b") + "<p data-poll-done>1 of 2</p>")))
    page.get_by_role("button", name="Withdraw").focus()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    expect(page.get_by_role("button", name="Withdraw")).to_be_focused()


def test_where_nothing_is_left_to_press_the_keyboard_goes_on_from_the_renewed_part(show: Show) -> None:
    page = show(POLL, "poll", answers=((200, withdrawing("a")), *PAUSE, (200, "<p data-poll-done>withdrawn</p>")))
    page.get_by_role("button", name="Withdraw").focus()
    expect(page.get_by_text("withdrawn")).to_be_visible()
    expect(page.locator("[data-poll-url]")).to_be_focused()


def test_a_fragment_that_differs_in_the_token_of_its_form_alone_is_left_as_it_is(show: Show, asked: list[int]) -> None:
    page = show(POLL, "poll", answers=((200, withdrawing("a")), *PAUSE, (200, withdrawing("b")), (200, withdrawing("c"))))
    page.get_by_role("button", name="Withdraw").evaluate("button => { button.dataset.kept = 'yes' }")
    while len(asked) < len(PAUSE) + 5:
        page.wait_for_timeout(50)
    assert asked.count(200) == 3
    expect(page.locator("[data-kept]")).to_be_visible()


@pytest.mark.covers("S-75")
def test_a_form_that_is_on_its_way_is_not_overtaken_by_a_fragment(show: Show) -> None:
    page, sent = show(POLL + '<form action="/next"><button>Verify</button></form>', "poll"), Event()

    def fragment(route: Route) -> None:
        body = '<p data-poll-redirect="/healthz">' if sent.is_set() else "<p>waiting</p>"
        route.fulfill(body=body, content_type="text/html")

    def following(route: Route) -> None:
        sent.set()
        page.wait_for_timeout(500)
        route.fulfill(body="<p>Signed in</p>", content_type="text/html")

    page.route("**/fragment", fragment)
    page.route("**/next?", following)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("Signed in")).to_be_visible()


def test_a_form_that_opens_another_tab_stops_no_asking(show: Show) -> None:
    form = '<form action="/healthz" target="_blank"><button>Open the app</button></form>'
    page = show(POLL + form, "poll", answers=((204, ""),) * 40 + ((200, "<p data-poll-done>Paired</p>"),))
    page.get_by_role("button", name="Open the app").click()
    expect(page.get_by_text("Paired")).to_be_visible()


FORM = '<form method="post" action="/next" {}><input name="method" value="7"><button name="which" value="verify">Verify</button></form>'


@pytest.fixture
def sent() -> list[str | None]:
    """What was sent to /next."""
    return []


@pytest.fixture
def form(show: Show, sent: list[str | None]) -> Callable[[str], Page]:
    """`form(attributes)`: a page with such a form, whose answer leaves the page as it is."""

    def form_(attributes: str = "") -> Page:
        page = show(FORM.format(attributes), "send-once", "poll")

        def following(route: Route) -> None:
            sent.append(route.request.post_data)
            route.fulfill(status=204)

        page.context.route("**/next", following)
        return page

    return form_


def press(page: Page) -> None:
    page.get_by_role("button", name="Verify").click()
    page.wait_for_timeout(200)


def test_a_form_that_is_on_its_way_is_not_sent_again_and_is_sent_with_its_button(form: Callable[..., Page], sent: list[str | None]) -> None:
    page = form()
    page.get_by_role("button", name="Verify").dblclick()
    press(page)
    assert sent == ["method=7&which=verify"]


@pytest.mark.parametrize("attributes", ['target="_blank"', 'data-answer="file"'])
def test_a_form_whose_page_stays_is_sent_as_often_as_it_is_pressed(
    form: Callable[..., Page], sent: list[str | None], attributes: str
) -> None:
    page = form(attributes)
    press(page)
    press(page)
    assert len(sent) == 2


def test_a_form_can_be_sent_anew_where_the_first_try_came_to_nothing(form: Callable[..., Page], sent: list[str | None]) -> None:
    page = form()
    page.clock.install()
    press(page)
    page.clock.fast_forward(4_000)  # the clock runs on besides, and longer on a crowded machine
    press(page)
    assert len(sent) == 1
    page.clock.fast_forward(7_000)
    press(page)
    assert len(sent) == 2


def test_a_page_that_comes_back_by_the_back_button_sends_its_form_anew(form: Callable[..., Page], sent: list[str | None]) -> None:
    page = form()
    press(page)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    press(page)
    assert len(sent) == 2


def test_errors_slow_the_asking_down_and_do_not_stop_it(show: Show) -> None:
    page = show(POLL, "poll", answers=((500, ""), (503, ""), (200, "<p data-poll-done>back</p>")))
    expect(page.get_by_text("waiting")).to_be_visible()
    expect(page.get_by_text("back")).to_be_visible()


def test_a_script_in_a_fragment_is_not_run(show: Show) -> None:
    page = show(POLL, "poll", answers=((200, "<p data-poll-done>done</p><script>document.title = 'run'</script>"),))
    expect(page.get_by_text("done")).to_be_visible()
    assert page.title() == "t"


def test_a_countdown_shows_minutes_and_seconds(show: Show) -> None:
    until = (datetime.now(UTC) + timedelta(seconds=95)).isoformat()
    page = show(f'<time data-until="{until}" data-over="Expired">soon</time>', "countdown")
    expect(page.locator("time")).to_have_text(re.compile(r"^1:[0-3]\d$"))


def test_a_countdown_that_is_over_says_so(show: Show) -> None:
    page = show('<time data-until="2020-01-01T00:00:00Z" data-over="Expired">soon</time>', "countdown")
    expect(page.locator("time")).to_have_text("Expired")
    assert heard(page, "Expired")


def test_a_key_is_copied_without_its_spaces(show: Show) -> None:
    body = '<code id="key">JBSW Y3DP</code><button data-copy="#key" data-copied="Copied" hidden>Copy</button>'
    page = show(body, "copy", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    assert heard(page, "Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "JBSWY3DP"
