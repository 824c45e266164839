"""The connected systems: making them known, stopping one, resuming it."""

from datetime import datetime
from typing import Any

import structlog
from django.apps import apps as installed
from django.apps.registry import Apps
from django.db import transaction

from accounts.models import Account
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from policies.clock import database_now
from policies.connectors.sentences import BY_HAND
from policies.models import Comparison, ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState
from policies.refusals import refused
from vault.fields import seal, unseal
from vault.keyring import CannotOpen

log = structlog.get_logger(__name__)

LOCAL: dict[str, Any] = {
    "connector": "local",
    "name_en": "Sign-in of this site",
    "name_ja": "本サイトのサインイン",
    "used_for_en": "Security info, user menu",
    "used_for_ja": "セキュリティ情報、利用者メニュー",
    "takes_security_keys": True,
    "batch_size": 200,  # one transaction for all of them
}


def ensure_local(apps: Apps = installed, **_signal: object) -> None:
    """Make the site's own sign-in a connected system; after each migration or flush, so that no installation is without it."""
    try:
        model = apps.get_model("policies", "ConnectedSystem")
    except LookupError:
        return
    model.objects.get_or_create(code="local", defaults=LOCAL)


@transaction.atomic
def ensure_system(code: str, *, connector: str, name_en: str, name_ja: str, secret: str = "", **settings: Any) -> ConnectedSystem:
    """The system with this code as described here, made or brought up to date; `settings` are further columns."""
    described = settings | {"connector": connector, "name_en": name_en, "name_ja": name_ja}
    was = ConnectedSystem.objects.filter(code=code).first()
    system = ConnectedSystem.objects.select_for_update().filter(code=code).first() or ConnectedSystem(code=code)
    before = {name: getattr(system, name) for name in described}
    if system.pk and before == described and _secret(system) == secret:
        return system
    for name, value in described.items():
        setattr(system, name, value)
    if secret:
        seal(system, "credentials", secret.encode())
    system.full_clean()
    system.save()
    take_up(system, was=was)
    record(EventName.SYSTEM_CHANGED, after={"system": name_en} | described)
    return system


def settings_are_current(system: ConnectedSystem) -> bool:
    """Whether the system is still spoken to as when it was read; it stays so until the end of the transaction."""
    return ConnectedSystem.objects.select_for_update(no_key=True).get(pk=system.pk).is_spoken_to_like(system)


def _secret(system: ConnectedSystem) -> str:
    try:
        return unseal(system, "credentials").decode()
    except CannotOpen:
        return ""


@transaction.atomic
def stop(system: ConnectedSystem, why: str) -> None:
    """Pass nothing on to a system whose settings are wrong; once per stop. The alarm tells the administrators.

    Nothing happens when they have been corrected while the system was spoken to by those in `system`.
    """
    if not settings_are_current(system) or not _stop(system, stopped_reason=why):
        return
    log.error("system stopped", system=system.code, why=why)
    record(EventName.SYSTEM_STOPPED, after={"system": system.name_en, "problem": why})


@transaction.atomic
def stop_by_hand(system: ConnectedSystem, *, actor: Account, reason: str) -> None:
    """Pass nothing on to a system until it is resumed; what is being told at this moment is told."""
    require(actor, "site:configure", reason=reason)
    if not _stop(system, stopped_reason=BY_HAND, stopped_by=actor, stopped_note=reason.strip()):
        raise refused("already-stopped")
    record(EventName.SYSTEM_HALTED, actor=actor, reason=reason.strip(), after={"system": system.name_en})


def _stop(system: ConnectedSystem, **how: Any) -> bool:
    running = ConnectedSystem.objects.filter(pk=system.pk, stopped_reason="")
    return bool(running.update(stopped_at=database_now(), **how))


@transaction.atomic
def resume(system: ConnectedSystem, *, actor: Account | None, reason: str = "") -> bool:
    """Pass changes on again, at once; `actor` None is whoever runs the machine, who resumes nothing that a person has stopped.

    False when there was nothing to resume. A person lifts only the stop of which they know, which is that of `system`.
    """
    if actor is not None:
        require(actor, "site:configure", reason=reason)
        current = ConnectedSystem.objects.select_for_update(no_key=True).get(pk=system.pk)
        if current.stopped_reason and current.stopped_at != system.stopped_at:
            raise refused("stopped-meanwhile")
    stopped = ConnectedSystem.objects.filter(pk=system.pk).exclude(stopped_reason="", paused_until=None, opened_at=None)
    if actor is None:
        stopped = stopped.exclude(stopped_reason=BY_HAND)
    running = {"stopped_reason": "", "stopped_at": None, "stopped_by": None, "stopped_note": ""}
    if not stopped.update(**running, failures=0, opened_at=None, paused_until=None):
        return False
    Delivery.objects.filter(system=system, state=DeliveryState.WAITING).update(first_sent_at=None)
    _try_now(system, database_now())
    record(EventName.SYSTEM_RESUMED, actor=actor, reason=reason.strip(), after={"system": system.name_en})
    return True


def take_up(system: ConnectedSystem, *, was: ConnectedSystem | None) -> None:
    """Pass on by the settings of now what waits by those of before, such as for a file once a day; what was read by those counts no more."""
    now = database_now()
    if was and not was.is_spoken_to_like(system):
        ConnectedSystem.objects.filter(pk=system.pk).update(reconciled_at=None, drift=None, unknown_there=None)
        Comparison.objects.filter(system=system).delete()
    ConnectedSystem.objects.filter(pk=system.pk).update(next_batch_at=None)
    _try_now(system, now)


def _try_now(system: ConnectedSystem, now: datetime) -> None:
    """What is due waits no longer for the end of a pause after its last try."""
    Delivery.objects.filter(system=system, state=DeliveryState.WAITING, due_at__lte=now, next_try_at__gt=now).update(next_try_at=now)
