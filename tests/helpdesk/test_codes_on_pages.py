"""Whatever stops or holds a person shows a code that can be said on the telephone."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.error_codes import spoken
from accounts.models import Account
from tests.factories import PASSWORD, a_phone, signed_in
from tests.helpdesk.conftest import REASON, Caller

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("accounts", "audit", "campaigns", "demo", "helpdesk", "methods", "policies", "review", "selfservice", "signin", "vault")
CODE = re.compile(r"(?:Code for the support desk: <strong>|\(Code )([^<)]+)")
HOLDS = re.compile(r'class="waiting"|text=(waiting|said)[.]sentence|data-problem')
Browser = Callable[..., Client]


def _handlers() -> Iterator[tuple[str, ast.ExceptHandler]]:
    """Each `except Refused as …` of what answers browsers; commands answer whoever sits at the server."""
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            if "management" not in path.parts:
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name) and node.type.id == "Refused":
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _says_it_without_a_code(handler: ast.ExceptHandler) -> bool:
    """`refusal.sentence` on its way to a page; `refusal.told` has the code."""
    used = (node for node in ast.walk(handler) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
    return any(node.attr == "sentence" and node.value.id == handler.name for node in used if isinstance(node.value, ast.Name))


def test_every_refusal_is_told_with_its_code() -> None:
    handlers = list(_handlers())
    assert len(handlers) > 40
    assert [place for place, handler in handlers if _says_it_without_a_code(handler)] == []


def test_every_page_that_holds_a_person_has_its_code() -> None:
    """What waits for somebody, or says that a question is over."""
    found = [
        path
        for folder in ("templates", "methods/kinds")
        for path in ROOT.glob(f"{folder}/**/*.html")
        if HOLDS.search(path.read_text()) and "helpdesk" not in path.parts
    ]
    assert len(found) > 6
    assert [str(path.relative_to(ROOT)) for path in found if "{% error_code " not in path.read_text()] == []


def code_on(answer: object) -> str:
    found = CODE.findall(answer.content.decode())  # type: ignore[attr-defined]
    assert found
    assert all(spoken(code) for code in found), found
    return str(found[0])


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["lock", "issue-pass", "request-termination", "require-reregistration"])
def test_an_action_that_is_refused_shows_a_code(action: str, browser_of: Browser, hiro: Account, ada: Account) -> None:
    code_on(browser_of(hiro).post(reverse(f"helpdesk:{action}", args=[ada.common_id]), REASON | {"days": "30"}))


@pytest.mark.django_db
def test_what_the_caller_has_not_proved_enough_for_shows_a_code(browser_of: Browser, hiro: Account, hana: Account) -> None:
    Account.objects.filter(pk=hana.pk).update(failures=11, held_until=timezone.now() + timedelta(minutes=15))
    code_on(browser_of(hiro).post(reverse("helpdesk:unlock", args=[hana.common_id]), REASON))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/helpdesk/", "/helpdesk/suggestions/"])
def test_staff_who_are_stopped_from_searching_read_a_code(
    address: str, browser_of: Browser, hiro: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.searching.MOST", 0)
    code_on(browser_of(hiro).get(address, {"q": "Sato"}))


@pytest.mark.django_db
def test_a_wrong_password_and_a_page_that_waits_for_a_code_show_one(client: Client, hana: Account) -> None:
    a_phone(hana)
    assert code_on(client.post(reverse("signin:password"), {"common_id": hana.common_id, "password": "wrong"}))
    client.post(reverse("signin:password"), {"common_id": hana.common_id, "password": PASSWORD})
    assert code_on(client.get("/signin/verify/"))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/audit/", "/helpdesk/", "/nowhere/"])
def test_pages_that_are_not_for_a_person_show_one(address: str, browser_of: Browser, hana: Account) -> None:
    code_on(browser_of(hana).get(address))


@pytest.mark.django_db
def test_app_passwords_that_cannot_be_made_yet_show_one(caller: Caller) -> None:
    browser = Client()
    signed_in(browser, caller.account)
    code_on(browser.get("/security-info/add/app-password/"))


@pytest.mark.django_db
@pytest.mark.parametrize("whose", ["hana", "hiro", "ada"])
def test_whatever_is_missing_on_the_page_of_an_account_says_why_with_a_code(
    whose: str, browser_of: Browser, hiro: Account, request: pytest.FixtureRequest
) -> None:
    account = request.getfixturevalue(whose)
    html = browser_of(hiro).get(reverse("helpdesk:account", args=[account.common_id])).content.decode()
    missing = re.findall(r'class="action-missing">(.+?)</div>', html, re.DOTALL)
    if whose != "hana":  # nothing can be done at all: said once, instead of every action
        missing = re.findall(r'id="actions">.+?<div class="actions">(.+?)</section>', html, re.DOTALL)
        assert len(missing) == 1
    assert missing
    for one in missing:
        codes = CODE.findall(one)
        assert codes, one
        assert all(re.fullmatch(r"7\d\d|511", code) and spoken(code) for code in codes)


@pytest.mark.django_db
def test_a_code_of_staff_that_a_colleague_is_asked_about_is_found_by_its_number(browser_of: Browser, hiro: Account) -> None:
    html = browser_of(hiro).get("/helpdesk/", {"q": "715"}).content.decode()
    assert "Find out first who is calling" in html
