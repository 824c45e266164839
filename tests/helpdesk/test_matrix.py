"""Who may do what to whom, over HTTP: the whole matrix, both ways (R-160, R-161)."""

import pytest
from django.test import Client

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from tests.factories import an_account, signed_in
from tests.helpdesk.conftest import DAYS, a_caller, a_report, a_request, an_exception

pytestmark = pytest.mark.django_db

# Written down once more, apart from the product's own table, so that a change there is seen here.
DESK = {
    "lock",
    "unlock",
    "end-session",
    "request-termination",
    "end-exception",
    "settle-report",
    "suspend-method",
    "remove-method",
    "mail-guide",
}
SENIOR = DESK | {"require-reregistration", "issue-pass", "approve-termination", "refuse-termination"}
MAY: dict[str, set[str]] = {"holder": set(), "helpdesk": DESK, "senior-helpdesk": SENIOR, "auditor": set(), "administrator": SENIOR}
BELOW: dict[str, set[str]] = {
    "holder": set(),
    "helpdesk": {"holder"},
    "senior-helpdesk": {"holder", "helpdesk"},
    "auditor": set(),
    "administrator": {"holder", "helpdesk", "senior-helpdesk", "auditor"},
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


def somebody(role: str) -> Account:
    return an_account(roles=() if role == "holder" else (role,))


@pytest.mark.covers("S-146")
@pytest.mark.parametrize(("role", "action", "target"), MATRIX)
def test_a_role_may_do_what_the_matrix_says_and_nothing_else(role: str, action: str, target: str, somebody_else: Account) -> None:
    actor = somebody(role)
    caller = a_caller(actor if target == "self" else somebody(target))
    if action in {"approve-termination", "refuse-termination"}:
        caller.termination = a_request(caller.account, somebody_else)
    if action == "end-exception":
        an_exception(caller.account, somebody_else)
    if action == "settle-report":
        caller.report = a_report(caller.account)
    browser = Client()
    signed_in(browser, actor)
    answer = browser.post(caller.url(action), DAYS)
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
