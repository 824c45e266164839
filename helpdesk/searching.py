"""What staff search for is an event (R-170): at once when the form is sent, and when what is shown while they type has settled.

Somebody who types a name sees hits after each pause. What goes on from the words before, within moments, is the same search; it becomes an
event when they search for something else, or when they have stopped. Taking letters away is something else: by going back and forth one could
look at everybody and leave the last words alone. Nothing is shown before the row that will be that event is written.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Left, Length
from django.utils import timezone

import helpdesk.refusals  # noqa: F401  the sentences
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.context import Where, circumstances, where
from audit.record import record
from helpdesk.models import Typing

PAUSE = timedelta(seconds=4)  # whoever reads what was found for longer has searched for it
SETTLED = timedelta(seconds=10)
MINUTE, MOST = timedelta(minutes=1), 120


@transaction.atomic
def typed(text: str, found: int, *, actor: Account) -> None:
    """Keep what is shown to somebody who types; Refused after too many searches within a minute."""
    _keep(text, actor, text=text, found=found, typed_at=timezone.now(), circumstances=asdict(where()))


@transaction.atomic
def submitted(text: str, found: int, *, actor: Account) -> None:
    """Record a search whose form was sent; what was typed on the way to it is the same search. Refused as above."""
    _keep(text, actor, text="")
    record(EventName.ACCOUNT_SEARCHED, actor=actor, after={"text": text, "found": found})


def settle() -> int:
    """Record what was typed and left; returns how many searches these were. Run every few seconds."""
    left = Typing.objects.exclude(text="").filter(typed_at__lt=timezone.now() - SETTLED)
    return sum(_settle(staff) for staff in left.values_list("pk", flat=True)[:1000])


@transaction.atomic
def _settle(staff: int) -> bool:
    row = Typing.objects.select_for_update(of=("self",)).select_related("staff").get(pk=staff)
    if not row.text or row.typed_at >= timezone.now() - SETTLED:
        return False
    _record(row)
    row.text = ""
    row.save(update_fields=["text"])
    return True


def _keep(searched: str, actor: Account, **what: Any) -> None:
    """Count one more search and keep `what`; what was typed before becomes an event of its own unless this goes on from it."""
    now = timezone.now()
    if _went_on(searched, actor, now, what):
        return
    row = _counted(actor, now)
    if row.text and not _goes_on(row, searched, now):
        _record(row)
    for name, value in what.items():
        setattr(row, name, value)
    row.save()


def _went_on(searched: str, actor: Account, now: datetime, what: Mapping[str, Any]) -> bool:
    """In one statement where nothing else is to be recorded or refused, as of nearly every search; whether it was so."""
    rows = Typing.objects.filter(staff=actor).annotate(beginning=Left(Value(searched), Length("text")))
    is_new = Q(began_at__lte=now - MINUTE)
    usual = rows.filter(Q(text="") | Q(typed_at__gt=now - PAUSE, beginning=F("text")), is_new | Q(times__lt=MOST))
    began, times = Case(When(is_new, then=Value(now)), default=F("began_at")), Case(When(is_new, then=Value(1)), default=F("times") + 1)
    return bool(usual.update(began_at=began, times=times, **what))


def _counted(actor: Account, now: datetime) -> Typing:
    rows = Typing.objects.select_for_update().filter(staff=actor)
    row = rows.first()
    if row is None:
        Typing.objects.bulk_create([Typing(staff=actor, typed_at=now, began_at=now)], ignore_conflicts=True)
        row = rows.get()
    if row.began_at <= now - MINUTE:
        row.began_at, row.times = now, 0
    if row.times >= MOST:
        raise Refused("too-many-searches")
    row.times += 1
    return row


def _goes_on(row: Typing, text: str, now: datetime) -> bool:
    return row.typed_at > now - PAUSE and text.startswith(row.text)


def _record(row: Typing) -> None:
    with circumstances(Where(**row.circumstances)):
        record(EventName.ACCOUNT_SEARCHED, actor=row.staff, after={"text": row.text, "found": row.found})
