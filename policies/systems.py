"""The connected systems: making them known, stopping one whose settings are wrong, resuming it."""

from typing import Any

import structlog
from django.apps import apps as installed
from django.apps.registry import Apps
from django.db import transaction
from django.utils.translation import override

from accounts.models import Account, RoleGrant
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from methods.notices import tell
from policies.connectors.sentences import sentence
from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState
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
    record(EventName.SYSTEM_CHANGED, after={"system": name_en} | described)
    return system


def _secret(system: ConnectedSystem) -> str:
    try:
        return unseal(system, "credentials").decode()
    except CannotOpen:
        return ""


@transaction.atomic
def stop(system: ConnectedSystem, why: str) -> None:
    """Pass nothing on to a system whose settings are wrong, and tell the administrators; once per stop."""
    if not ConnectedSystem.objects.filter(pk=system.pk, stopped_reason="").update(stopped_reason=why):
        return
    log.error("system stopped", system=system.code, why=why)
    record(EventName.SYSTEM_STOPPED, after={"system": system.name_en, "problem": why})
    for grant in RoleGrant.objects.filter(role="administrator").select_related("account"):
        with override(grant.account.language):
            problem = f"{sentence(why)} ({why})"
        tell(grant.account, "system-stopped", system_en=system.name_en, system_ja=system.name_ja, problem=problem)


@transaction.atomic
def resume(system: ConnectedSystem, *, actor: Account | None) -> bool:
    """Pass changes on again, at once; `actor` None is whoever runs the machine. False when the system was not stopped."""
    if actor is not None:
        require(actor, "site:configure")
    stopped = ConnectedSystem.objects.filter(pk=system.pk).exclude(stopped_reason="", paused_until=None)
    if not stopped.update(stopped_reason="", failures=0, paused_until=None):
        return False
    Delivery.objects.filter(system=system, state=DeliveryState.WAITING).update(first_sent_at=None)
    record(EventName.SYSTEM_RESUMED, actor=actor, after={"system": system.name_en})
    return True
