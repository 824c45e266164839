"""Who may do what to whom, over HTTP: the whole matrix, both ways (R-160, R-161)."""

import pytest
from django.test import Client
from django.urls import resolve

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from tests.factories import an_account, signed_in
from tests.helpdesk.conftest import EVERYTHING, prepared
from tests.helpdesk.test_url_rows import ALL

pytestmark = pytest.mark.django_db

# Written down once more, apart from the product's own table, so that a change there is seen here.
DESK = {
    "lock",
    "unlock",
    "end-session",
    "end-sessions",
    "request-termination",
    "end-exception",
    "settle-report",
    "suspend-method",
    "remove-method",
    "mail-guide",
    "restore-method",
    "ask-caller",
    "attest-proof",
    "decline-wish",
}
SENIOR = DESK | {
    "require-reregistration",
    "issue-pass",
    "approve-termination",
    "refuse-termination",
    "approve",
    "refuse",
    "retry-delivery",
}
MAY: dict[str, set[str]] = {
    "holder": set(),
    "counter": set(),
    "helpdesk": DESK,
    "senior-helpdesk": SENIOR,
    "auditor": set(),
    "administrator": SENIOR,
}
BELOW: dict[str, set[str]] = {
    "holder": set(),
    "counter": {"holder"},
    "helpdesk": {"holder", "counter"},
    "senior-helpdesk": {"holder", "counter", "helpdesk"},
    "auditor": set(),
    "administrator": {"holder", "counter", "helpdesk", "senior-helpdesk", "auditor"},
}
ROLES, ACTIONS, TARGETS = sorted(MAY), sorted(SENIOR), [*sorted(MAY), "self"]
MATRIX = [(role, action, target) for role in ROLES for action in ACTIONS for target in TARGETS]
READING = {
    "/helpdesk/": {"helpdesk", "senior-helpdesk", "administrator"},
    "/helpdesk/?q=sato": {"helpdesk", "senior-helpdesk", "administrator"},
    "/helpdesk/accounts/1000000001/": {"helpdesk", "senior-helpdesk", "administrator"},
    "/helpdesk/reports/": {"helpdesk", "senior-helpdesk", "administrator"},
    "/helpdesk/terminations/": {"helpdesk", "senior-helpdesk", "administrator"},
    "/audit/": {"auditor", "administrator"},
}


# Forms that have their own rows: of lists and roles, of the desk's own books, of a counter, and the second address of a report.
ELSEWHERE = {
    *(f"bulk-{step}" for step in ("new", "ask", "approve", "refuse", "stop", "resume")),
    *("open-case", "take-case", "note-case", "close-case", "judge-proof"),
    *("give-role", "take-role", "confirm-counter", "settle-report-of", "settle-delivery"),
}


def test_every_form_of_the_desk_stands_in_the_matrix_or_is_named_beside_it() -> None:
    browser = Client()
    signed_in(browser, somebody("administrator"))
    forms = {resolve(page.address).url_name for page in ALL.values() if browser.get(page.address).status_code == 405}
    assert forms == set(ACTIONS) | ELSEWHERE


def somebody(role: str) -> Account:
    return an_account(roles=() if role == "holder" else (role,))


@pytest.mark.covers("S-146")
@pytest.mark.parametrize(("role", "action", "target"), MATRIX)
def test_a_role_may_do_what_the_matrix_says_and_nothing_else(role: str, action: str, target: str, somebody_else: Account) -> None:
    actor = somebody(role)
    caller = prepared(action, actor if target == "self" else somebody(target), somebody_else)
    browser = Client()
    signed_in(browser, actor)
    answer = browser.post(caller.url(action), EVERYTHING)
    allowed = action in MAY[role] and target in BELOW[role]
    assert caller.is_done(action) is allowed
    assert answer.status_code == (302 if allowed else 403)
    denied = Event.objects.filter(name=EventName.ACCESS_DENIED, actor_id=actor.pk)
    assert denied.exists() is not allowed


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("address", READING)
def test_a_role_may_read_what_the_matrix_says_and_nothing_else(address: str, role: str, hana: Account) -> None:
    browser = Client()
    signed_in(browser, somebody(role))
    assert browser.get(address).status_code == (200 if role in READING[address] else 403)
