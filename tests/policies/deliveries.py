"""What the tests of passing on share: looking at a delivery, making some that are due, passing them on."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.db.models import F

from accounts.models import Account
from policies.claims import due_systems
from policies.clock import database_now
from policies.connectors.base import Answer, Change, Kept
from policies.connectors.local import LocalConnector
from policies.models import Application, ConnectedSystem, Delivery
from policies.propagation import pass_on, release_system
from policies.restoring import may_send

FAR = 1e9


def release() -> None:
    """Pass on what is due to every system, one after the other; workers do each system in a task of its own."""
    if may_send():
        for code in due_systems():
            release_system(code)


class Says(LocalConnector):
    """Tells nobody, and gives this answer."""

    failure: Kept | None = None

    def apply(self, changes: Sequence[Change]) -> Iterator[Answer]:
        yield from (Answer(change, self.failure) for change in changes)


def answered(row: Delivery, failure: Kept | None = None) -> None:
    """The system says this of a change that was taken in hand."""
    connector = Says(row.system)
    connector.failure = failure
    pass_on(connector, [row], over=FAR)


def wait(minutes: float) -> None:
    """Let so much time pass for every delivery, as the database's clock tells it."""
    ago = timedelta(minutes=minutes)
    Delivery.objects.update(
        due_at=F("due_at") - ago,
        next_try_at=F("next_try_at") - ago,
        planned_at=F("planned_at") - ago,
        lease_until=F("lease_until") - ago,
        first_sent_at=F("first_sent_at") - ago,
        doubted_at=F("doubted_at") - ago,
    )
    ConnectedSystem.objects.update(paused_until=F("paused_until") - ago)


def of(code: str) -> Delivery:
    """The newest delivery to a system."""
    return Delivery.objects.filter(system__code=code).latest("revision")


def local() -> LocalConnector:
    """The connector to the site's own sign-in."""
    return LocalConnector(ConnectedSystem.objects.get(code="local"))


def planned(system: ConnectedSystem, *accounts: Account, revision: int = 1, desired: str = "on") -> None:
    """One delivery, due since a moment, for each of these accounts."""
    now = database_now() - timedelta(seconds=1)
    facts = {"revision": revision, "text_version": "x", "tested_at": now, "submitted_at": now}
    due = {"revision": revision, "desired": desired, "planned_at": now, "due_at": now, "next_try_at": now}
    for account in accounts:
        application = Application.objects.create(account=account, **facts)
        Delivery.objects.create(account=account, application=application, system=system, **due)


def many_due(count: int) -> None:
    """So many accounts, each with one delivery to this site's own sign-in, due since a moment."""
    now, system = database_now() - timedelta(seconds=1), ConnectedSystem.objects.get(code="local")
    accounts = Account.objects.bulk_create(Account(common_id=f"3{number:09}") for number in range(count))
    facts = {"revision": 1, "text_version": "x", "tested_at": now, "submitted_at": now}
    applications = Application.objects.bulk_create(Application(account=account, **facts) for account in accounts)
    Delivery.objects.bulk_create(
        Delivery(account=one.account, application=one, system=system, revision=1, desired="on", planned_at=now, due_at=now, next_try_at=now)
        for one in applications
    )
