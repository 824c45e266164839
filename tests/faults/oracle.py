"""What must be true when all is quiet again, from the systems' own record: lost, twice, early, stale, stuck, and the chain."""

from collections import Counter
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from accounts.models import Account
from audit.models import Event
from audit.seals import sealing, verifying
from policies.models import Application, Delivery
from policies.models.deliveries import DeliveryState
from policies.settling import ON_THE_WAY
from policies.states import ApplicationState
from tests.faults.people import People
from tests.faults.site import Site

CLOCKS_DIFFER = 0.05  # seconds: two processes of one machine ask it at different moments
HOLDS = {True: "on", False: "off", None: "off"}
Problems = Counter[str]


def is_quiet() -> bool:
    """Nothing waits, nothing is in hand, nothing is on its way."""
    try:
        waiting = Delivery.objects.filter(state__in=[DeliveryState.WAITING, DeliveryState.SENT]).exists()
        return not (waiting or Application.objects.filter(state__in=ON_THE_WAY).exists())
    except (DatabaseError, InterfaceError):
        connection.close()
        return False


def judge(site: Site, people: People) -> Problems:
    """How often each promise was broken since the site was opened."""
    record = site.record()
    found = Problems()
    found["lost"] = _lost(people) + _not_held(record)
    found["twice"] = _twice(record)
    found["early"] = _early(record)
    found["stale"] = _stale(record)
    found["stuck"] = Delivery.objects.filter(state__in=[DeliveryState.FAILED, DeliveryState.UNSURE]).count()
    found["events"] = _events()
    sealing.seal()
    heads = verifying.check_heads()
    found["chain"] = int(heads.finding is not None) + sum(len(result.findings) for result in verifying.check_events(heads.sound))
    return +found


def _lost(people: People) -> int:
    """Accepted, and not there any more or without an end."""
    ended = {ApplicationState.IN_EFFECT, ApplicationState.WITHDRAWN, ApplicationState.TERMINATED}
    known = {str(uid) for uid in Application.objects.filter(state__in=ended).values_list("uid", flat=True)}
    return len(set(people.accepted) - known)


def _not_held(record: dict[str, Any]) -> int:
    """Systems that hold another state of an account than they should."""
    holds = {(system, account): state for system, account, state, _revision in record["holds"]}
    holds |= {("states", account): HOLDS[value] for account, value in record["states"].items()}
    holds |= {("local", name): HOLDS[asked] for name, asked in Account.objects.values_list("common_id", "mfa_asked_here")}
    wrong = 0
    for account, state in desired().items():
        wrong += sum(holds.get((system, account), "off") != state for system in ("keyed", "batches", "states", "local"))
    return wrong


def desired() -> dict[str, str]:
    """What every system should hold, by the newest application of each account."""
    rows = Application.objects.order_by("revision").values_list("account__common_id", "state")
    return {account: "on" if state == ApplicationState.IN_EFFECT else "off" for account, state in rows}


def _twice(record: dict[str, Any]) -> int:
    effects = Counter((one["system"], one["account"], one["revision"]) for one in record["effects"])
    return sum(times - 1 for times in effects.values())


def _early(record: dict[str, Any]) -> int:
    rows = Delivery.objects.values_list("system__code", "account__common_id", "revision", "due_at")
    due = {(system, account, revision): moment.timestamp() for system, account, revision, moment in rows}
    early = sum(one["at"] < due[one["system"], one["account"], one["revision"]] - CLOCKS_DIFFER for one in record["effects"])
    return early + sum(row.confirmed_at < row.due_at for row in Delivery.objects.filter(state=DeliveryState.CONFIRMED) if row.confirmed_at)


def _stale(record: dict[str, Any]) -> int:
    """An older revision that took effect after a newer one."""
    newest: dict[tuple[str, str], int] = {}
    stale = 0
    for one in record["effects"]:
        who = (one["system"], one["account"])
        stale += one["revision"] < newest.get(who, 0)
        newest[who] = max(one["revision"], newest.get(who, 0))
    return stale


def _events() -> int:
    """Each change of state has exactly one event, each confirmation one."""
    counted = Counter(Event.objects.values_list("name", flat=True))
    expected = {
        "application:in-effect": Application.objects.exclude(settled_at=None).count(),
        "application:withdrawn": Application.objects.filter(state=ApplicationState.WITHDRAWN).count(),
        "application:terminated": Application.objects.filter(state=ApplicationState.TERMINATED).count(),
        "delivery:confirmed": Delivery.objects.filter(state=DeliveryState.CONFIRMED).count() + counted["delivery:repeated"],
    }
    return sum(counted[name] != number for name, number in expected.items())
