"""Removes events under a rule, and leaves a signed statement of it instead of a gap (R-189)."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from audit.catalogue import EventName
from audit.models import Event, Retirement, Seal
from audit.record import record
from audit.retention import months, rules
from audit.retention.months import Month
from audit.retention.rules import Rule
from audit.seals.keys import key_id, own_public_key
from audit.seals.retirements import Statement, bits_of, line_digest, packed_bits
from audit.seals.sealing import unpacked

LOCK = 7_306_003
ERASURE = Rule("erasure", 0)


class NotOwner(Exception):
    """The database role of this process may not remove events."""


def retire(now: datetime | None = None) -> Iterator[Retirement]:
    """Remove what the rules no longer keep, a whole month at a time; one transaction for each month."""
    _must_be_owner()
    current, now = rules.current(), now or timezone.now()
    for month in months.until(now - timedelta(days=min((rule.days for rule in current), default=10**5))):
        yield from _retire_month(month, current, now)


def erase(account_id: int, reason: str) -> Retirement | None:
    """Remove what was recorded of one account, as far as it is sealed; the event of it does not say whose it was."""
    _must_be_owner()
    with transaction.atomic():
        _one_at_a_time()
        now = timezone.now()
        found = Event.objects.filter(account_id=account_id).exclude(name__in=rules.ALWAYS_KEPT)
        numbers = _numbers(list(found.values_list("pk", flat=True)), now)
        if not numbers:
            return None
        made = _stated(ERASURE, numbers.values(), now, now, reason)
        months.remove(list(numbers))
    return made


def _must_be_owner() -> None:
    if not months.may_remove():
        raise NotOwner


@transaction.atomic
def _retire_month(month: Month, current: Sequence[Rule], now: datetime) -> list[Retirement]:
    _one_at_a_time()
    made, gone = [], list[int]()
    for rule in current:
        older_than = now - timedelta(days=rule.days)
        if month.ends > older_than:
            continue
        found = Event.objects.filter(at__gte=month.begins, at__lt=month.ends, name__in=list(rules.names(rule, current)))
        numbers = _numbers(list(found.values_list("pk", flat=True)), older_than)
        if numbers:
            made.append(_stated(rule, numbers.values(), older_than, now))
            gone += numbers
    if gone:
        months.remove(gone, month)
    return made


def _one_at_a_time() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _numbers(ids: list[int], older_than: datetime) -> dict[int, int]:
    """The numbers of those events that were sealed before this moment; what was sealed later has to wait."""
    if not ids:
        return {}
    wanted, found = set(ids), {}
    seals = Seal.objects.filter(sealed_at__lt=older_than, highest_id__gte=min(ids), lowest_id__lte=max(ids))
    for first, packed in seals.values_list("first", "event_ids").iterator(100):
        found.update({event_id: first + place for place, event_id in enumerate(unpacked(packed)) if event_id in wanted})
    return found


def _stated(rule: Rule, numbers: Iterable[int], older_than: datetime, now: datetime, reason: str = "") -> Retirement:
    """The row that says so, signed, and the event that carries its digest into the chain of seals."""
    gone, before = sorted(numbers), Retirement.objects.order_by("-number").first()
    bits = bits_of(gone, gone[0], gone[-1])
    said = Statement(
        number=before.number + 1 if before else 1,
        rule=str(rule),
        days=rule.days,
        older_than=older_than,
        first=gone[0],
        last=gone[-1],
        count=len(gone),
        digest=hashlib.sha256(bits).hexdigest(),
        previous=line_digest(before),
        retired_at=now,
        key=key_id(own_public_key()),
    )
    made = Retirement(**vars(said), numbers=packed_bits(bits), signature=said.signed())
    made.save(force_insert=True)
    facts = {"rule": made.rule, "gone": made.count, "retirement": made.number, "digest": line_digest(made)}
    record(EventName.EVENTS_RETIRED, reason=reason, after=facts)
    return made
