"""What an administrator may try on a connected system: the connection, and one account."""

from contextlib import closing
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.db.models import F

from accounts.locks import hold
from accounts.models import Account
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from policies.clock import database_now
from policies.connectors.base import Capability, Change, Connector, Failure
from policies.connectors.registry import connector_for
from policies.doubts import doubt
from policies.models import Application, ConnectedSystem, Delivery
from policies.models.deliveries import NEEDS_A_PERSON, DeliveryState
from policies.reconciling import DESIRED, newest
from policies.refusals import refused
from policies.restoring import may_send
from policies.states import ApplicationState

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of a try; `why` is empty when it went well."""

    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return not self.why


def try_connection(system: ConnectedSystem, *, actor: Account) -> Outcome:
    """Whether the system can be reached with its settings; changes nothing there. Never called inside a transaction."""
    require(actor, "site:configure")
    try:
        with closing(connector_for(system)) as connector:
            connector.try_connection()
        outcome = Outcome()
    except Failure as failure:
        outcome = Outcome(failure.why)
    except Exception as error:  # a fault of the connector is an answer, too
        log.exception("connector failed", system=system.code)
        outcome = Outcome(f"unexpected {type(error).__name__}")
    record(EventName.SYSTEM_TRIED, actor=actor, after={"system": system.name_en, "problem": outcome.why})
    return outcome


def send_one(system: ConnectedSystem, account: Account, *, actor: Account) -> Outcome:
    """Tell the system once more what it should know of one account by now. Never called inside a transaction.

    The state is that of the account's MFA use, never one that is chosen here; nothing is told before it is due (R-225).
    """
    require(actor, "site:configure")
    if not may_send():
        raise refused("site-unsure")
    change = _due_change(system, account)
    try:
        with closing(connector_for(system)) as connector:
            if connector.capability == Capability.MAY_APPLY_TWICE:
                raise refused("may-apply-twice")
            change = _about_to_tell(connector, account)
            [answer] = list(connector.apply([change]))
        outcome = Outcome(answer.failure.why if answer.failure else "")
    except Failure as failure:
        outcome = Outcome(failure.why)
    facts = {"system": system.name_en, "state": change.state, "revision": change.revision, "problem": outcome.why}
    record(EventName.DELIVERY_SENT, account=account, actor=actor, after=facts)
    return outcome


@transaction.atomic
def _about_to_tell(connector: Connector, account: Account) -> Change:
    """What is due, under the account's lock. The system may know of it from now on, and may carry it out late: it is told under no lease."""
    hold(account.pk)
    change, now = _due_change(connector.system, account), database_now()
    row = Delivery.objects.filter(account=account, system=connector.system, revision=change.revision)
    if not row.exists():  # whoever is told something has to be told its end, too
        row.create(
            account=account,
            application=newest().get(account=account),
            system=connector.system,
            revision=change.revision,
            desired=change.state,
            planned_at=now,
            due_at=now,
            next_try_at=now,
        )
        change = _due_change(connector.system, account)
    row.filter(state__in=[DeliveryState.WAITING, *NEEDS_A_PERSON]).update(attempt=F("attempt") + 1)
    doubt(row, connector.capability, now)
    return change


def _due_change(system: ConnectedSystem, account: Account) -> Change:
    application = newest().filter(account=account).first()
    if application is None:
        raise refused("nothing-to-send")
    row = Delivery.objects.filter(account=account, system=system, revision=application.revision).first()
    if row and row.state != DeliveryState.SUPERSEDED:
        if row.due_at > database_now():
            raise refused("not-due-yet")
        return Change(account.common_id, row.desired, row.revision, row.key, row.planned_at)
    return _settled_change(application)


def _settled_change(application: Application) -> Change:
    desired = DESIRED.get(ApplicationState(application.state))
    if desired is None:
        raise refused("not-due-yet")
    return Change(application.account.common_id, desired, application.revision, f"mfa-{application.uid}-{application.revision}")
