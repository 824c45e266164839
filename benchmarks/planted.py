"""What detectors look for, among the events of many_events.py: so much of each kind within the last month, and what comes near it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from methods.kinds.phone.models import PhoneDevice
from policies.models import Application, Termination
from policies.models.applications import TerminationState
from policies.states import ApplicationState

EACH = 200
FIRST = 900_000  # ids of accounts
CAMPUS_OUTSIDE, AT_HOME = "203.0.113.7", "198.51.100.{}"
WORK = (
    EventName.ACTION_APPROVED, EventName.TERMINATION_APPROVED, EventName.BULK_APPROVED, EventName.OUTAGE_BEGUN, EventName.POLICY_SWITCHED_ON,
)  # fmt: skip


OWED = {"swapped-methods": EACH, "reset-new-network": EACH, "password-only": EACH, "busy-agent": 1, "same-pair": 4}
OWED |= {"shared-number": 50, "long-termination": 29}


def planted() -> dict[str, int]:
    """Put it there, unless it is; how many findings each detector owes."""
    if not Account.objects.filter(pk=FIRST).exists():
        Account.objects.bulk_create(Account(pk=FIRST + number, common_id=f"{FIRST + number:010d}") for number in range(3 * EACH))
        now = timezone.now()
        events = [*_swapped(now), *_reset(now), *_password_only(now), *_busy(now), *_pairs(now)]
        Event.objects.bulk_create(sorted(events, key=lambda one: one.at), batch_size=1000)  # ids grow with time, as they do on a site
        _plant_rows(now)
    return OWED


def _event(name: EventName, account: int, at: datetime, *, actor: int = 0, **fields: Any) -> Event:
    by = actor or account
    who = {"account_id": account, "account_label": f"{account:010d}", "actor_id": by, "actor_label": f"{by:010d}"}
    return Event(name=name, at=at, actor_kind="staff" if actor else "self", **who | fields)


def _swapped(now: datetime) -> Iterator[Event]:
    for number in range(EACH):
        at = now - timedelta(days=number % 30 + 1)
        yield _event(EventName.METHOD_REGISTERED, FIRST + number, at, verified_with="totp", after={"name": "new", "kind": "totp"})
        yield _event(EventName.METHOD_REMOVED, FIRST + number, at + timedelta(minutes=9), before={"name": "old", "kind": "phone"})


def _reset(now: datetime) -> Iterator[Event]:
    for number in range(EACH):
        account, at = FIRST + EACH + number, now - timedelta(days=number % 20 + 5)
        yield _event(EventName.SIGNIN_SUCCEEDED, account, at - timedelta(days=9), address=AT_HOME.format(number % 250))
        yield _event(EventName.METHODS_RESET, account, at, actor=100_000 + number % 40)
        yield _event(EventName.SIGNIN_SUCCEEDED, account, at + timedelta(hours=3), address=CAMPUS_OUTSIDE)


def _password_only(now: datetime) -> Iterator[Event]:
    """Of people who had a method already."""
    for number in range(EACH):
        account = FIRST + 2 * EACH + number
        first = now - timedelta(days=200)
        yield _event(EventName.METHOD_REGISTERED, account, first, verified_with="totp", attempt=f"first-{number}", after={"name": "a"})
        at = now - timedelta(days=number % 30 + 1)
        yield _event(EventName.METHOD_REGISTERED, account, at, attempt=f"then-{number}", address=CAMPUS_OUTSIDE, after={"name": "b"})


def _busy(now: datetime) -> Iterator[Event]:
    for number in range(20 * EACH):
        yield _event(EventName.ACCOUNT_UNLOCKED, FIRST + number % EACH, now - timedelta(minutes=number), actor=100_000)


def _pairs(now: datetime) -> Iterator[Event]:
    """Four pairs that decide on everything together, and many who never do twice."""
    for number in range(20 * EACH):
        asker, second = (f"{100_000 + number % 4:010d}", f"{100_010 + number % 4:010d}")
        if number >= 4 * 50:
            asker, second = f"asker {number % 400}", f"second {number}"
        both = {"requested_by": asker, "approved_by": second}
        yield _event(WORK[number % len(WORK)], FIRST + number % EACH, now - timedelta(hours=number % 4000), actor=100_001, after=both)


def _plant_rows(now: datetime) -> None:
    """Telephones and terminations lie in tables of their own."""
    people = list(Account.objects.filter(pk__gte=FIRST).order_by("pk")[: 3 * EACH])
    numbers = [f"+8190555{number // 3:05d}" for number in range(150)]
    PhoneDevice.objects.bulk_create(
        PhoneDevice(user=one, name="Phone", confirmed=True, number=number, ending=number[-4:])
        for one, number in zip(people, numbers, strict=False)
    )
    asker, second = people[0], people[1]
    known = {"state": ApplicationState.TERMINATED, "revision": 1, "submitted_at": now, "tested_at": now}
    uses = Application.objects.bulk_create(Application(account=one, **known) for one in people[:60])
    decided = {
        "state": TerminationState.APPROVED,
        "requested_by": asker,
        "decided_by": second,
        "snapshot": {},
        "requested_at": now,
        "expires_at": now,
    }
    Termination.objects.bulk_create(
        Termination(application=use, decided_at=now - timedelta(days=60 + number), ends_at=now, **decided)
        for number, use in enumerate(uses)
    )
