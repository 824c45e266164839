"""Two people: one asks, another decides on exactly what was asked, and it is done once, after the owner had time to stop it (R-162)."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import powers, require
from audit.catalogue import EventName
from audit.context import approved
from audit.record import record
from audit.terms import name_codes, value_words
from helpdesk import cases, velocity
from helpdesk.doing import EFFECTS
from helpdesk.faults import is_passing
from helpdesk.models import BROKE_OFF, PENDING, Approval, ApprovalState, Case, CaseSource
from helpdesk.risks import DECISION, RISKS, wait
from helpdesk.stops import with_stop
from methods.notices import tell
from methods.usable import listed

APPROVE = "action:approve"
log = structlog.get_logger(__name__)
name_codes(
    "why",
    {
        "approval-closed": _("nobody decided in time"),
        "approval-outdated": _("the account has changed since"),
        BROKE_OFF: _("something went wrong at the server"),
    },
)


def snapshot(account: Account) -> dict[str, object]:
    """All that an approval is bound to: whoever decides on it has seen just this."""
    return {
        "methods": sorted(f"{method.pk} {method.state}" for method in listed(account)),
        "methods_version": account.methods_version,
        "epoch": account.epoch,
        "locked": account.locked_at is not None,
        "recovery_address": account.recovery_address,
        "rank": powers(account).rank,
    }


def ask(case: Case, action: str, account: Account, facts: dict[str, str], *, actor: Account, reason: str) -> Approval:
    """Ask for a second person, under the account's lock; the owner is told at once."""
    now = timezone.now()
    expire(account)
    if Approval.objects.filter(account=account, action=action, state__in=PENDING).exists():
        raise Refused("approval-open")
    approval = Approval.objects.create(
        case=case,
        account=account,
        action=action,
        facts=facts,
        reason=reason,
        snapshot=snapshot(account),
        requested_by=actor,
        expires_at=now + DECISION,
    )
    record(EventName.ACTION_REQUESTED, account=account, actor=actor, reason=reason, after={"action": action})
    tell(account, "action-requested", action=_words(account, action))
    return approval


def approved_in_bulk(case: Case, action: str, account: Account, *, asked_by: Account, decided_by: Account, reason: str) -> Approval:
    """One of many that two people decided on together: it waits, and the owner is told how to stop it. Under the account's lock."""
    if Approval.objects.filter(account=account, action=action, state__in=PENDING).exists():
        raise Refused("approval-open")
    now, due = timezone.now(), timezone.now() + wait(powers(account).rank)
    people = {"requested_by": asked_by, "decided_by": decided_by, "decided_at": now}
    times = {"expires_at": now + DECISION, "due_at": due}
    kept = {"reason": reason, "snapshot": snapshot(account), "state": ApprovalState.WAITING}
    approval = Approval.objects.create(case=case, account=account, action=action, **kept, **people, **times)
    record(EventName.ACTION_APPROVED, account=account, actor=decided_by, reason=reason, after={"action": action, "until": due.isoformat()})
    tell(account, "action-approved", action=_words(account, action), due=due.isoformat())
    return approval


def _words(account: Account, action: str) -> str:
    with translation.override(account.language):
        return value_words("action", action)


def waiting() -> QuerySet[Approval]:
    """Requests on which somebody has to decide, the most urgent first; then what was approved and can be taken back still.

    What was approved as a list is stopped as a list.
    """
    undecided = Q(state=ApprovalState.REQUESTED, expires_at__gt=timezone.now())
    rows = Approval.objects.filter(undecided | Q(state=ApprovalState.WAITING)).exclude(case__source=CaseSource.BULK)
    return rows.select_related("account__affiliation", "case", "requested_by").order_by("state", "due_at", "expires_at")


@transaction.atomic
def approve(approval: Approval, *, actor: Account) -> Approval:
    """Say yes to exactly what was asked; Refused to the requester, to the owner, and when anything has changed since."""
    approval, account = _held(approval)
    require(actor, APPROVE, on=account)
    _check_open(approval)
    if actor.pk == approval.requested_by_id:
        raise Refused("own-approval")
    if _objection(approval, account):
        raise Refused("approval-outdated")
    velocity.count(actor, velocity.APPROVE)
    due = timezone.now() + wait(powers(account).rank)
    _decided(approval, ApprovalState.WAITING, actor, due_at=due)
    with cases.within(approval.case), with_stop(approval.case, approval.action):
        asked = {"action": approval.action, "until": due.isoformat(), "requested_by": approval.requested_by.common_id}
        after = asked | {"approved_by": actor.common_id}
        record(EventName.ACTION_APPROVED, account=account, actor=actor, reason=approval.reason, after=after)
        tell(account, "action-approved", action=_words(account, approval.action), due=due.isoformat())
    return approval


@transaction.atomic
def refuse(approval: Approval, *, actor: Account) -> Approval:
    """Say no; whoever asked may take it back, also while it waits."""
    approval, account = _held(approval)
    own = actor.pk == approval.requested_by_id
    require(actor, RISKS[approval.action].right if own else APPROVE, on=account)
    if approval.state not in PENDING:
        raise Refused("approval-closed")
    _decided(approval, ApprovalState.REFUSED, actor)
    with cases.within(approval.case):
        record(EventName.ACTION_REFUSED, account=account, actor=actor, after={"action": approval.action})
    return approval


def carry_out_due() -> int:
    """Do what was approved and has waited long enough, each in a transaction of its own; returns how many were done."""
    due = Approval.objects.filter(state=ApprovalState.WAITING, due_at__lte=timezone.now()).order_by("due_at")
    done = sum(_apart(pk) for pk in due.values_list("pk", flat=True)[:100])
    for account in Account.objects.filter(pk__in=_overdue(timezone.now()).values("account")):
        with transaction.atomic():
            expire(hold(account.pk))
    return done


def _apart(approval_id: int) -> bool:
    """Do one, whatever comes of it; those behind it are not held up."""
    try:
        return carry_out(approval_id)
    except Exception as error:
        if is_passing(error):
            log.exception("an approved action could not be tried", approval=approval_id)
        else:  # nothing of it has happened, and it is not tried again: whoever asked asks anew
            log.exception("an approved action broke off", approval=approval_id)
            _broke_off(approval_id)
    return False


@transaction.atomic
def _broke_off(approval_id: int) -> None:
    waits = Approval.objects.select_for_update(of=("self",)).filter(pk=approval_id, state=ApprovalState.WAITING)
    for approval in waits.select_related("account", "case"):
        with cases.within(approval.case):
            _drop(approval, approval.account, BROKE_OFF, ApprovalState.FAILED)


@transaction.atomic
def carry_out(approval_id: int) -> bool:
    """Do it, once; everything is asked anew, and what has changed is dropped."""
    approval, account = _held(Approval.objects.get(pk=approval_id))
    if approval.state != ApprovalState.WAITING or approval.due_at is None or approval.due_at > timezone.now():
        return False
    if not Approval.objects.filter(pk=approval.pk, state=ApprovalState.WAITING).update(state=ApprovalState.DONE):
        return False  # a list is stopped without the locks of its accounts
    with cases.within(approval.case), with_stop(approval.case, approval.action):
        if objection := _objection(approval, account):
            _drop(approval, account, objection)
            return False
        try:
            with transaction.atomic(), approved(_approver(approval)):
                EFFECTS[approval.action](account, actor=approval.requested_by, reason=approval.reason, **approval.facts)
        except Refused as refusal:
            _drop(approval, account, refusal.code)
            return False
    return True


def _approver(approval: Approval) -> str:
    return approval.decided_by.common_id if approval.decided_by else ""


def expire(account: Account) -> None:
    """Drop what nobody has decided in time; under the account's lock."""
    for approval in _overdue(timezone.now()).filter(account=account).select_related("case"):
        with cases.within(approval.case):
            _drop(approval, account, "approval-closed")


def _overdue(now: datetime) -> QuerySet[Approval]:
    return Approval.objects.filter(state=ApprovalState.REQUESTED, expires_at__lte=now)


def _held(approval: Approval) -> tuple[Approval, Account]:
    account = hold(approval.account_id)
    fresh = Approval.objects.select_related("case__account", "requested_by", "decided_by").get(pk=approval.pk)
    return fresh, account


def _check_open(approval: Approval) -> None:
    if approval.state != ApprovalState.REQUESTED or approval.expires_at <= timezone.now():
        raise Refused("approval-closed")


def _objection(approval: Approval, account: Account) -> str:
    """Why this may not be done now: the account is another, or somebody has lost the right; a reason code, or nothing."""
    if approval.snapshot != snapshot(account):
        return "approval-outdated"
    people = [(approval.requested_by, RISKS[approval.action].right)]
    people += [(approval.decided_by, APPROVE)] if approval.decided_by else []
    for person, right in people:
        try:
            require(person, right, on=account)
        except Refused as refusal:
            return refusal.code
        if not person.is_active:
            return "not-allowed"
    return ""


def _decided(approval: Approval, state: ApprovalState, actor: Account, **facts: object) -> None:
    approval.state, approval.decided_by, approval.decided_at = state, actor, timezone.now()
    for name, value in facts.items():
        setattr(approval, name, value)
    approval.save()


def _drop(approval: Approval, account: Account, why: str, state: ApprovalState = ApprovalState.DROPPED) -> None:
    Approval.objects.filter(pk=approval.pk).update(state=state, decided_at=timezone.now())
    record(EventName.ACTION_DROPPED, account=account, after={"action": approval.action, "why": why})
