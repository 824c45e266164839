"""Which systems learn of a new revision, and when (R-220, R-227). Called under the account's lock."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter

from django.db.models import Max, Q

from accounts.models import Account
from policies.connectors.registry import gathering
from policies.models import Application, ConnectedSystem, Delivery, Home
from policies.models.deliveries import DONE, NEEDS_A_PERSON, DeliveryState, Desired

NO_WAIT = timedelta(0)
AHEAD = timedelta(hours=1)  # what protects somebody at once goes before whatever else has become due for so long


def enabled_systems() -> list[ConnectedSystem]:
    """The systems that are told of every change."""
    return list(ConnectedSystem.objects.filter(enabled=True))


def systems_to_tell(account: Account) -> list[ConnectedSystem]:
    """The enabled ones, and any that was ever told something of this account: switched off for a while, it learns the rest when it is back."""
    told = Delivery.objects.filter(account=account, attempt__gt=0).values("system")
    return list(ConnectedSystem.objects.filter(Q(enabled=True) | Q(pk__in=told)))


def longest_wait(systems: Iterable[ConnectedSystem]) -> timedelta:
    """Until the last of these systems is told of a change that is made now: its window, and for how long it gathers changes first (S-91)."""
    return max((system.window + gathering(system) for system in systems), default=timedelta())


def next_revision(account: Account) -> int:
    """One more than any revision this account has had, over all its applications, also those that a restore has lost."""
    last = Application.objects.filter(account=account).aggregate(last=Max("revision"))["last"]
    return max(last or 0, account.mfa_asked_revision, revision_floor()) + 1


def revision_floor() -> int:
    """Up to here connected systems may know revisions that a restore has lost."""
    return Home.objects.values_list("revision_floor", flat=True).first() or 0


def supersede(account: Account) -> list[Delivery]:
    """Take back what has not been started or needs a person; returns every delivery of the account, locked."""
    rows = list(Delivery.objects.select_for_update(of=("self",)).select_related("system").filter(account=account).order_by("pk"))
    back = [row for row in rows if row.state in {DeliveryState.WAITING, *NEEDS_A_PERSON}]
    for row in back:
        row.state = DeliveryState.SUPERSEDED
    Delivery.objects.bulk_update(back, ["state"])
    return rows


def still_asking(deliveries: Iterable[Delivery]) -> list[ConnectedSystem]:
    """The systems that may ask an account for a verification: told so at any revision, and none has confirmed the reverse since.

    `deliveries` are all of the account: the reverse of an earlier MFA use may have been taken back before it arrived. Nor does
    the reverse count while an older revision is in doubt: it may be carried out after it.
    """
    asking: dict[int, ConnectedSystem] = {}
    doubted: set[int] = set()
    for row in sorted(deliveries, key=attrgetter("revision")):
        if row.desired == Desired.ON and row.attempt:
            asking[row.system_id] = row.system
            if row.doubted_at:
                doubted.add(row.system_id)
        elif row.desired == Desired.OFF and row.state in DONE and row.system_id not in doubted:
            asking.pop(row.system_id, None)
    return list(asking.values())


def plan(
    application: Application,
    desired: Desired,
    systems: Iterable[ConnectedSystem],
    *,
    now: datetime,
    at_once: bool = False,
    wait: timedelta = NO_WAIT,
) -> None:
    """One delivery per system for the application's revision, due after the system's window unless `at_once`; after `wait` before it."""
    deliveries, expedited = [], at_once and desired == Desired.ON
    for system in systems:
        due = now if at_once else now + wait + system.window
        deliveries.append(
            Delivery(
                account_id=application.account_id,
                application=application,
                system=system,
                revision=application.revision,
                desired=desired,
                planned_at=now,
                due_at=due,
                next_try_at=due - AHEAD if expedited else due,
            )
        )
    Delivery.objects.bulk_create(deliveries)


def plan_anew(delivery: Delivery, account: Account, *, now: datetime) -> int:
    """Under which revision it is told: a new one where a system may know a newer one that a restore has lost, and would refuse it for good.

    Then all of the revision is planned once more, for the same systems and never early: an application is settled at one revision.
    Where that has a new one already, the system joins it.
    """
    application = Application.objects.filter(account=account).latest("revision")
    if delivery.revision > revision_floor():
        return delivery.revision
    if delivery.revision != application.revision:
        return _join(application, delivery, now)
    rows = [row for row in supersede(account) if row.revision == delivery.revision]
    application.revision = next_revision(account)
    application.save(update_fields=["revision"])
    were_due = all(row.due_at <= now for row in rows)
    plan(application, Desired(delivery.desired), [row.system for row in rows], now=now, at_once=were_due)
    return application.revision


def _join(application: Application, delivery: Delivery, now: datetime) -> int:
    """The system learns the application at its revision of now, under which others have been told it already."""
    others = Delivery.objects.filter(application=application, revision=application.revision)
    joins = delivery.application_id == application.pk and others.filter(desired=delivery.desired).exists()
    if not joins or others.filter(system=delivery.system_id).exists():
        return delivery.revision
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.SUPERSEDED)
    plan(application, Desired(delivery.desired), [delivery.system], now=now, at_once=True)
    return application.revision
