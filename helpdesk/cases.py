"""Cases: opened, taken, noted in and closed. Whatever staff do for a person is recorded with the number of the case."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.db.models import Expression, Q, QuerySet
from django.utils import timezone

import helpdesk.refusals  # noqa: F401  the sentences
from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import Target, objection, powers
from audit.catalogue import EventName
from audit.context import belonging
from audit.record import record
from helpdesk.models import Case, CaseKind, CaseSource

RIGHT = "case:work"
DIGITS = 7


@dataclass(frozen=True)
class Note:
    """What somebody wrote down in a case; `by` is empty for whoever sent the form “I cannot sign in”."""

    at: datetime
    by: str
    text: str


def notes_of(case: Case) -> list[Note]:
    """The notes of a case, the oldest first."""
    return [Note(datetime.fromisoformat(one["at"]), one["by"], one["text"]) for one in case.notes]


@contextmanager
def within(case: Case) -> Iterator[None]:
    """What is recorded meanwhile belongs to the case."""
    with belonging(case.number):
        yield


def queue() -> QuerySet[Case]:
    """What is open: alarms first, then whoever has waited longest."""
    return Case.objects.filter(closed_at=None).select_related("account__affiliation", "owner").order_by("-urgent", "opened_at")


def waiting(mine: Q) -> int:
    """How many open cases nobody has taken, among those that fit `mine`; stands in the desk's menu."""
    return Case.objects.filter(mine, closed_at=None, owner=None).count()


def _number() -> str:
    while True:
        number = str(secrets.randbelow(9 * 10 ** (DIGITS - 1)) + 10 ** (DIGITS - 1))
        if not Case.objects.filter(number=number).exists():
            return number


@transaction.atomic
def open_case(
    account: Account | None,
    *,
    actor: Account | None,
    kind: CaseKind,
    source: CaseSource = CaseSource.DESK,
    text: str = "",
    **facts: object,
) -> Case:
    """A new case; one that staff open is their own. Refused without the right, and on one's own account."""
    if actor is not None and source == CaseSource.DESK:
        _require(actor, account)
    case = Case(number=_number(), account=account, kind=kind, source=source, opened_by=actor, **facts)
    case.owner = actor if source == CaseSource.DESK else None
    case.notes = [_note(text, actor)] if text else []
    case.save(force_insert=True)
    with within(case):
        record(EventName.CASE_OPENED, account=account, actor=actor, after={"case_kind": case.kind, "source": case.source})
    return case


def current(account: Account, *, actor: Account) -> Case | None:
    """The case in which this member of staff would go on."""
    return Case.objects.filter(account=account, closed_at=None).order_by(*nearest(actor)).first()


def nearest(actor: Account) -> tuple[Expression, str]:
    """The order of cases for this member of staff: their own, then those that nobody has, then those of colleagues; the newest first."""
    own, nobodys = models.When(owner=actor, then=0), models.When(owner=None, then=1)
    return models.Case(own, nobodys, default=2), "-opened_at"


def latest(account: Account) -> Case:
    """The newest case, open or closed; a new one where the account has never had any."""
    newest = Case.objects.filter(account=account).order_by("-opened_at").first()
    return newest or open_case(account, actor=None, kind=CaseKind.OTHER, source=CaseSource.SYSTEM)


@transaction.atomic
def working_on(account: Account, *, actor: Account, kind: CaseKind) -> Case:
    """The case to act in; taken when nobody has it, opened when there is none. An action costs no click more."""
    case = current(hold(account.pk), actor=actor)
    if case is None:
        return open_case(account, actor=actor, kind=kind)
    if case.owner_id is None:
        take(case, actor=actor)
    return case


@transaction.atomic
def take(case: Case, *, actor: Account) -> None:
    """Make a case one's own; Refused for one that is closed or one's own already."""
    case = held(case, actor)
    if case.owner_id == actor.pk:
        raise Refused("case-kept")
    before = {"owner": case.owner.common_id} if case.owner else {}
    Case.objects.filter(pk=case.pk).update(owner=actor)
    with within(case):
        record(EventName.CASE_TAKEN, account=case.account, actor=actor, before=before)


@transaction.atomic
def note(case: Case, *, actor: Account, text: str) -> None:
    """Write something down in an open case."""
    case = held(case, actor)
    _write(case, text, actor)
    with within(case):
        record(EventName.CASE_NOTED, account=case.account, actor=actor)


@transaction.atomic
def close(case: Case, *, actor: Account, text: str) -> None:
    """End a case with a word on what came of it."""
    case = held(case, actor)
    _write(case, text, actor)
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now(), closed_by=actor)
    with within(case):
        record(EventName.CASE_CLOSED, account=case.account, actor=actor, reason=text)


def _note(text: str, actor: Account | None) -> dict[str, str]:
    by = f"{actor.get_full_name()} {actor.common_id}" if actor else ""
    return {"at": timezone.now().isoformat(), "by": by, "text": text}


def _write(case: Case, text: str, actor: Account | None) -> None:
    case.notes.append(_note(text, actor))
    case.save(update_fields=["notes"])


def held(case: Case, actor: Account) -> Case:
    """The case as it is now, its account locked; Refused when it is closed, or not for this member of staff."""
    _require(actor, case.account)
    return locked(case)


def locked(case: Case) -> Case:
    """The case as it is now, its account locked; Refused when it is closed."""
    if case.account_id:
        hold(case.account_id)
    case = Case.objects.select_for_update(of=("self",)).select_related("account", "owner").get(pk=case.pk)
    if not case.is_open:
        raise Refused("case-closed")
    return case


def _require(actor: Account, account: Account | None) -> None:
    """Anybody at the desk may write down what a person of higher rank needs; acting on them is another matter."""
    if code := objection(actor, powers(actor), RIGHT, Target(account) if account else None):
        raise Refused(code)
