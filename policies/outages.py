"""Declaring an outage of what was prepared: one person asks, another agrees, it ends by itself. It changes the order of methods alone."""

import uuid
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import IntegrityError, transaction

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from methods import allowance
from policies.allowances import as_told
from policies.clock import database_now
from policies.current import current_book
from policies.drafting import RIGHT
from policies.models import Outage
from policies.models.outages import OutageState
from policies.rulebook.contingency import Declared, contingency_from_json
from policies.rulebook.storing import rule_to_json
from policies.two_people import check_two

ANSWER_WITHIN = timedelta(hours=2)


def open_outage() -> Outage | None:
    """What is asked for, or on; nothing that is over by the database's clock."""
    row = Outage.objects.exclude(state=OutageState.OVER).select_related("asked_by", "agreed_by").first()
    return row if row is not None and not _is_over(row, database_now()) else None


def _is_over(row: Outage, now: datetime) -> bool:
    return row.ends_at <= now or (row.state == OutageState.ASKED and row.asked_at + ANSWER_WITHIN <= now)


def sentence_of(uid: str) -> str:
    """What those are told whom an outage affects, by its name in the facts of a sign-in; nothing where there is none."""
    return _told(uuid.UUID(uid)).sentence if uid else ""


@lru_cache(maxsize=4)
def _told(uid: uuid.UUID) -> allowance.Outage:
    row = Outage.objects.get(uid=uid)
    return as_told(Declared(str(uid), contingency_from_json(row.content), row.ends_at))


@transaction.atomic
def ask_for(contingency: str, *, hours: int, actor: Account, reason: str) -> Outage:
    """Ask for what the version in force has prepared under this id, for so many hours; somebody else has to agree within two."""
    require(actor, RIGHT, reason=reason)
    look_after()
    book = current_book()
    prepared = next((one for one in book.contingencies if one.id == contingency), None)
    if prepared is None:
        raise Refused("contingency-gone")
    if not 1 <= hours <= prepared.hours:
        raise Refused("contingency-hours", hours=prepared.hours)
    now = database_now()
    try:
        with transaction.atomic():
            made = Outage.objects.create(
                content=rule_to_json(prepared), version=book.number, reason=reason.strip(), asked_by=actor, asked_at=now,
                ends_at=now + timedelta(hours=hours),
            )  # fmt: skip
    except IntegrityError:
        raise Refused("outage-open") from None
    after = {"name": prepared.name_en, "until": made.ends_at.isoformat(), "out": list(prepared.out)}
    record(EventName.OUTAGE_REQUESTED, actor=actor, reason=made.reason, after=after)
    return made


@transaction.atomic
def agree(uid: uuid.UUID, *, actor: Account) -> Outage:
    """From now on what is out is asked last; Refused to whoever asked, and when it took too long."""
    require(actor, RIGHT)
    row = _held(uid, OutageState.ASKED)
    check_two(row.asked_by, actor, RIGHT, own="own-outage", lost="policy-requester-may-not")
    row.state, row.agreed_by, row.began_at = OutageState.ON, actor, database_now()
    row.save(update_fields=["state", "agreed_by", "began_at"])
    people = {"requested_by": row.asked_by.common_id, "approved_by": actor.common_id}
    after = {"name": row.content["name_en"], "until": row.ends_at.isoformat()} | people
    record(EventName.OUTAGE_BEGUN, actor=actor, reason=row.reason, after=after)
    return row


@transaction.atomic
def end(uid: uuid.UUID, *, actor: Account) -> Outage:
    """The usual order from now on; one person is enough. What was only asked for is taken back."""
    require(actor, RIGHT)
    row = _held(uid, OutageState.ASKED, OutageState.ON)
    _end(row, database_now(), actor)
    return row


def _held(uid: uuid.UUID, *states: OutageState) -> Outage:
    row = Outage.objects.select_for_update(of=("self",)).select_related("asked_by").filter(uid=uid, state__in=states).first()
    if row is None or _is_over(row, database_now()):
        raise Refused("outage-over")
    return row


def _end(row: Outage, now: datetime, actor: Account | None) -> None:
    row.state, row.ended_by, row.ended_at = OutageState.OVER, actor, min(now, row.ends_at)
    row.save(update_fields=["state", "ended_by", "ended_at"])
    record(EventName.OUTAGE_ENDED, actor=actor, after={"name": row.content["name_en"]})


@transaction.atomic
def look_after() -> int:
    """Close what has ended by itself; it has not counted since. Returns how many."""
    now = database_now()
    rows = [row for row in Outage.objects.select_for_update(of=("self",)).exclude(state=OutageState.OVER) if _is_over(row, now)]
    for row in rows:
        _end(row, now, None)
    return len(rows)
