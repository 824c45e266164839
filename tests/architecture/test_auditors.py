"""Auditors change nothing: whatever is sent as one is refused, but for the notes that are their own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client

from accounts.models import Account
from audit.models import SavedView
from tests.architecture.public_urls import AT_THE_DOOR, OPEN_TO_EVERYBODY, SIGNED, TO_REGISTER, TO_SYSTEMS
from tests.architecture.url_map import Page, pages
from tests.factories import a_totp_app

pytestmark = pytest.mark.django_db
# What belongs to an auditor as an account holder, as it does to everybody: their own methods, MFA use, sessions, settings of the page.
OWN_ACCOUNT = (
    "security-info/",
    "user-menu/",
    "campaign/",
    "my-account/",
    "signin/",
    "signout/",
    "guide/",
    "language/",
    "authenticator/",
    "demo/",
    "admin/logout/",
)
# Notes of auditors for auditors: a filter kept under a name; the reason for seeing a number, or taking it along, which is recorded; and what they look for,
# remark and close among the findings of the monthly review. None of them touches an account, a method or an event that is there.
NOTES = {
    "audit/views/save/",
    "audit/views/<int:number>/remove/",
    "audit/<uuid:uid>/numbers/",
    "audit/<uuid:uid>/proof/file/",
    "audit/findings/search/",
    "audit/findings/search/stop/",
    "audit/findings/search/resume/",
    "audit/findings/<uuid:finding_id>/remark/",
    "audit/findings/<uuid:finding_id>/close/",
}
ELSEWHERE = OPEN_TO_EVERYBODY | AT_THE_DOOR | SIGNED | TO_REGISTER | TO_SYSTEMS
UNSAFE = ["post", "put", "patch", "delete"]
REFUSED = {403, 405}
# What tells of requests and sign-ins rather than of accounts.
TRACES = {"audit.event", "accounts.sessionrecord", "sessions.session", "audit.savedview"}


def beyond_their_own() -> list[Page]:
    """Every page that is neither an account holder's own nor open without one."""
    return [page for page in pages() if not page.route.startswith(OWN_ACCOUNT) and page.route not in ELSEWHERE and page.route != ""]


@pytest.fixture
def auditor(browser_of: Callable[..., Client], aki: Account) -> Client:
    a_totp_app(aki)
    return browser_of(aki)


def everything() -> dict[str, str]:
    """All rows of all tables, but for the traces of requests."""
    models = [model for model in apps.get_models() if model._meta.label_lower not in TRACES and model._meta.managed]
    return {model._meta.label_lower: serialize("json", model._base_manager.order_by("pk")) for model in models}


@pytest.mark.covers("S-146")
@pytest.mark.parametrize("method", UNSAFE)
def test_every_unsafe_request_of_an_auditor_is_refused(auditor: Client, method: str) -> None:
    before = everything()
    chosen = [page for page in beyond_their_own() if page.route not in NOTES]
    answers: dict[str, Any] = {page.route: getattr(auditor, method)(page.address) for page in chosen}
    assert {route: answer.status_code for route, answer in answers.items() if not refuses(answer)} == {}
    assert everything() == before
    assert len(chosen) > 30


def refuses(answer: Any) -> bool:
    """No, or not by this method; the admin of the site sends people away to its door."""
    return answer.status_code in REFUSED or (answer.status_code == 302 and answer["Location"].startswith(("/admin/login/", "/signin/")))


def test_the_notes_of_auditors_change_no_account(auditor: Client) -> None:
    before = everything()
    auditor.post("/audit/views/save/", {"name": "Mine", "query": "kind=totp", "shared": "on"})
    auditor.post(f"/audit/views/{SavedView.objects.get().pk}/remove/")
    auditor.post("/audit/findings/search/")
    assert everything() == before


def test_the_notes_that_are_excepted_exist() -> None:
    assert {page.route for page in pages()} >= NOTES
