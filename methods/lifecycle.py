"""Registering, renaming, removing and choosing methods. Each verb locks the account first."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.locks import hold, hold_own
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from accounts.sessions import end_all
from audit.catalogue import EventName
from audit.record import record
from methods.allowance import allowance_of
from methods.challenges import close_all
from methods.contract import IssuedKind, MethodKind
from methods.devices import MethodDevice
from methods.models import Journey, MethodState, RegisteredMethod
from methods.naming import clean_name
from methods.notices import tell
from methods.registry import kind, kinds
from methods.usable import listed, only_usable, self_sufficient

RECOVERY_WINDOW = timedelta(days=3)


def begin(account: Account, device: MethodDevice, *, binding: str) -> MethodDevice:
    """Keep an unconfirmed device for this browser, in place of an earlier try; Refused when the kind's limit is reached.

    Where only one is allowed, the new one will take the place of the old when it is proved.
    """
    with transaction.atomic():
        account = hold_own(account.pk, account)
        code = device.kind().code
        registered = sum(method.kind == code for method in listed(account))
        refuse_unsuitable(account, device.kind())
        if not device.kind().is_single and registered >= allowance_of(account).limit(code, device.kind().limit):
            raise Refused("too-many-methods")
        type(device).objects.filter(user=account, confirmed=False, binding=binding).delete()
        device.user, device.binding, device.confirmed = account, binding, False
        device.save(force_insert=True)
    return device


def register(
    account: Account, device: MethodDevice, *, name: str, hint: str, way: str = "", keep_session: uuid.UUID | None = None
) -> RegisteredMethod:
    """Make a proved device a method; the first usable one becomes the default (C-05).

    Called under the account's lock, in the transaction that judged the answer. Where it takes the place of another, sessions
    end as at a removal (R-139).
    """
    refuse_unsuitable(account, device.kind())
    kept, replaced = _make_room(account, device)
    if device.kind().for_sign_in and not device.kind().stands_alone() and not self_sufficient(kept):
        raise Refused("key-alone")
    default = device.kind().stands_alone() and not any(method.is_default for method in only_usable(kept))
    if default:
        RegisteredMethod.objects.filter(account=account, is_default=True).update(is_default=False)  # of a kind that is not allowed any more
    method = RegisteredMethod.objects.create(
        account=account,
        kind=device.kind().code,
        name=clean_name(name),
        hint=hint,
        way=way,
        is_default=default,
        last_proven_at=timezone.now(),
    )
    device.method, device.confirmed, device.binding = method, True, ""
    device.save(update_fields=["method", "confirmed", "binding"])
    device.kind().registered(device)
    _changed(account, **({"recovery_until": None, "registers_anew": False} if device.kind().for_sign_in else {}))
    record(EventName.METHOD_REGISTERED, account=account, actor=account, before=replaced, after=_facts(method))
    if replaced:
        end_all(account, actor=account, why="method-removed", keep=keep_session)
    tell(account, device.kind().mail_when_added, method=f"{method.name} {method.hint}".strip())
    return method


def refuse_unsuitable(account: Account, known: MethodKind) -> None:
    """Refused when this account may register none of this kind, by what the kind says or by the policy, which does not speak of what staff issue."""
    if not isinstance(known, IssuedKind) and not allowance_of(account).takes(known.code):
        raise Refused("kind-not-allowed")
    if objection := known.objection(account):
        raise Refused(objection)


def _make_room(account: Account, device: MethodDevice) -> tuple[list[RegisteredMethod], dict[str, str | bool]]:
    """Where the kind allows one alone, take the old one away: its number or address is being changed."""
    existing, replaced = listed(account), {}
    if device.kind().is_single:
        for old in [method for method in existing if method.kind == device.kind().code]:
            replaced = _facts(old)
            existing.remove(old)
            take_away(old)
    return existing, replaced


@transaction.atomic
def rename(account: Account, method_id: uuid.UUID, name: str, *, actor: Account) -> None:
    """Give a method another name; Refused when it is gone."""
    account = hold_own(account.pk, actor)
    method = _mine(account, method_id)
    before = method.name
    method.name = clean_name(name) or before
    method.save(update_fields=["name"])
    record(EventName.METHOD_RENAMED, account=account, actor=actor, before={"name": before}, after=_facts(method))


@transaction.atomic
def set_default(account: Account, method_id: uuid.UUID, *, actor: Account, way: str | None = None) -> RegisteredMethod:
    """Make a usable method the one that sign-in asks first, in this way; Refused for any other (R-133)."""
    account = hold_own(account.pk, actor)
    method = _mine(account, method_id)
    known = kind(method.kind)
    if not self_sufficient([method]):
        raise Refused("not-default")
    chosen = known.way(method.way if way is None else way).code
    if method.is_default and chosen == known.way(method.way).code:
        return method
    if chosen != method.way:
        method.way = chosen
        method.save(update_fields=["way"])
    before = prefer(account, method)
    after = _facts(method) | {"default": True}
    record(EventName.METHOD_DEFAULT_CHANGED, account=account, actor=actor, before={"method": before}, after=after)
    tell(account, "default-changed", method=method.name)
    return method


def why_it_stays(account: Account, method: RegisteredMethod, others: Collection[RegisteredMethod]) -> Refused | None:
    """Why `method` may not go: the last that can stand alone stays while MFA use is applied for (I7) or a key is kept (S-14)."""
    if not self_sufficient([method]) or self_sufficient(others):
        return None
    if account.methods_needed:
        return Refused("last-method")
    return Refused("key-alone") if others else None


@transaction.atomic
def remove(account: Account, method_id: uuid.UUID, *, actor: Account, keep_session: uuid.UUID | None = None) -> None:
    """Take a method away, with its secret, its challenges and other sessions (R-139).

    Refused as `why_it_stays` says (R-132).
    """
    account = hold_own(account.pk, actor)
    take_out(account, _mine(account, method_id), actor=actor, keep_session=keep_session)


def take_out(
    account: Account, method: RegisteredMethod, *, actor: Account, reason: str = "", keep_session: uuid.UUID | None = None
) -> None:
    """The same in a verb that holds the account's lock and has asked who may."""
    others = [other for other in only_usable(listed(account)) if other.pk != method.pk]
    if refusal := why_it_stays(account, method, others):
        raise refusal
    take_away(method)
    if method.is_default and (next_ones := self_sufficient(others)):
        prefer(account, next_ones[0])
    _changed(account)
    close_all(account)
    record(EventName.METHOD_REMOVED, account=account, actor=actor, reason=reason, before=_facts(method))
    end_all(account, actor=actor, why="method-removed", keep=keep_session)
    tell(account, "method-removed", method=method.name)


@transaction.atomic
def require_reregistration(account: Account, *, actor: Account, reason: str) -> None:
    """Take every method away so that the person registers anew within three days; by staff alone (S-142).

    MFA use itself stays as it is: this is recovery, not termination.
    """
    require(actor, "methods:reset", on=account, reason=reason)
    account = hold(account.pk)
    methods = listed(account)
    if not methods:
        raise Refused("not-reset")
    for method in methods:
        take_away(method)
    _changed(account, recovery_until=timezone.now() + RECOVERY_WINDOW)
    close_all(account)
    before = {"methods": [_facts(method) for method in methods]}
    record(EventName.METHODS_RESET, account=account, actor=actor, reason=reason, before=before)
    if Journey.objects.filter(account=account).delete()[0]:  # it may not have been the person's who is locked out
        record(EventName.JOURNEY_ENDED, account=account, actor=actor)
    end_all(account, actor=actor, why="methods-reset")
    tell(account, "methods-reset", until=account.recovery_until.isoformat() if account.recovery_until else "")


def _mine(account: Account, method_id: uuid.UUID) -> RegisteredMethod:
    """Another account's method answers exactly like one that does not exist (R-134)."""
    method = RegisteredMethod.objects.filter(pk=method_id, account=account).exclude(state=MethodState.REMOVED).first()
    if method is None:
        raise Refused("method-gone")
    return method


def take_away(method: RegisteredMethod) -> None:
    """Remove a method with its secret, in a verb that holds the account's lock and has asked its own rules."""
    for device in kind(method.kind).device_model.objects.filter(method=method):
        kind(method.kind).removed(device)
        device.delete()
    RegisteredMethod.objects.filter(pk=method.pk).update(state=MethodState.REMOVED, is_default=False, removed_at=timezone.now())


def prefer(account: Account, method: RegisteredMethod) -> str:
    """Make `method` the default, under the account's lock; returns the name of the one before."""
    old = RegisteredMethod.objects.filter(account=account, is_default=True).first()
    RegisteredMethod.objects.filter(account=account, is_default=True).update(is_default=False)
    RegisteredMethod.objects.filter(pk=method.pk).update(is_default=True)
    return old.name if old else ""


def _changed(account: Account, **fields: object) -> None:
    """Raise the version that open sign-in attempts were made under, and drop other unfinished registrations."""
    account.methods_version += 1
    for name, value in fields.items():
        setattr(account, name, value)
    account.save(update_fields=["methods_version", *fields])
    for known in kinds():
        known.device_model.objects.filter(user=account, confirmed=False).delete()


def _facts(method: RegisteredMethod) -> dict[str, str | bool]:
    return {"method": str(method.pk), "kind": method.kind, "name": method.name, "hint": method.hint, "default": method.is_default}
