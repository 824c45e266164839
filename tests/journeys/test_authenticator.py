"""The Authenticator beside the site, by the words of the documents: two screens that go on by themselves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from playwright.sync_api import Browser, expect

from tests.harness.chromium import ARGUMENTS, find_chromium
from tests.journeys.authenticator import ANDROID, App, number_on, say_subscribed, scanned
from tests.journeys.browser import axe, visitor
from tests.journeys.people import account_for
from tests.journeys.person import Person
from tests.journeys.stack import Site, eventually
from tests.methods.push_service import PushService, push_service

Visit = Callable[..., Any]
LANGUAGES = ["en", "ja"]


@pytest.fixture
def arrive(visit: Visit, stack: Site) -> Callable[..., Person]:
    def someone(language: str, **how: Any) -> Person:
        return Person(visit(language=language, **how).page, stack, account_for(stack), language)

    return someone


@pytest.fixture
def phone(visit: Visit) -> Callable[..., App]:
    def one(language: str, **how: Any) -> App:
        return App(visit(device="phone", language=language, **how).page, language).open()

    return one


def start(person: Person) -> None:
    person.page.goto("/security-info/")
    person.sign_in()
    person.see_heading("More information required")
    person.press("Next")
    person.see_heading("Start by getting the app")


def show_code(person: Person) -> None:
    """As far as the QR code."""
    start(person)
    person.press("Next")
    person.see_heading("Set up your account")
    person.press("Next")
    person.see_heading("Scan the QR code")


def try_out(person: Person, app: App) -> None:
    person.see_heading("Let's try it out")
    app.see_request(person.common_id)
    app.yes(number_on(person.page))
    app.told("Approved. Go back to the other screen.")
    person.see("Notification approved")
    person.press("Next")


def finish(person: Person) -> None:
    person.give_address()
    person.see_heading("Succeeded")
    person.press("Complete")
    person.see_heading("Security info")


def register(person: Person, app: App) -> None:
    """With the code that is typed."""
    show_code(person)
    person.page.locator("summary").filter(has_text=person.say("Cannot scan it? Type a code in the app")).click()
    app.type_code(person.common_id, person.page.locator("#typed-code").inner_text())
    app.has(person.common_id)
    try_out(person, app)
    finish(person)


def come_back(person: Person) -> None:
    person.page.goto("/signout/")
    person.page.goto("/security-info/")
    person.sign_in()


@pytest.mark.covers("C-01", "C-09", "S-26", "S-30", "S-33", "S-34", "S-35", "S-72", "S-100", "S-109", "S-110", "S-117", "S-125")
@pytest.mark.parametrize("language", LANGUAGES)
def test_with_a_computer_and_a_phone(arrive: Callable[..., Person], phone: Callable[..., App], language: str) -> None:
    person, app = arrive(language), phone(language)
    axe(app.page)
    register(person, app)
    come_back(person)
    person.see_heading("Approve sign-in request")
    app.see_request(person.common_id)
    axe(app.page)
    app.yes(number_on(person.page))
    person.see("You signed in with MFA.")


@pytest.mark.covers("S-27", "S-28")
@pytest.mark.parametrize("language", LANGUAGES)
def test_with_a_phone_alone(arrive: Callable[..., Person], language: str) -> None:
    person = arrive(language, device="phone", user_agent=ANDROID)
    start(person)
    person.press("Next")
    with person.page.context.expect_page() as opened:
        person.press("Pair your account to the app by clicking this link")
    app = App(opened.value, language)
    app.page.wait_for_url(lambda url: "#" not in url)
    app.press("Add the account")
    app.has(person.common_id)
    person.page.bring_to_front()
    person.see("Your account has been added to Authenticator")
    person.press("Next")
    person.see_heading("Let's try it out")
    number = number_on(person.page)
    app.page.bring_to_front()
    app.see_request(person.common_id)
    app.yes(number)
    app.told("Approved. Go back to the other screen.")
    person.page.bring_to_front()
    person.see("Notification approved")
    person.press("Next")
    finish(person)


def not_mine(person: Person, app: App) -> None:
    come_back(person)
    app.see_request(person.common_id)
    app.press("No, it's not me")
    app.told("change it now, then tell the support desk")
    axe(app.page)
    person.see("reported as unknown")
    person.see_heading("Sign in")


@pytest.mark.covers("S-73", "S-126", "S-127", "S-133")
def test_without_a_network_and_when_somebody_else_asks(arrive: Callable[..., Person], phone: Callable[..., App]) -> None:
    person, app = arrive("en"), phone("en")
    register(person, app)
    app.page.evaluate("navigator.serviceWorker.ready.then((worker) => Boolean(worker.active))")
    app.page.context.set_offline(True)
    app.page.reload()
    expect(app.page.get_by_text("No connection. The code works all the same.")).to_be_visible()
    come_back(person)
    person.press("I can't use my Authenticator app right now")
    person.page.get_by_role("button", name="Enter a code from Authenticator").click()
    person.fill("6-digit code", app.code())
    person.press("Verify")
    person.see("You signed in with MFA.")
    app.page.context.set_offline(False)
    not_mine(person, app)


def camera_film(text: str, path: Path) -> Path:
    """One frame of a film in which the QR code is held before the camera."""
    width, height = 640, 480
    code = segno.make(text, error="m")
    scale = (height - 40) // code.symbol_size(border=4)[0]
    rows = [bytes(0 if dark else 255 for dark in row for _ in range(scale)) for row in code.matrix_iter(border=4) for _ in range(scale)]
    left, top = (width - len(rows[0])) // 2, (height - len(rows)) // 2
    grey = bytearray(b"\xff" * (width * height))
    for y, row in enumerate(rows):
        grey[(top + y) * width + left : (top + y) * width + left + len(row)] = row
    chroma = b"\x80" * (width * height // 2)
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + (b"FRAME\n" + bytes(grey) + chroma) * 2)
    return path


@pytest.fixture
def with_camera(chromium: Browser, stack: Site, tmp_path: Path) -> Iterator[Callable[[str], App]]:
    """`with_camera(text)`: the app in a browser before whose camera this QR code is held."""
    opened = []

    def look(text: str) -> App:
        film = camera_film(text, tmp_path / "camera.y4m")
        flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
        kind = chromium.browser_type
        opened.append(kind.launch(executable_path=find_chromium(kind), args=[*ARGUMENTS, *flags]))
        one = visitor(opened[-1], stack.url, device="phone")
        return App(one.page, "en").open()

    yield look
    for browser in opened:
        browser.close()


@pytest.mark.covers("S-29", "S-31", "S-111", "S-113", "S-115", "S-116")
def test_the_camera_reads_the_code_and_both_screens_go_on(arrive: Callable[..., Person], with_camera: Callable[[str], App]) -> None:
    person = arrive("en")
    show_code(person)
    app = with_camera(scanned(person.page))
    app.press("Scan a QR code")
    app.has(person.common_id)
    expect(app.page.locator("#scanner")).to_be_hidden()
    try_out(person, app)
    finish(person)


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as service:
        yield service


@pytest.mark.covers("S-32", "S-114")
def test_a_notification_reaches_the_app_and_says_nothing_secret(
    arrive: Callable[..., Person], visit: Visit, stack: Site, service: PushService
) -> None:
    person, one = arrive("en"), visit(device="phone")
    one.context.grant_permissions(["notifications"])
    say_subscribed(one.page, service.subscription())
    app = App(one.page, "en").open()
    register(person, app)
    seen = len(service.received)
    come_back(person)
    person.see_heading("Approve sign-in request")
    eventually("a push", lambda: True if len(service.received) > seen else None)
    cdp = one.context.new_cdp_session(one.page)
    registrations: list[str] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda said: registrations.extend(r["registrationId"] for r in said["registrations"]))
    cdp.send("ServiceWorker.enable")
    eventually("the worker", lambda: registrations[0] if registrations else one.page.wait_for_timeout(100))
    message = service.read().decode()
    assert person.common_id not in message
    cdp.send("ServiceWorker.deliverPushMessage", {"origin": stack.url, "registrationId": registrations[0], "data": message})
    shown = "navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.map((one) => one.body))"
    assert eventually("the notification", lambda: one.page.evaluate(shown) or None) == ["Approve sign-in request"]
    app.see_request(person.common_id)
    app.yes(number_on(person.page))
    person.see("You signed in with MFA.")


@pytest.mark.covers("S-112")
def test_several_accounts_and_one_that_is_given_up(arrive: Callable[..., Person], phone: Callable[..., App]) -> None:
    first, second, app = arrive("en"), arrive("en"), phone("en")
    register(first, app)
    show_code(second)
    second.see("Press “Add an account” there first.")
    app.page.get_by_text("Add an account", exact=True).click()
    second.page.locator("summary.panel-title").click()
    app.page.locator("#typed-account").fill(second.common_id)
    app.page.locator("#typed-code").fill(second.page.locator("#typed-code").inner_text())
    app.page.locator("#typed button").click()
    expect(app.page.locator(".app-account")).to_have_count(2)
    axe(app.page)
    card = app.page.locator(".app-account").filter(has_text=second.common_id)
    card.locator("[data-remove]").click()
    axe(app.page)
    card.locator("[data-confirm]").click()
    expect(app.page.locator(".app-account")).to_have_count(1)
    app.has(first.common_id)
