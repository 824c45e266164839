"""MFA use: applied for, in effect, wished away, terminated and back."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from policies import returns, terminations, wishes
from policies.applications import TEXT_VERSION, submit
from policies.claims import claim
from policies.connectors.base import Capability
from policies.models import Application, Termination
from tests.audit.stages.staging import CASE, PAGE, browser, stage
from tests.factories import a_totp_app
from tests.helpdesk.conftest import REASON, verified
from tests.policies.deliveries import of, release, wait
from tests.policies.test_user_menu import SETTING, YES

WISH = "/user-menu/mfa/terminate/"


def applied(account: Account) -> Application:
    a_totp_app(account, last_signin_at=timezone.now())
    return submit(account, actor=account, text_version=TEXT_VERSION)


def passes(minutes: float = 41) -> None:
    """Time goes by, and the sweep tells connected systems."""
    wait(minutes)
    release()


def in_effect(account: Account) -> Application:
    application = applied(account)
    passes()
    return application


def requested(hana: Account, hiro: Account) -> Termination:
    in_effect(hana)
    return terminations.request(hana, actor=hiro, reason="broken arm", days=30)


@stage(EventName.APPLICATION_SUBMITTED, on="hana", by="hana", at=PAGE, after="application revision text_version")
def yes_and_save(hana: Account) -> Iterator[None]:
    a_totp_app(hana, last_signin_at=timezone.now())
    client = browser(hana)
    yield
    client.post(SETTING, YES)


@stage(EventName.APPLICATION_REFUSED, on="hana", by="hana", at=PAGE, after="why")
def yes_without_a_method(hana: Account) -> Iterator[None]:
    client = browser(hana)
    yield
    client.post(SETTING, YES)


@stage(EventName.APPLICATION_WITHDRAWING, on="hana", by="hana", at=PAGE, after="application")
def a_withdrawal_that_systems_have_to_hear_of(hana: Account) -> Iterator[None]:
    applied(hana)
    wait(41)
    assert claim("local", Capability.SET_STATE), "a worker has it in hand"
    client = browser(hana)
    yield
    client.post(reverse("selfservice:mfa-withdraw"))


@stage(EventName.APPLICATION_WITHDRAWN, on="hana", by="hana", at=PAGE, after="application")
def a_withdrawal_in_time(hana: Account) -> Iterator[None]:
    applied(hana)
    client = browser(hana)
    yield
    client.post(reverse("selfservice:mfa-withdraw"))


@stage(EventName.APPLICATION_IN_EFFECT, on="hana", after="application sessions")
def all_systems_have_confirmed(hana: Account) -> Iterator[None]:
    applied(hana)
    yield
    passes()


@stage(EventName.DELIVERY_CONFIRMED, on="hana", after="revision state system")
def a_system_that_has_confirmed(hana: Account) -> Iterator[None]:
    applied(hana)
    yield
    passes()


@stage(EventName.DELIVERY_AWAITED, on="hana", by="hana", at=PAGE, after="revision system")
def tell_me_when_it_is_ready(hana: Account) -> Iterator[None]:
    applied(hana)
    client = browser(hana)
    yield
    client.post(reverse("selfservice:mfa-await", args=[of("local").uid]))


@stage(EventName.TERMINATION_WISHED, on="hana", by="hana", at=PAGE, reason=True)
def a_wish(hana: Account) -> Iterator[None]:
    in_effect(hana)
    client = browser(hana)
    yield
    client.post(f"{WISH}ask/", REASON)


@stage(EventName.TERMINATION_UNWISHED, on="hana", by="hana", at=PAGE)
def a_wish_that_is_taken_back(hana: Account) -> Iterator[None]:
    in_effect(hana)
    wishes.wish(hana, actor=hana, reason="x")
    client = browser(hana)
    yield
    client.post(f"{WISH}take-back/")


@stage(EventName.TERMINATION_DECLINED, on="hana", by="hiro", at=PAGE, reason=True)
def a_wish_that_is_declined(hana: Account, hiro: Account) -> Iterator[None]:
    in_effect(hana)
    wish, desk = wishes.wish(hana, actor=hana, reason="x"), browser(hiro)
    yield
    desk.post(reverse("helpdesk:decline-wish", args=[wish.uid]), REASON)


@stage(EventName.TERMINATION_REQUESTED, on="hana", by="hiro", at=CASE, after="days termination", reason=True)
def a_termination_that_is_asked_for(hana: Account, hiro: Account) -> Iterator[None]:
    in_effect(hana)
    verified(hana)
    desk = browser(hiro)
    yield
    desk.post(reverse("helpdesk:request-termination", args=[hana.common_id]), REASON | {"days": "30"})


@stage(
    EventName.TERMINATION_APPROVED,
    on="hana",
    by="sato",
    at=PAGE | {"approver", "case"},
    after="requested_by termination until",
    reason=True,
)
def a_termination_that_is_approved(hana: Account, hiro: Account, sato: Account) -> Iterator[None]:
    request, second = requested(hana, hiro), browser(sato)
    yield
    second.post(reverse("helpdesk:approve-termination", args=[request.uid]))


@stage(EventName.TERMINATION_REFUSED, on="hana", by="sato", at=PAGE | {"case"}, after="requested_by termination", reason=True)
def a_termination_that_is_refused(hana: Account, hiro: Account, sato: Account) -> Iterator[None]:
    request, second = requested(hana, hiro), browser(sato)
    yield
    second.post(reverse("helpdesk:refuse-termination", args=[request.uid]))


@stage(EventName.TERMINATION_EXPIRED, on="hana", after="requested_by termination", reason=True)
def a_termination_on_which_nobody_decides(hana: Account, hiro: Account) -> Iterator[None]:
    requested(hana, hiro)
    Termination.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    yield
    terminations.expire()


@stage(EventName.APPLICATION_TERMINATED, on="hana", after="application")
def a_termination_that_takes_effect(hana: Account, hiro: Account, sato: Account) -> Iterator[None]:
    terminations.approve(requested(hana, hiro), actor=sato)
    yield
    passes()


@stage(EventName.TERMINATION_CUT_SHORT, on="hana", by="hiro", at=CASE, before="until", after="termination", reason=True)
def an_exception_that_staff_end(hana: Account, hiro: Account, sato: Account) -> Iterator[None]:
    terminations.approve(requested(hana, hiro), actor=sato)
    passes()
    desk = browser(hiro)
    yield
    desk.post(reverse("helpdesk:end-exception", args=[hana.common_id]), REASON)


@stage(EventName.TERMINATION_ENDED, on="hana", after="application revision termination")
def a_termination_whose_days_are_over(hana: Account, hiro: Account, sato: Account) -> Iterator[None]:
    terminations.approve(requested(hana, hiro), actor=sato)
    passes()
    Termination.objects.update(ends_at=F("ends_at") - timedelta(days=30))
    yield
    assert returns.look_after() == 1
