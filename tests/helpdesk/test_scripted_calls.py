"""The calls that make up a day, as an agent takes them: by the words on the screen, in at most six clicks from the search, on one page."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from helpdesk.models import CallerProof, Case, CaseKind
from methods.kinds.email.models import EmailDevice
from methods.models import MethodState, RegisteredMethod, Report
from methods.usable import passes, usable
from policies.models import Application, Termination
from tests.factories import a_method, a_totp_app, signed_in
from tests.helpdesk.conftest import apply_for
from tests.methods.people import send_all
from tests.methods.push_phone import Phone, a_push_app

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timezone.now() - timedelta(days=40)
CLICKS = 6


class Agent:
    """A member of the desk with a caller on the line: counts the clicks, and never leaves the page of the account."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.path = page, 0, ""

    def find(self, text: str, account: Account) -> None:
        """Type what the caller says, and take the first hit."""
        self.page.goto("/helpdesk/")
        self.page.get_by_role("combobox").press_sequentially(text)
        self._click(self.page.get_by_role("option", name=account.common_id))
        self.path = f"/helpdesk/accounts/{account.common_id}/"
        self.page.wait_for_url(f"**{self.path}")

    def press(self, words: str) -> None:
        """The button, or what folds out a form, with these words; the page comes back."""
        pressed = self.page.locator("button:visible, summary:visible").filter(has_text=re.compile(rf"^\s*{re.escape(words)}"))
        self._click(pressed.first)
        self.page.wait_for_url(f"**{self.path}*")

    def why(self, text: str) -> None:
        """Write down the reason in the form that is open; typing is no click."""
        self.page.locator("textarea:visible").last.fill(text)

    def sees(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()
        self.is_still_there()

    def sees_not(self, words: str) -> None:
        expect(self.page.get_by_text(words)).to_have_count(0)

    def is_still_there(self) -> None:
        assert self.page.url.partition("#")[0].endswith(self.path), self.page.url
        assert self.clicks <= CLICKS, self.clicks

    def _click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1


Call = Callable[[Account], Agent]


@pytest.fixture
def agent(chromium: Browser, live_server: LiveServer) -> Iterator[Call]:
    """`agent(hiro)`: signed in, verified just now."""
    contexts: list[BrowserContext] = []

    def sit_down(account: Account) -> Agent:
        context = chromium.new_context(base_url=live_server.url)
        contexts.append(context)
        client = Client()
        signed_in(client, account)
        session = client.cookies["session"].value
        context.add_cookies(
            [{"name": name, "value": value, "url": live_server.url} for name, value in (("session", session), ("language", "en"))]
        )
        return Agent(context.new_page())

    yield sit_down
    for context in contexts:
        context.close()


@pytest.fixture
def owner(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Another browser, in which nobody is signed in."""
    context = chromium.new_context(base_url=live_server.url)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(hana: Account) -> Phone:
    """Hana's phone with the Authenticator, registered long ago."""
    phone = Phone()
    method = a_push_app(hana, phone)
    RegisteredMethod.objects.filter(pk=method.pk).update(bound_at=LONG_AGO, name="Tablet", carrier="own")
    return phone


def types_the_number(agent: Agent, phone: Phone) -> None:
    """The caller hears the number that the desk's page shows, and types it on the device."""
    number = agent.page.locator(".proof-number").inner_text()
    assert phone.yes(number) == "yes"
    agent.sees("+3 until")


def vouched(browser: Client, sort: str) -> None:
    """Somebody else, at their own browser, says that it is the person."""
    proof = CallerProof.objects.filter(sort=sort).latest("pk")
    browser.post(f"/helpdesk/proofs/{proof.pk}/attest/", {"reason": "Looked at the card", "seen": "yes"})


@pytest.mark.covers("S-142")
def test_a_lost_phone_with_a_second_method(agent: Call, hiro: Account, hana: Account, phone: Phone) -> None:
    lost = a_totp_app(hana, name="Lost phone", is_default=False, bound_at=LONG_AGO)
    desk = agent(hiro)
    desk.find("さとう はな", hana)
    desk.sees("If it is lost, these are left:")
    desk.press("Lost or broken Lost phone")
    desk.why("Left in a train, says the caller")
    desk.press("Suspend it now")
    desk.sees("The device is suspended.")
    desk.press("Ask on “Tablet”")
    types_the_number(desk, phone)
    desk.press("Lost or broken Lost phone")
    desk.why("Typed the number on the tablet")
    desk.press("Remove it")
    desk.sees("The method is removed.")
    assert RegisteredMethod.objects.get(pk=lost.pk).state == MethodState.REMOVED
    assert len(usable(hana)) == 1


@pytest.mark.covers("S-142")
def test_everything_is_lost(
    agent: Call, sato: Account, ada: Account, hiro: Account, hana: Account, browser_of: Callable[..., Client]
) -> None:
    a_totp_app(hana, name="Lost phone", bound_at=LONG_AGO)
    Account.objects.filter(pk=hana.pk).update(recovery_address="hana@example.net", recovery_address_confirmed_at=LONG_AGO)
    method = a_method(hana, "email", name="Email", hint="h•••@example.net", bound_at=timezone.now(), is_default=False)
    EmailDevice.objects.create(user=hana, name="Email", method=method, confirmed=True, address="hana@example.net")
    desk = agent(sato)
    desk.find("1000000001", hana)
    desk.press("Ask an office to see the ID card")
    vouched(browser_of(ada), "card")
    desk.sees("+3 until")
    desk.press("Ask a manager or colleague")
    vouched(browser_of(hiro), "colleague")
    desk.sees("+1 until")
    desk.press("Temporary Access Pass")
    desk.why("Phone and key were stolen; the card was seen")
    desk.press("Send a pass")
    desk.sees("A Temporary Access Pass is on its way to the recovery address.")
    send_all()
    assert passes(RegisteredMethod.objects.filter(account=hana))
    handed_out = next(
        message for message in mail.outbox if message.to == ["hana@example.net"] and re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", message.body)
    )
    code = re.search(r"[A-Z0-9]{4}(-[A-Z0-9]{4})+", handed_out.body)
    assert code
    assert code[0] not in desk.page.content()


@pytest.mark.covers("S-84")
def test_locked_by_the_guesses_of_somebody_else(agent: Call, hiro: Account, hana: Account, phone: Phone) -> None:
    Account.objects.filter(pk=hana.pk).update(failures=11, holds=1, held_until=timezone.now() + timedelta(minutes=15))
    desk = agent(hiro)
    desk.find("hana", hana)
    desk.sees("Locked until")
    desk.sees("this needs 2 points")
    desk.press("Ask on “Tablet”")
    types_the_number(desk, phone)
    desk.why("Did not try it themselves; told to change the password")
    desk.press("Unlock account")
    desk.sees("The account is unlocked.")
    assert Account.objects.get(pk=hana.pk).held_until is None


@pytest.mark.covers("S-143")
def test_somebody_else_calls_for_a_professor(agent: Call, hiro: Account, hana: Account, phone: Phone) -> None:
    Account.objects.filter(pk=hana.pk).update(failures=11, holds=1, held_until=timezone.now() + timedelta(minutes=15))
    desk = agent(hiro)
    desk.find("佐藤", hana)
    desk.press("Ask on “Tablet”")
    phone.no()
    desk.sees("Not confirmed")
    desk.sees("Reported a request or a change as not their own")
    desk.sees("this needs 2 points")
    expect(desk.page.get_by_role("button", name="Unlock account")).to_have_count(0)
    desk.press("Lock")
    desk.why("The caller is not the professor, who reported the call from the phone")
    desk.press("Lock account")
    desk.sees("Locked by staff")
    assert Account.objects.get(pk=hana.pk).locked_at
    assert Report.objects.filter(account=hana, settled_at=None).count() == 1
    assert Case.objects.filter(account=hana, urgent=True, kind=CaseKind.REPORT).count() == 1


@pytest.mark.covers("S-98")
def test_a_termination_asked_by_one_approved_by_another_and_stopped_by_the_owner(
    agent: Call, hiro: Account, sato: Account, hana: Account, phone: Phone, owner: Page
) -> None:
    RegisteredMethod.objects.filter(account=hana).update(last_signin_at=timezone.now())
    apply_for(hana)
    asks, approves = agent(hiro), agent(sato)
    asks.find("hana sato", hana)
    asks.press("Ask on “Tablet”")
    types_the_number(asks, phone)
    asks.press("Terminate MFA use")
    asks.why("Loses every device on a long journey")
    asks.press("Request termination")
    asks.sees("A termination waits for approval")
    asks.sees("You made this request yourself.")
    approves.find("hana sato", hana)
    approves.sees("Loses every device on a long journey")
    approves.press("Approve termination")
    approves.sees("Approved. The connected systems are told when their time has come")
    assert Termination.objects.get().state == "approved"
    send_all()
    notice = next(message for message in reversed(mail.outbox) if "has been approved" in message.body)
    stop = re.search(r"https?://[^/\s]+(/stop/\S+/)", notice.body)
    assert stop, notice.body
    owner.goto(stop[1])
    owner.get_by_role("button").filter(has_text="Stop").click()
    expect(owner.get_by_text("Your account is locked")).to_be_visible()
    assert Account.objects.get(pk=hana.pk).locked_at
    assert Application.objects.filter(account=hana).latest("revision").state == "applied"
    approves.page.reload()
    approves.sees("Stopped by the account holder")
