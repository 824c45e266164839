"""Every address of the desk has a row here that says who gets through its gate; one without a row fails (R-160)."""

import pytest
from django.test import Client

from tests.architecture.url_map import pages
from tests.factories import an_account, signed_in

pytestmark = pytest.mark.django_db
ROLES = ("holder", "counter", "helpdesk", "senior-helpdesk", "auditor", "administrator")
DESK, SENIOR = {"helpdesk", "senior-helpdesk", "administrator"}, {"senior-helpdesk", "administrator"}
COUNTER, ADMINISTRATOR = DESK | {"counter"}, {"administrator"}
ONE = "accounts/<str:common_id>/"
ROWS: dict[str, set[str]] = {
    "": DESK,
    "suggestions/": DESK,
    ONE: DESK,
    f"{ONE}tracker/": DESK,
    **{
        f"{ONE}{action}/": DESK
        for action in ("unlock", "lock", "mail-guide", "end-sessions", "request-termination", "end-exception", "open-case", "ask-caller")
    },
    **{f"{ONE}methods/<uuid:one>/{action}/": DESK for action in ("suspend-method", "restore-method", "remove-method")},
    **{f"{ONE}{action}/": SENIOR for action in ("issue-pass", "require-reregistration")},
    f"{ONE}sessions/<uuid:one>/end/": DESK,
    f"{ONE}reports/<uuid:report_id>/settle/": DESK,
    "approvals/": DESK,
    "approvals/<int:approval_id>/approve/": SENIOR,
    "approvals/<int:approval_id>/refuse/": DESK,
    "bulk/": SENIOR,
    "bulk/new/": SENIOR,
    "bulk/<uuid:uid>/": SENIOR,
    **{f"bulk/<uuid:uid>/{name}": SENIOR for name in ("progress/", "result.csv", "ask/", "approve/", "refuse/", "stop/", "resume/")},
    "board/": DESK,
    "cases/": DESK,
    "cases/<str:number>/": DESK,
    **{f"cases/<str:number>/{action}/": DESK for action in ("take", "note", "close")},
    "confirmations/": DESK,
    **{f"proofs/<int:proof_id>/{action}/": DESK for action in ("judge", "waiting", "attest")},
    "counter/": COUNTER,
    "counter/confirm/": COUNTER,
    "reports/": DESK,
    "reports/<uuid:report_id>/settle/": DESK,
    "deliveries/": DESK,
    "deliveries/<uuid:delivery_id>/retry/": SENIOR,
    "deliveries/<uuid:delivery_id>/settle/": SENIOR,
    "exceptions/": DESK,
    "wishes/<uuid:wish_id>/decline/": DESK,
    "leavers/": DESK,
    "staff/": ADMINISTRATOR,
    "staff/give/": ADMINISTRATOR,
    "staff/<int:grant_id>/take/": ADMINISTRATOR,
    "terminations/": DESK,
    "terminations/<uuid:termination_id>/approve/": SENIOR,
    "terminations/<uuid:termination_id>/refuse/": DESK,
}
ALL = {page.route.removeprefix("helpdesk/"): page for page in pages() if page.route.startswith("helpdesk/")}


def test_every_address_of_the_desk_has_a_row() -> None:
    assert set(ALL) - set(ROWS) == set()
    assert set(ROWS) - set(ALL) == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_through_the_gates_that_its_rows_say_and_no_others(role: str) -> None:
    browser = Client()
    signed_in(browser, an_account(roles=() if role == "holder" else (role,)))
    passed = set()
    for route, page in ALL.items():
        answers = {getattr(browser, verb)(page.address).status_code for verb in ("get", "post")} - {405}
        if answers != {403}:
            passed.add(route)
    assert passed == {route for route, roles in ROWS.items() if role in roles}
