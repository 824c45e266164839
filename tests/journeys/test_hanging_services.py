"""A gateway or a push service in trouble, by the clock, in the running site: the page says so within five seconds and offers the rest."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import PASSWORD, app_code
from tests.harness.crowding import Crowding
from tests.journeys.browser import Visitor, visitor
from tests.journeys.outside import Outside, outside
from tests.journeys.stack import eventually
from tests.methods.provider import a_closed_port

WITHIN_SECONDS = 5
GATEWAY: dict[str, tuple[str, Any]] = {
    "hangs": ("text", "hang"),
    "hangs, too": ("call", "hang"),
    "answers 500": ("call", (500, "{}")),
    "answers HTML": ("text", (201, "<html><body>Sign in to the network first</body></html>")),
    "hangs up": ("text", "hang up"),
    "resets": ("call", "reset"),
}
PUSH = {"hangs": 30.0, "answers 500": 0.0}
BUSY = 40  # more than any worker has threads
SAYS = {
    "text": "The message could not be sent.",
    "call": "The call could not be made.",
    "push": "Your phone could not be notified. Open the app there: the request is waiting in it.",
}
CLOCK = """
new MutationObserver(() => {
  const notice = document.querySelector("#main .notice-warning, #main .notice");
  if (notice && !window.toldAfter) window.toldAfter = performance.now();
}).observe(document, { childList: true, subtree: true });
"""


@pytest.fixture(scope="module")
def troubled() -> Iterator[Outside]:
    with outside(mail_hangs=True) as one:
        yield one


@pytest.fixture
def at_the_door(chromium: Browser, troubled: Outside) -> Iterator[Callable[[dict[str, Any]], Page]]:
    """A page that waits for what was sent after the password, and notes when it says more."""
    visitors: list[Visitor] = []

    def enter(person: dict[str, Any]) -> Page:
        one = visitor(chromium, troubled.site.url)
        one.context.add_init_script(CLOCK)
        visitors.append(one)
        page = one.page
        page.goto("/signin/?next=/security-info/")
        page.get_by_label("Common ID").fill(person["common_id"])
        page.get_by_role("button", name="Next").click()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/signin/verify/")
        return page

    yield enter
    for one in visitors:
        one.context.close()
    for one in visitors:
        one.no_complaints()


def told_after(page: Page) -> float:
    """Seconds from the password to the notice, by the browser's clock."""
    told = eventually("the page says so", lambda: page.evaluate("window.toldAfter || null"))
    return float(told) / 1000


def everybody_is_told_in_time(cases: list[tuple[str, dict[str, Any]]], at_the_door: Callable[..., Page]) -> list[Page]:
    """Each given person signs in and reads what happened; the pages they stand on."""
    crowding, pages = Crowding(), []
    for _, person in cases:
        pages.append(at_the_door(person))
        crowding.look()
    told = {name: told_after(page) for (name, _), page in zip(cases, pages, strict=True)}
    print(f"{'limit':<28}{WITHIN_SECONDS * crowding.worst:6.1f} s")
    print("\n".join(f"{name:<28}{seconds:6.1f} s" for name, seconds in told.items()))
    for (name, person), page in zip(cases, pages, strict=True):
        expect(page.locator("#main").get_by_text(SAYS[person["way"]])).to_be_visible()
        assert told[name] < WITHIN_SECONDS * crowding.worst, told
    return pages


def sign_in_otherwise(page: Page) -> None:
    page.get_by_role("link", name="Use a different verification option").first.click()
    page.get_by_role("button", name="Enter a code from my phone").click()
    page.get_by_label("6-digit code").fill(app_code())
    page.get_by_role("button", name="Verify").click()
    page.wait_for_url("**/security-info/")


@pytest.mark.covers("S-145")
def test_everybody_is_told_in_time_and_nothing_is_charged_twice(troubled: Outside, at_the_door: Callable[..., Page]) -> None:
    cases = []
    for trouble, (way, script) in GATEWAY.items():
        person = troubled.person(way)
        troubled.gateway.scripts[person["number"]] = script
        cases.append((f"gateway {trouble}", person))
    for trouble, seconds in PUSH.items():
        path = f"/push/{trouble.replace(' ', '-')}"
        troubled.push.answers[path] = (500, seconds)
        cases.append((f"push service {trouble}", troubled.person("push", subscription=troubled.push.subscription(path))))
    troubled.make([person for _, person in cases])
    pages = everybody_is_told_in_time(cases, at_the_door)
    sign_in_otherwise(pages[0])
    for name, person in cases:
        if person["way"] != "push":
            assert troubled.asked_at_gateway(person["number"]) == 1, name


def test_everybody_is_told_in_time_where_connections_are_refused(troubled: Outside, at_the_door: Callable[..., Page]) -> None:
    nowhere = troubled.push.subscription("/push/1") | {"endpoint": f"{a_closed_port()}/push/1"}
    cases = [
        ("gateway refused for a text", troubled.person("text")),
        ("gateway refused for a call", troubled.person("call")),
        ("push service refused", troubled.person("push", subscription=nowhere)),
    ]
    troubled.make([person for _, person in cases])
    with troubled.gateway.refusing():
        pages = everybody_is_told_in_time(cases, at_the_door)
        for page in pages:
            sign_in_otherwise(page)


def test_a_text_goes_out_in_time_while_everything_else_hangs(troubled: Outside, at_the_door: Callable[..., Page]) -> None:
    """More push messages and mails hang than any worker has hands."""
    troubled.push.answers["/push/hangs"] = (500, 30.0)
    waiting = [troubled.person("push", subscription=troubled.push.subscription("/push/hangs"), busy=True) for _ in range(BUSY)]
    other = troubled.person("text")
    troubled.make([other, *waiting])
    crowding, page = Crowding(), at_the_door(other)
    crowding.look()
    eventually("the text", lambda: troubled.asked_at_gateway(other["number"]) or None)
    waited = float(page.evaluate("performance.now()")) / 1000
    print(f"{'text after the password':<28}{waited:6.1f} s")
    crowding.look()
    assert waited < WITHIN_SECONDS * crowding.worst
