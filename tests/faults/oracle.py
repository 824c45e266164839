"""What must be true when all is quiet again, from the systems' own record: lost, twice, early, stale, stuck, and the chain.

`effects` are what systems that know keys and revisions applied; `turns` (`turns.py`) are what systems that know neither were changed to.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q

from accounts.models import Account
from audit.models import Event
from audit.seals import sealing, verifying
from policies.models import Application, ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState
from policies.settling import ON_THE_WAY
from policies.states import ApplicationState
from tests.faults.turns import Kind, Moves, explained, is_early, named

ENDED = {ApplicationState.IN_EFFECT, ApplicationState.WITHDRAWN, ApplicationState.TERMINATED}
HOLDS = {True: "on", False: "off"}
LOOKS = 3
Problems = Counter[str]
Record = dict[str, Any]


@dataclass(frozen=True)
class Promised:
    """What people were told: applications by their uid, and accounts whose page said that they have applied."""

    applications: Sequence[str] = ()
    accounts: Sequence[str] = ()
    moved: Moves = ()


def is_quiet() -> bool:
    """Nothing waits, nothing is in hand, nothing is on its way, nothing is in doubt."""
    try:
        unfinished = Q(state__in=[DeliveryState.WAITING, DeliveryState.SENT]) | Q(doubted_at__isnull=False)
        waiting = Delivery.objects.filter(unfinished).exists()
        return not (waiting or Application.objects.filter(state__in=ON_THE_WAY).exists())
    except (DatabaseError, InterfaceError):
        connection.close()
        return False


def judge(record: Record, promised: Promised) -> Problems:
    """How often each promise was broken since the site was opened."""
    found = Problems()
    found["lost"] = _lost(promised) + _not_held(record)
    found["twice"] = _twice(record) + _applied_twice()
    turns = Counter(turn.kind for turn in explained(record, promised.moved))
    found["early"] = _early(record, promised.moved) + turns[Kind.EARLY]
    found["stale"] = _stale(record) + turns[Kind.STALE]
    found["stuck"] = Delivery.objects.filter(state__in=[DeliveryState.FAILED, DeliveryState.UNSURE]).count()
    found["stopped"] = ConnectedSystem.objects.exclude(stopped_reason="").count()
    found["events"] = _events()
    found["chain"] = _chain()
    return +found


def _lost(promised: Promised) -> int:
    """Accepted, and not there any more or without an end."""
    known = {str(uid) for uid in Application.objects.filter(state__in=ENDED).values_list("uid", flat=True)}
    seen = set(Application.objects.filter(state__in=ENDED).values_list("account__common_id", flat=True))
    return len(set(promised.applications) - known) + len(set(promised.accounts) - seen)


def _not_held(record: Record) -> int:
    """Systems that hold another state of an account than they should."""
    holds = {(system, account): state for system, account, state in record["holds"]}
    holds |= {("local", name): HOLDS[asked] for name, asked in Account.objects.values_list("common_id", "mfa_asked_here")}
    systems = list(ConnectedSystem.objects.values_list("code", flat=True))
    return sum(holds.get((system, account), "off") != state for account, state in desired().items() for system in systems)


def desired() -> dict[str, str]:
    """What every system should hold, by the newest application of each account."""
    rows = Application.objects.order_by("revision").values_list("account__common_id", "state")
    return {account: "on" if state == ApplicationState.IN_EFFECT else "off" for account, state in rows}


def _twice(record: Record) -> int:
    effects = Counter((one["system"], one["account"], one["revision"]) for one in record["effects"])
    return sum(times - 1 for times in effects.values())


def _applied_twice() -> int:
    """Whoever presses SAVE more than once has applied once: in the harness nobody applies again."""
    submitted = Event.objects.filter(name="application:submitted").values_list("account_id", flat=True)
    return sum(times - 1 for times in Counter(submitted).values())


def _early(record: Record, moved: Moves) -> int:
    """Told before its time, by the clock that the rows had then; or confirmed before it."""
    rows = Delivery.objects.values_list("system__code", "account__common_id", "revision", "due_at")
    due = {(system, account, revision): moment.timestamp() for system, account, revision, moment in rows}
    early = sum(is_early(due[one["system"], one["account"], one["revision"]], one["at"], moved) for one in record["effects"])
    return early + sum(row.confirmed_at < row.due_at for row in Delivery.objects.filter(state=DeliveryState.CONFIRMED) if row.confirmed_at)


def _stale(record: Record) -> int:
    """An older revision that took effect after a newer one."""
    newest: dict[tuple[str, str], int] = {}
    stale = 0
    for one in record["effects"]:
        who = (one["system"], one["account"])
        stale += one["revision"] < newest.get(who, 0)
        newest[who] = max(one["revision"], newest.get(who, 0))
    return stale


def _events() -> int:
    """Each change of state has exactly one event, each confirmation one.

    What is missing stays missing. These questions are not of one moment, while MFA use may come back by itself: they are asked again.
    """
    return min(_miscounted() for _time in range(LOOKS))


def _miscounted() -> int:
    counted = Counter(Event.objects.values_list("name", flat=True))
    expected = {
        "application:in-effect": Application.objects.exclude(settled_at=None).count(),
        "application:withdrawn": Application.objects.filter(state=ApplicationState.WITHDRAWN).count(),
        "application:terminated": Application.objects.filter(state=ApplicationState.TERMINATED).count(),
        "delivery:confirmed": Delivery.objects.filter(state=DeliveryState.CONFIRMED).count() + _confirmed_before(),
    }
    return sum(counted[name] != number for name, number in expected.items())


def _confirmed_before() -> int:
    """How many confirmations are told again; what a system was never told is told for the first time, though by the same event."""
    return sum(_was_confirmed(event) for event in Event.objects.filter(name="delivery:repeated"))


def _was_confirmed(repeated: Event) -> bool:
    before = Event.objects.filter(name="delivery:confirmed", account_id=repeated.account_id, id__lt=repeated.pk)
    return any(named(event) == named(repeated) for event in before)


def _chain() -> int:
    sealing.seal()
    heads = verifying.check_heads()
    return int(heads.finding is not None) + sum(len(result.findings) for result in verifying.check_events(heads.sound))
