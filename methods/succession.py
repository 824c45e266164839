"""A new phone takes over from an old one: both stay for a while, then the old one ends by itself (S-93, S-94)."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.locks import hold_own
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from methods.lifecycle import prefer
from methods.models import RegisteredMethod
from methods.notices import tell
from methods.registry import kind
from methods.usable import listed, only_usable, self_sufficient


def successor(method: RegisteredMethod, methods: list[RegisteredMethod]) -> RegisteredMethod | None:
    """The newest of `methods` that was added after `method`, may stand alone and stays; a number takes nothing's place (C-04)."""
    newer = [one for one in self_sufficient(methods) if one.bound_at > method.bound_at and one.expires_at is None]
    return max((one for one in newer if not kind(one.kind).by_telephone), key=lambda one: one.bound_at, default=None)


@transaction.atomic
def retire(account: Account, method_id: uuid.UUID, *, actor: Account) -> None:
    """Let a method end after MFA_OLD_PHONE_DAYS; Refused while nothing newer could take its place. What is newer is asked first."""
    account = hold_own(account.pk, actor)
    methods = listed(account)
    method = _mine(account, method_id, methods)
    new = successor(method, methods)
    if new is None:
        raise Refused("no-successor")
    if method.expires_at:
        return
    method.expires_at = timezone.now() + timedelta(days=settings.MFA_OLD_PHONE_DAYS)
    method.save(update_fields=["expires_at"])
    if method.is_default:
        before = prefer(account, new)
        after = {"method": str(new.pk), "kind": new.kind, "name": new.name}
        record(EventName.METHOD_DEFAULT_CHANGED, account=account, actor=actor, before={"method": before}, after=after)
    until = method.expires_at.isoformat()
    record(EventName.METHOD_RETIRING, account=account, actor=actor, after=_facts(method) | {"until": until})
    tell(account, "method-retiring", method=f"{method.name} {method.hint}".strip(), successor=new.name, until=until)


@transaction.atomic
def let_stay(account: Account, method_id: uuid.UUID, *, actor: Account) -> None:
    """Take the end of a method back; Refused when it is gone."""
    account = hold_own(account.pk, actor)
    method = _mine(account, method_id, listed(account))
    if method.expires_at is None:
        return
    method.expires_at = None
    method.save(update_fields=["expires_at"])
    record(EventName.METHOD_KEPT, account=account, actor=actor, after=_facts(method))


def _mine(account: Account, method_id: uuid.UUID, methods: list[RegisteredMethod]) -> RegisteredMethod:
    """One's own method for signing in: what ends by itself for another reason is not for its owner to prolong."""
    method = next((one for one in only_usable(methods) if one.pk == method_id), None)
    if method is None:
        raise Refused("method-gone")
    return method


def _facts(method: RegisteredMethod) -> dict[str, str]:
    return {"method": str(method.pk), "kind": method.kind, "name": method.name}
