"""Every form of the desk that does something to somebody has a limit, and each of them stops."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import velocity
from helpdesk.callers import ask_person
from helpdesk.models import CallerProof, Case
from policies.applications import live_application
from policies.models import Delivery, TerminationWish
from policies.models.wishes import WishState
from policies.systems import ensure_system
from tests.factories import an_account, signed_in
from tests.helpdesk.conftest import REASON, a_caller, a_report, apply_for, verified
from tests.helpdesk.test_url_rows import ALL, ONE

pytestmark = pytest.mark.django_db

# What stops whoever uses each form too often.
STOPPED_BY = {
    **{
        f"{ONE}{action}/": action
        for action in ("unlock", "lock", "mail-guide", "end-sessions", "issue-pass", "require-reregistration", "ask-caller")
    },
    **{f"{ONE}{action}/": action for action in ("request-termination", "end-exception")},
    **{f"{ONE}methods/<uuid:one>/{action}/": action for action in ("suspend-method", "restore-method", "remove-method")},
    f"{ONE}sessions/<uuid:one>/end/": "end-session",
    f"{ONE}reports/<uuid:report_id>/settle/": velocity.SETTLE_REPORT,
    "reports/<uuid:report_id>/settle/": velocity.SETTLE_REPORT,
    "approvals/<int:approval_id>/approve/": velocity.APPROVE,
    "terminations/<uuid:termination_id>/approve/": velocity.APPROVE,
    "bulk/<uuid:uid>/approve/": velocity.APPROVE,
    "bulk/<uuid:uid>/ask/": velocity.BULK,
    "bulk/new/": velocity.PREVIEW,
    "proofs/<int:proof_id>/attest/": velocity.ATTEST,
    "counter/confirm/": velocity.COUNTER,
    "deliveries/<uuid:delivery_id>/retry/": velocity.RETRY,
    "deliveries/<uuid:delivery_id>/settle/": velocity.SETTLE,
    "wishes/<uuid:wish_id>/decline/": velocity.DECLINE_WISH,
    "staff/give/": velocity.ROLE,
    "staff/<int:grant_id>/take/": velocity.ROLE,
}
# And what nobody is stopped from: it says no, keeps the desk's own books, or is judged by the budget of wrong answers.
NEVER_STOPPED = {
    "approvals/<int:approval_id>/refuse/",
    "terminations/<uuid:termination_id>/refuse/",
    *(f"bulk/<uuid:uid>/{step}/" for step in ("refuse", "stop", "resume")),
    f"{ONE}open-case/",
    *(f"cases/<str:number>/{step}/" for step in ("take", "note", "close")),
    "proofs/<int:proof_id>/judge/",
}


def test_every_form_of_the_desk_has_a_limit_or_a_reason_for_none() -> None:
    browser = Client()
    signed_in(browser, an_account(roles=("administrator",)))
    forms = {route for route, page in ALL.items() if browser.get(page.address).status_code == 405}
    assert forms == set(STOPPED_BY) | NEVER_STOPPED
    assert set(STOPPED_BY.values()) <= set(velocity.CAPS)


Form = tuple[str, dict[str, str]]


def _ask(account: Account, _asker: Account) -> Form:
    return reverse("helpdesk:ask-caller", args=[account.common_id]), {"sort": "card"}


def _attest(account: Account, asker: Account) -> Form:
    proof = ask_person(verified(account), "card", actor=asker)
    return reverse("helpdesk:attest-proof", args=[proof.pk]), REASON | {"seen": "yes"}


def _settle(account: Account, _asker: Account) -> Form:
    return reverse("helpdesk:settle-report", args=[a_report(account).pk]), REASON


def _decline(account: Account, _asker: Account) -> Form:
    a_caller(account)
    made = TerminationWish.objects.create(account=account, application=live_application(account), reason="x", asked_at=timezone.now())
    return reverse("helpdesk:decline-wish", args=[made.uid]), REASON


def _delivery(name: str) -> Callable[[Account, Account], Form]:
    def form(account: Account, _asker: Account) -> Form:
        a_caller(account)
        rows = Delivery.objects.filter(account=apply_for(account).account)
        rows.update(state="failed")
        return reverse(f"helpdesk:{name}", args=[rows.latest("pk").uid]), REASON

    return form


def _give(account: Account, _asker: Account) -> Form:
    return reverse("helpdesk:give-role"), REASON | {"common_id": account.common_id, "role": "helpdesk", "within": ""}


def _take(account: Account, _asker: Account) -> Form:
    return reverse("helpdesk:take-role", args=[RoleGrant.objects.create(account=account, role="helpdesk").pk]), REASON


FORMS: dict[str, tuple[str, Callable[[Account, Account], Form], Callable[[], int]]] = {
    "ask": (velocity.ASK_CALLER, _ask, CallerProof.objects.count),
    "attest": (velocity.ATTEST, _attest, CallerProof.objects.filter(sort="card", decided_by__isnull=False).count),
    "settle a report": (velocity.SETTLE_REPORT, _settle, Event.objects.filter(name=EventName.REPORT_SETTLED).count),
    "decline": (velocity.DECLINE_WISH, _decline, TerminationWish.objects.filter(state=WishState.DECLINED).count),
    "pass on again": (velocity.RETRY, _delivery("retry-delivery"), Event.objects.filter(name=EventName.DELIVERY_RETRIED).count),
    "give": (velocity.ROLE, _give, Event.objects.filter(name=EventName.ROLE_GRANTED).count),
    "take": (velocity.ROLE, _take, Event.objects.filter(name=EventName.ROLE_WITHDRAWN).count),
}


@pytest.mark.covers("S-146")
@pytest.mark.parametrize("name", FORMS)
def test_after_the_limit_the_form_does_nothing_and_says_until_when(name: str, ada: Account, somebody_else: Account, settings: Any) -> None:
    cap, made, done = FORMS[name]
    settings.MFA_STAFF_LIMITS = [f"{cap}=2/2"]
    browser = Client()
    signed_in(browser, ada)
    forms = [made(an_account(), somebody_else) for _ in range(3)]
    answers = [browser.post(*form) for form in forms]
    assert [answer.status_code for answer in answers] == [302, 302, 403]
    assert done() == 2
    assert "You have reached the limit of 2 in an hour" in answers[2].content.decode()
    assert Event.objects.filter(name=EventName.ACCESS_DENIED, after__why="staff-limit").count() == 1


def test_saying_that_it_is_not_the_person_is_never_one_too_many(ada: Account, somebody_else: Account, settings: Any) -> None:
    settings.MFA_STAFF_LIMITS = ["attest=1/1"]
    browser = Client()
    signed_in(browser, ada)
    for seen in ("yes", "no", "no"):
        address, data = _attest(an_account(), somebody_else)
        assert browser.post(address, data | {"seen": seen}).status_code == 302
    assert CallerProof.objects.filter(decided_by=ada, state="refused").count() == 2


def test_a_settled_delivery_is_limited_as_well(ada: Account, settings: Any) -> None:
    """This site's own sign-in, the only system here, is never settled by hand: the limit is asked of the verb."""
    settings.MFA_STAFF_LIMITS = ["settle-delivery=1/1"]
    velocity.count(ada, velocity.SETTLE)
    account = an_account()
    a_caller(account)
    system = ensure_system("mail", connector="webhook", name_en="Campus mail", name_ja="学内メール", window_minutes=1)
    row = Delivery.objects.filter(account=account).latest("pk")
    Delivery.objects.filter(pk=row.pk).update(system=system, state="failed")
    browser = Client()
    signed_in(browser, ada)
    assert browser.post(reverse("helpdesk:settle-delivery", args=[row.uid]), REASON).status_code == 403
    assert Delivery.objects.get(pk=row.pk).state == "failed"
    assert not Case.objects.filter(account=account, closed_at__isnull=False).exists()
