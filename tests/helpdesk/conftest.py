"""A caller on whom everything can be done, and what staff can do to one."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, SessionRecord
from helpdesk.approvals import ask
from helpdesk.cases import open_case
from helpdesk.models import Approval, ApprovalState, CallerProof, Case, CaseKind, CaseSource, ProofState
from methods.kinds.email.models import EmailDevice
from methods.models import Message, RegisteredMethod, Report
from methods.suspending import suspend
from policies import terminations
from policies.applications import TEXT_VERSION, live_application, submit
from policies.models import Application, Delivery, Termination, TerminationWish
from policies.models.wishes import WishState
from tests.factories import a_method, a_phone, a_totp_app, an_account, signed_in

Browser = Callable[..., Client]
REASON = {"reason": "Ticket 4711"}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
DAYS = REASON | {"days": "30"}
EVERYTHING = DAYS | {"sort": "card", "seen": "yes"}  # what any of the forms asks for


@dataclass
class Caller:
    """An account that is locked, signed in, has two methods and has applied for MFA use."""

    account: Account
    badge: SessionRecord
    method: RegisteredMethod
    termination: Termination | None = None
    number: Any = None  # of what waits on the account and is decided on by its own address

    def url(self, action: str) -> str:
        """Where the form of an action is sent."""
        if action.endswith("-termination") and action != "request-termination":
            assert self.termination
            return reverse(f"helpdesk:{action}", args=[self.termination.uid])
        if action in WAITING:
            return reverse(f"helpdesk:{action}", args=[self.number])
        session = [self.badge.uid] if action == "end-session" else [self.method.pk] if action.endswith("-method") else []
        return reverse(f"helpdesk:{action}", args=[self.account.common_id, *session])

    @property
    def page(self) -> str:
        return self.url("account")

    def is_done(self, action: str) -> bool:
        """Whether the action has had its effect, or waits for a second person."""
        waits = Approval.objects.filter(account=self.account, action=action, state=ApprovalState.REQUESTED)
        return bool(DONE[action](Account.objects.get(pk=self.account.pk), self)) or waits.exists()


def _method(state: str) -> Callable[[Account, Caller], bool]:
    return lambda _account, caller: RegisteredMethod.objects.get(pk=caller.method.pk).state == state


def _mailed(template: str) -> Callable[[Account, Caller], bool]:
    return lambda account, _caller: Message.objects.filter(account=account, template=template).exists()


def _termination(state: str) -> Callable[[Account, Caller], bool]:
    return lambda account, _caller: Termination.objects.filter(application__account=account, state=state).exists()


# How the effect of each action is seen.
DONE: dict[str, Callable[[Account, Caller], Any]] = {
    "lock": lambda account, _: account.locked_at,
    "unlock": lambda account, _: account.held_until is None,
    "settle-report": lambda _, caller: Report.objects.get(pk=caller.number).settled_at,
    "ask-caller": lambda account, _: CallerProof.objects.filter(case__account=account, state="waiting", sort="card").exists(),
    "attest-proof": lambda _, caller: CallerProof.objects.get(pk=caller.number).state == ProofState.CONFIRMED,
    "approve": lambda _, caller: Approval.objects.get(pk=caller.number).state == ApprovalState.WAITING,
    "refuse": lambda _, caller: Approval.objects.get(pk=caller.number).state == ApprovalState.REFUSED,
    "decline-wish": lambda _, caller: TerminationWish.objects.get(uid=caller.number).state == WishState.DECLINED,
    "retry-delivery": lambda _, caller: Delivery.objects.get(uid=caller.number).state == "waiting",
    "end-session": lambda _, caller: SessionRecord.objects.get(uid=caller.badge.uid).ended_at,
    "end-sessions": lambda account, _: not SessionRecord.objects.filter(account=account, ended_at=None).exists(),
    "suspend-method": _method("suspended"),
    "restore-method": _method("active"),
    "remove-method": _method("removed"),
    "issue-pass": _mailed("access-pass"),
    "mail-guide": _mailed("guide-for-you"),
    "require-reregistration": lambda account, _: Approval.objects.filter(account=account, state=ApprovalState.REQUESTED).exists(),
    "request-termination": _termination("requested"),
    "end-exception": lambda account, _: Termination.objects.filter(application__account=account, ends_at__lte=timezone.now()).exists(),
    "approve-termination": _termination("approved"),
    "refuse-termination": _termination("refused"),
}


# What a form needs that is not about one account, and what each makes of it.
WAITING: dict[str, Callable[[Account, Account], Any]] = {
    "settle-report": lambda account, _by: a_report(account).pk,
    "attest-proof": lambda account, by: a_question(_case(account), by).pk,
    "approve": lambda account, by: ask(_case(account), "require-reregistration", account, {}, actor=by, reason="Lost all").pk,
    "refuse": lambda account, by: ask(_case(account), "require-reregistration", account, {}, actor=by, reason="Lost all").pk,
    "decline-wish": lambda account, _by: a_wish(account).uid,
    "retry-delivery": lambda account, _by: a_refused_change(account).uid,
}


def prepared(action: str, account: Account, by: Account) -> Caller:
    """A caller on whom this one action can be done; what has to be asked for before was asked by `by`, an administrator."""
    caller = a_caller(account)
    if action in {"approve-termination", "refuse-termination"}:
        caller.termination = a_request(account, by)
    if action == "end-exception":
        an_exception(account, by)
    if action == "restore-method":
        suspend(account, caller.method)
    if action in WAITING:
        caller.number = WAITING[action](account, by)
    return caller


def _case(account: Account) -> Case:
    return Case.objects.get(account=account)


def apply_for(account: Account) -> Application:
    """MFA use of an account that has a method."""
    application = live_application(account) or submit(account, actor=account, text_version=TEXT_VERSION)
    account.refresh_from_db()
    return application


def a_caller(account: Account) -> Caller:
    """Everything on this account that staff can act on."""
    a_totp_app(account, name="My phone", last_signin_at=timezone.now())
    method = a_phone(account)
    address = a_method(account, "email", name="Email", hint="e•••@example.net")
    EmailDevice.objects.create(user=account, name="Email", method=address, confirmed=True, address="at-home@example.net")
    apply_for(account)
    account.recovery_address, account.recovery_address_confirmed_at = "at-home@example.net", timezone.now() - timedelta(days=40)
    account.failures, account.holds, account.held_until = 11, 1, timezone.now() + timedelta(minutes=15)
    account.save()
    verified(account)
    return Caller(account, signed_in(Client(), account), method)


def verified(account: Account, *sorts: str) -> Case:
    """A case in which whoever calls has proved who they are: by everything there is, or by these sorts of proof."""
    case = open_case(account, actor=None, kind=CaseKind.OTHER, source=CaseSource.SYSTEM)
    now, asker = timezone.now(), an_account(roles=("helpdesk",))
    for sort in sorts or ("device", "card"):
        known = {"state": ProofState.CONFIRMED, "asked_by": asker, "decided_at": now, "expires_at": now + timedelta(minutes=30)}
        CallerProof.objects.create(case=case, sort=sort, **known)
    return case


def a_request(account: Account, by: Account) -> Termination:
    """A request to end MFA use, whoever makes it."""
    application, now = apply_for(account), timezone.now()
    return Termination.objects.create(
        uid=uuid.uuid4(),
        application=application,
        reason="Lost everything abroad",
        requested_by=by,
        requested_at=now,
        expires_at=now + terminations.OPEN_FOR,
        days=30,
        snapshot=terminations._snapshot(application, account),
    )


def an_exception(account: Account, by: Account) -> Termination:
    """MFA use that was terminated until next month."""
    asked, now = a_request(account, by), timezone.now()
    Application.objects.filter(pk=asked.application_id).update(state="terminated", ended_at=now)
    Termination.objects.filter(pk=asked.pk).update(state="approved", decided_at=now, ends_at=now + timedelta(days=30))
    asked.refresh_from_db()
    return asked


def a_report(account: Account, **fields: Any) -> Report:
    """Somebody said “No, it's not me” to a request from elsewhere."""
    facts = {"kind": "totp", "purpose": "sign-in", "name": "My phone", "asked_from": "203.0.113.7", "browser": FIREFOX}
    return Report.objects.create(account=account, facts=facts, **fields)


def a_question(case: Case, by: Account) -> CallerProof:
    """Whether the office sees the caller's ID card, asked by somebody else."""
    return CallerProof.objects.create(case=case, sort="card", asked_by=by, expires_at=timezone.now() + timedelta(minutes=5))


def a_wish(account: Account) -> TerminationWish:
    """The holder wants to stop using MFA."""
    asked = {"reason": "Goes abroad", "asked_at": timezone.now()}
    return TerminationWish.objects.create(account=account, application=live_application(account), **asked)


def a_refused_change(account: Account) -> Delivery:
    """A connected system would not take it."""
    row = Delivery.objects.filter(account=account).latest("pk")
    Delivery.objects.filter(pk=row.pk).update(state="failed")
    return row


@pytest.fixture
def desk(browser_of: Browser, hiro: Account) -> Client:
    """Hiro of the help desk, signed in."""
    return browser_of(hiro)


@pytest.fixture
def caller(hana: Account) -> Caller:
    """Hana, on the telephone."""
    return a_caller(hana)


@pytest.fixture
def somebody_else() -> Account:
    """An administrator who is not in the cast: makes requests that others decide on."""
    return an_account(roles=("administrator",))
