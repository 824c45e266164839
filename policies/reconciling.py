"""What a connected system should hold against what it holds (R-232): reported always, repaired only when asked and within a cap.

A system that was enabled later learns of the accounts already in effect in the same way, a few at a time.
"""

import uuid
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.locks import hold
from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from policies.clock import database_now
from policies.connectors.base import Connector
from policies.connectors.registry import connector_for
from policies.homes import only_reads
from policies.models import Application, Comparison, ConnectedSystem, Delivery
from policies.models.comparisons import Part
from policies.models.deliveries import DONE, NEEDS_A_PERSON, DeliveryState, Desired
from policies.planning import next_revision, revision_floor
from policies.states import ApplicationState
from policies.systems import settings_are_current

PORTION = 100
PER_MINUTE = 600  # unless the system says otherwise
DESIRED = {
    ApplicationState.IN_EFFECT: Desired.ON,
    ApplicationState.WITHDRAWN: Desired.OFF,
    ApplicationState.TERMINATED: Desired.OFF,
}
ON_ITS_WAY = {DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNSURE}


@dataclass(frozen=True)
class Difference:
    """One account on which a system differs: what it should hold and what it does (nothing: it was never told, or nobody knows)."""

    application: Application
    desired: Desired
    actual: str
    since: datetime  # what was told later the system was not asked about

    @property
    def account(self) -> Account:
        """Whose MFA use it is."""
        return self.application.account


@dataclass
class Report:
    """What a comparison found."""

    system: ConnectedSystem
    compared: int = 0
    differing: list[Difference] = field(default_factory=list)
    unknown: list[Account] = field(default_factory=list)  # should use MFA, and the system does not know them
    repaired: int = 0
    strangers: list[str] = field(default_factory=list)  # use MFA there and have no application here: asked for after a restore alone

    @property
    def drift(self) -> int:
        """How many accounts are not as they should be. Of whom the system says nothing certain, they are said, and no drift: telling it again helps nobody."""
        return len(self.differing) + len(self.strangers) - self.repaired


@dataclass(frozen=True)
class Place:
    """How far a comparison has come: after the account `last`, which is a key."""

    part: Part = Part.SETTLED
    last: int = 0


def compare(system: ConnectedSystem) -> Report:
    """Ask the system for every account whose MFA use is settled; changes nothing. Transient or Configuration when it cannot be asked."""
    report = Report(system)
    with closing(connector_for(system)) as connector:
        place: Place | None = Place()
        while place:
            place = next_portion(connector, place, report)
    keep_findings(system, compared=report.compared, drift=report.drift, unknown=len(report.unknown))
    return report


def next_portion(connector: Connector, place: Place, report: Report) -> Place | None:
    """Compare some accounts; where the next ones begin, None after the last."""
    if place.part == Part.STRANGERS:
        last = _strangers(connector, place.last, report)
        return Place(Part.STRANGERS, last) if last else None
    found = newest().filter(account_id__gt=place.last, state__in=list(DESIRED)).order_by("account_id")[:PORTION]
    if applications := list(found):
        _compare(connector, applications, report)
        return Place(Part.SETTLED, applications[-1].account_id)
    return Place(Part.STRANGERS) if connector.reads_back and only_reads() else None


@transaction.atomic
def keep_findings(system: ConnectedSystem, *, compared: int, drift: int, unknown: int) -> None:
    """Keep what was found, in place of what is still being found. What was read by settings that have been changed meanwhile stands on no page."""
    if settings_are_current(system):
        Comparison.objects.filter(system=system).delete()
        ConnectedSystem.objects.filter(pk=system.pk).update(reconciled_at=database_now(), drift=drift, unknown_there=unknown)
    record(EventName.SYSTEM_COMPARED, after={"system": system.name_en, "compared": compared, "drift": drift, "not_known": unknown})


def newest() -> QuerySet[Application]:
    """The newest application of each account that has not left."""
    newer = Application.objects.filter(account=OuterRef("account"), revision__gt=OuterRef("revision"))
    return Application.objects.filter(~Exists(newer), account__left_at=None).select_related("account")


def _compare(connector: Connector, applications: list[Application], report: Report) -> None:
    since, differing = database_now(), list[Difference]()
    rows = _deliveries(connector.system, applications)
    on_its_way = {(row.account_id, row.revision) for row in rows if row.state in ON_ITS_WAY}
    settled = [one for one in applications if (one.account_id, one.revision) not in on_its_way]
    told = _told(rows)
    actual = connector.read([one.account.common_id for one in settled]) if connector.reads_back and settled else {}
    for one in settled:
        report.compared += 1
        desired, stands = DESIRED[ApplicationState(one.state)], actual.get(one.account.common_id, "")
        if not connector.reads_back:
            stands = told.get(one.account_id, "" if desired == Desired.ON else desired)
        elif not stands:
            report.unknown += [one.account] if desired == Desired.ON else []
            continue
        if stands != desired:
            differing.append(Difference(one, desired, stands, since))
    report.differing += _unchanged(connector.system, differing, since)


def _unchanged(system: ConnectedSystem, differing: list[Difference], since: datetime) -> list[Difference]:
    """Those about whom nothing was decided and the system was told nothing while it was asked: for the others no answer is certain."""
    if not differing:
        return []
    on_its_way = Q(revision=OuterRef("revision"), state__in=ON_ITS_WAY)
    told = Delivery.objects.filter(
        on_its_way | Q(planned_at__gt=since) | Q(confirmed_at__gt=since), account=OuterRef("account"), system=system
    )
    same = newest().filter(~Exists(told), pk__in=[one.application.pk for one in differing])
    still = set(same.values_list("pk", "state", "revision"))
    return [one for one in differing if (one.application.pk, one.application.state, one.application.revision) in still]


def _strangers(connector: Connector, last: int, report: Report) -> int:
    """Who uses MFA in the system without an application, as it was lost: of the next accounts after `last`; the last of them, 0 without any."""
    none = ~Exists(Application.objects.filter(account=OuterRef("pk")))
    accounts = Account.objects.filter(none, left_at=None, pk__gt=last).order_by("pk").values_list("pk", "common_id")
    found = dict(accounts[:PORTION])
    states = connector.read(list(found.values())) if found else {}
    report.strangers += [name for name in found.values() if states.get(name) == Desired.ON]
    return max(found, default=0)


def _deliveries(system: ConnectedSystem, applications: list[Application]) -> list[Delivery]:
    """Whatever the system was told of these accounts or is to be told, the oldest first."""
    rows = Delivery.objects.filter(system=system, account__in=[one.account_id for one in applications])
    return list(rows.order_by("revision").only("account_id", "revision", "desired", "state", "attempt"))


def _told(rows: list[Delivery]) -> dict[int, str]:
    """What a system that cannot be asked holds of each account: what it took last, and nothing where nobody knows whether it took the last."""
    return {row.account_id: row.desired if row.state in DONE else "" for row in rows if row.attempt or row.state in DONE}


def repair(report: Report, *, cap: int) -> int:
    """Plan a delivery for each difference, paced; none at all when there are more than `cap`: then somebody should look first."""
    if len(report.differing) > cap:
        return 0
    now = database_now()
    pace = timedelta(minutes=1) / (report.system.per_minute or PER_MINUTE)
    for difference in report.differing:
        report.repaired += _plan_again(report.system, difference, due=now + report.repaired * pace)
    return report.repaired


def _is_told(row: Delivery, since: datetime) -> bool:
    """Whether the system is told anyway, or was after it had been asked; otherwise two runs side by side would tell it twice."""
    return row.state in ON_ITS_WAY or (row.confirmed_at or since) > since


@transaction.atomic
def _plan_again(system: ConnectedSystem, difference: Difference, *, due: datetime) -> bool:
    """Under the account's lock, and only if everything is still as it was when it was compared."""
    account, seen = hold(difference.account.pk), difference.application
    fresh = newest().filter(account=account, pk=seen.pk, state=seen.state, revision=seen.revision).first()
    row = Delivery.objects.select_for_update(of=("self",)).filter(account=account, system=system, revision=seen.revision).first()
    if fresh is None or (row and _is_told(row, difference.since)):
        return False
    if fresh.revision <= revision_floor():
        row, fresh.revision = None, next_revision(account)  # the system may know one that a restore has lost
        fresh.save(update_fields=["revision"])
    row = row or Delivery(account=account, application=fresh, system=system, revision=fresh.revision)
    older = Delivery.objects.filter(account=account, system=system, revision__lt=fresh.revision, state__in=NEEDS_A_PERSON)
    older.update(state=DeliveryState.SUPERSEDED)
    row.uid = uuid.uuid4()  # a system that knows the old key would take it for done
    row.desired, row.state = difference.desired, DeliveryState.WAITING
    row.planned_at, row.due_at, row.next_try_at = database_now(), due, due
    row.failures, row.lost, row.first_sent_at, row.confirmed_at, row.last_answer = 0, 0, None, None, ""
    row.save()
    after = {"system": system.name_en, "state": difference.desired, "revision": fresh.revision}
    record(EventName.DELIVERY_REPEATED, account=account, before={"state": difference.actual}, after=after)
    return True
