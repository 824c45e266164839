"""After a restore from a backup nothing is sent until an administrator has seen how the systems differ, and confirms (R-240)."""

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Greatest

from accounts.models import Account
from accounts.roles import require
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from audit.seals.outside import remember
from audit.seals.sealing import newest
from methods.ending import end_what_waits
from policies.clock import database_now
from policies.homes import Doubt, doubt, home, is_time_to_look, place
from policies.models import Application, Comparison, ConnectedSystem, Home
from policies.refusals import refused

log = structlog.get_logger(__name__)
AHEAD = 1000  # more changes of one account than can have been lost


def may_send() -> bool:
    """Whether anything may be passed on to a connected system; looks around from time to time."""
    if is_time_to_look() or not Home.objects.exists():
        look_around()
    return Home.objects.filter(unsure_since=None).exists()


def look_around() -> None:
    """Enter the mode in which systems are only read when this may not be the site as it was."""
    row = home()
    if row.unsure_since is not None:
        return
    found = doubt(row)
    if found:
        _enter(found)
    else:
        remember()


@transaction.atomic
def _enter(found: Doubt) -> None:
    """Once. Whoever is signed in, every code and pass may come from a time that was lost: they count no longer.

    What people and staff do from now on is newer than anything that was lost: it waits for the confirmation, and systems take it then.
    """
    point = Event.objects.order_by("-id").values_list("at", flat=True).first()
    last = newest()
    missing = max(0, found.missing - (last.last if last else 0))
    facts = {"why": found.why, "restore_point": point, "missing": missing}
    floor = Greatest(F("revision_floor"), _highest_revision()) + AHEAD
    if not Home.objects.filter(unsure_since=None).update(unsure_since=database_now(), revision_floor=floor, **facts):
        return
    Account.objects.update(epoch=F("epoch") + 1, methods_version=F("methods_version") + 1)
    end_what_waits()
    ConnectedSystem.objects.update(reconciled_at=None, drift=None, unknown_there=None)
    Comparison.objects.all().delete()
    log.error("restored or copied: nothing is sent until an administrator confirms", why=found.why)
    record(EventName.SITE_RESTORED, after=facts | {"restore_point": point.isoformat() if point else ""})


def _highest_revision() -> int:
    return Application.objects.aggregate(highest=Max("revision"))["highest"] or 0


def not_compared() -> list[ConnectedSystem]:
    """The systems of which it is not known yet how they differ; those that are stopped or not enabled are left out."""
    since = home().unsure_since
    waiting = Q(reconciled_at=None) | Q(reconciled_at__lt=since)
    return list(ConnectedSystem.objects.filter(waiting, enabled=True, stopped_reason="")) if since else []


@transaction.atomic
def confirm_site(*, actor: Account | None, reason: str) -> None:
    """From now on this is the site, and changes are passed on again; `actor` None is whoever runs the machine."""
    if actor is not None:
        require(actor, "site:configure", reason=reason)
    row = Home.objects.select_for_update().filter(pk=1).exclude(unsure_since=None).first()
    if row is None:
        raise refused("site-is-sure")
    if not_compared():
        raise refused("not-compared")
    before = {"why": row.why, "since": row.unsure_since.isoformat() if row.unsure_since else "", "missing": row.missing}
    row.place, row.instance, row.confirmed_at = place(), settings.MFA_INSTANCE, database_now()
    row.revision_floor = max(row.revision_floor, _highest_revision()) + AHEAD  # also of what another copy has told until now
    row.unsure_since, row.why, row.missing = None, "", 0
    row.save()
    record(EventName.SITE_CONFIRMED, actor=actor, reason=reason, before=before)
    transaction.on_commit(remember)
