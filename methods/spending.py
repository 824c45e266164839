"""What texts and calls may cost: limits per number, block of numbers, network and country, and one for all (R-077).

Counted by the worker, in a transaction of its own just before it sends, so that no sign-in waits for the counts of all; whoever
tries again counts nothing. The count that reaches a limit for all or for a country tells the administrators, once, in that
transaction. Other methods are not touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from phonenumber_field.phonenumber import PhoneNumber

from audit.catalogue import EventName
from audit.context import network, where
from audit.record import record
from methods.allowance import everybody
from methods.gateways.base import NeverSent
from methods.models import SendingCount
from methods.notices import tell_staff
from methods.phones import country_of
from methods.whereabouts import is_shared

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TO_A_NUMBER = {HOUR: 10, DAY: 30}
TO_A_BLOCK = {HOUR: settings.MFA_SENDING_TO_BLOCK_PER_HOUR, DAY: 3 * settings.MFA_SENDING_TO_BLOCK_PER_HOUR}  # pumping buys them in blocks
FROM_A_NETWORK = {HOUR: settings.MFA_SENDING_FROM_NETWORK_PER_HOUR, DAY: 4 * settings.MFA_SENDING_FROM_NETWORK_PER_HOUR}
KEPT = timedelta(days=3)
PERIODS = {HOUR: "hour", DAY: "day"}


@dataclass(frozen=True)
class Bound:
    """At most so many texts and calls in a period; `alarms`: the administrators hear when it is reached."""

    scope: str
    key: str
    period: timedelta
    most: int
    alarms: bool = False

    @property
    def name(self) -> tuple[str, str]:
        """As its row is called."""
        return f"{self.scope}-{PERIODS[self.period]}", self.key

    @cached_property
    def since(self) -> datetime:
        """When its period began; once and for all, since the hour may turn while it is counted."""
        now = timezone.now().replace(minute=0, second=0, microsecond=0)
        return now if self.period == HOUR else now.replace(hour=0)


@transaction.atomic
def charge(number: PhoneNumber) -> None:
    """Count one text or call to `number`, asked for from the network at hand; NeverSent when a limit is reached."""
    bounds = sorted(bounds_of(number), key=lambda bound: bound.name)
    rows = _locked(bounds)
    for bound in bounds:
        if rows[bound.name].sent >= bound.most:
            raise NeverSent("sending stopped" if bound.scope == "all" else "sending limited")
    SendingCount.objects.filter(pk__in=[row.pk for row in rows.values()]).update(sent=F("sent") + 1)
    for bound in bounds:
        if bound.alarms and rows[bound.name].sent + 1 == bound.most:
            _alarm(bound)


def is_stopped(number: PhoneNumber) -> bool:
    """Whether nothing more goes out there: looked at again when a text or call leaves, which was counted before."""
    bounds = [bound for bound in bounds_of(number) if bound.alarms]
    rows = {(row.scope, row.key): row.sent for row in _rows(bounds)}
    return any(rows.get(bound.name, 0) > bound.most for bound in bounds)


def bounds_of(number: PhoneNumber) -> list[Bound]:
    """Every limit that a text or call to `number` draws on; the number itself is never in one."""
    e164 = number.as_e164
    telephone = f"{e164};{number.extension}" if number.extension else e164  # the block is the limit of a switchboard
    digest = salted_hmac("sending to", telephone, algorithm="sha256").hexdigest()
    bounds = [
        Bound("all", "", HOUR, settings.MFA_SENDING_PER_HOUR, alarms=True),
        Bound("all", "", DAY, settings.MFA_SENDING_PER_DAY, alarms=True),
        *(Bound("number", digest, period, most) for period, most in TO_A_NUMBER.items()),
        *(Bound("block", e164[:-4], period, most) for period, most in TO_A_BLOCK.items()),
        *(Bound("network", network, period, most) for network in _network() for period, most in FROM_A_NETWORK.items()),
    ]
    country = country_of(number)
    if country != everybody().countries[0]:
        bounds.append(Bound("country", country, DAY, settings.MFA_SENDING_ABROAD_PER_DAY, alarms=True))
    return bounds


def _network() -> list[str]:
    """The network that asks, unless it is the campus or unknown."""
    address = where().address
    return [network()] if address and not is_shared(address) else []


def _rows(bounds: Sequence[Bound]) -> QuerySet[SendingCount]:
    wanted = Q()
    for bound in bounds:
        scope, key = bound.name
        wanted |= Q(scope=scope, key=key, since=bound.since)
    return SendingCount.objects.filter(wanted)


def _locked(bounds: Sequence[Bound]) -> dict[tuple[str, str], SendingCount]:
    """The rows of `bounds`, locked in one order; those that are missing are made before any is locked."""
    known = set(_rows(bounds).values_list("scope", "key"))
    missing = [SendingCount(scope=bound.name[0], key=bound.key, since=bound.since) for bound in bounds if bound.name not in known]
    if missing:
        SendingCount.objects.bulk_create(missing, ignore_conflicts=True)
    return {(row.scope, row.key): row for row in _rows(bounds).select_for_update().order_by("pk")}


def _alarm(bound: Bound) -> None:
    country = bound.key if bound.scope == "country" else ""
    record(EventName.SENDING_STOPPED, after={"country": country, "sent": bound.most} if country else {})
    tell_administrators("sending-stopped", country=country, sent=bound.most)


def tell_administrators(template: str, *, country: str, sent: int, used: int = 0) -> None:
    """A mail to everybody who can change the settings."""
    tell_staff({"administrator"}, template, country=country, sent=sent, used=used)


def clear_old() -> int:
    """Remove counts of periods that are over."""
    return SendingCount.objects.filter(since__lt=timezone.now() - KEPT).delete()[0]
