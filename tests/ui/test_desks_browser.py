"""The desks in a browser: nothing for axe to find, nothing sticking out of a phone, and a caller helped without any script."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Account
from audit.models import Event
from policies.alarms import watch
from policies.drafting import begin as draft
from policies.models import Delivery
from policies.systems import ensure_system
from tests.factories import a_totp_app, an_account, signed_in
from tests.helpdesk.conftest import a_caller, a_request
from tests.policies.books import in_force
from tests.policies.deliveries import planned
from tests.ui.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = [
    "/my-account/",
    "/audit/",
    "/audit/?since=tomorrow&account=12x",
    "/audit/event/",
    "/helpdesk/",
    "/helpdesk/?q=sato",
    "/helpdesk/accounts/1000000001/",
    "/helpdesk/accounts/1000000006/",
    "/helpdesk/terminations/",
    "/helpdesk/cases/",
    "/helpdesk/confirmations/",
    "/helpdesk/approvals/",
    "/helpdesk/counter/",
    "/cannot-sign-in/",
    "/helpdesk/deliveries/",
    "/helpdesk/exceptions/",
    "/helpdesk/leavers/",
    "/helpdesk/staff/",
    "/helpdesk/bulk/",
    "/policies/systems/",
    "/policies/systems/mail/",
    "/policies/",
    "/policies/draft/",
    "/policies/draft/rules/new/sign-in/",
    "/policies/draft/networks/new/",
    "/policies/draft/switch-on/",
    "/policies/draft/methods/new/",
    "/policies/draft/contingencies/new/",
    "/policies/outages/",
    "/policies/versions/1/",
    "/policies/what-if/?account=1000000001&address=192.0.2.7&system=local",
    "/policies/dry-run/",
]
Visit = Callable[..., Page]


@pytest.fixture
def visit(open_page: Open, hana: Account, ken: Account, ada: Account) -> Visit:
    """`visit(path)` by Ada, who may open every desk; Hana has called, and Ken's termination waits."""
    a_caller(hana)
    a_totp_app(ken, last_signin_at=timezone.now())
    a_request(ken, ada)
    mail = ensure_system("mail", connector="webhook", name_en="Campus mail", name_ja="学内メール")
    planned(mail, *(an_account(name_en=f"Person {number}") for number in range(3)), revision=1)
    Delivery.objects.filter(system=mail).update(state="failed", last_answer="HTTP 404")
    Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).update(state="confirmed", confirmed_at=timezone.now())
    watch()
    in_force({"asks": "verify", "place": "outside"}, {"asks": "none", "kinds": ["student"]})
    draft(actor=ada)
    client = Client()
    signed_in(client, ada)
    cookie = {"name": "session", "value": client.cookies["session"].value, "domain": "localhost", "path": "/"}
    kept = cookie | {"expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}

    def visit_(path: str, **options: Any) -> Page:
        newest = Event.objects.filter(account_id=hana.pk).latest("pk")
        return open_page(path.replace("event/", f"{newest.uid}/"), storage_state={"cookies": [kept], "origins": []}, **options)

    return visit_


def unfold(page: Page) -> None:
    page.locator("main details").evaluate_all("all => all.forEach((one) => { one.open = true; })")


def sticks_out(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "theme", "language"), [("desktop", "light", "en"), ("phone", "dark", "ja")])
def test_axe_finds_nothing_and_nothing_sticks_out(visit: Visit, path: str, width: str, theme: str, language: str) -> None:
    page = visit(path, width=width, theme=theme, language=language, bypass_csp=True, reduced_motion="reduce")
    unfold(page)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert not sticks_out(page)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_sticks_out_of_a_phone_and_the_browser_has_no_complaint(visit: Visit, path: str, complaints: list[str]) -> None:
    page = visit(path, width="phone")
    unfold(page)
    assert not sticks_out(page)
    assert complaints == []


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_caller_is_helped_without_any_script(visit: Visit, width: str) -> None:
    page = visit("/helpdesk/", width=width, java_script_enabled=False)
    page.get_by_label("Name, Common ID, address, phone, code or case").fill("hana")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Hana Sato").click()
    expect(page.get_by_role("heading", name="Locked until")).to_be_visible()
    actions = page.get_by_role("region", name="Actions")
    actions.get_by_label("Reason").first.fill("Showed the card")
    actions.get_by_role("button", name="Unlock account").click()
    expect(page.get_by_text("The account is unlocked.")).to_be_visible()
    expect(page.get_by_role("heading", name="Applied for, on its way")).to_be_visible()
    expect(page.get_by_text("“Showed the card”")).to_be_visible()
