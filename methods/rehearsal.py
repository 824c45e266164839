"""What is left when a device is lost: independent devices are counted, not methods (S-18, S-53, S-140)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise

from accounts.locks import hold_own
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from audit.terms import name_codes
from methods.allowance import Allowance
from methods.carriers import Carrier
from methods.contract import MethodKind
from methods.models import RegisteredMethod
from methods.registry import kind, kinds, ranked
from methods.usable import listed, only_usable

name_codes("carrier", {carrier.value: carrier.label for carrier in Carrier})


@dataclass(frozen=True)
class Device:
    """Something a person may lose, what would be lost with it, and what would be left."""

    carrier: Carrier
    lost: list[RegisteredMethod]
    left: list[RegisteredMethod]

    @property
    def label(self) -> str | Promise:
        """How the device is called; by its method where it is one of its own."""
        return f"{self.lost[0].name} {self.lost[0].hint}".strip() if self.carrier is Carrier.OWN else Carrier(self.carrier).label


def carrier_of(method: RegisteredMethod) -> Carrier:
    """Where a method lives: where its owner says, else what is usual for its kind; apps are on the smartphone."""
    known = kind(method.kind)
    usual = known.carrier or (Carrier.SMARTPHONE if known.family == "app" else Carrier.OWN)
    return Carrier(method.carrier or usual)


def devices(methods: Sequence[RegisteredMethod]) -> list[Device]:
    """The devices that `methods` live on, with what is left without each; two or more are independent of each other."""
    usable = only_usable(methods)
    groups: dict[object, list[RegisteredMethod]] = {}
    for method in usable:
        carrier = carrier_of(method)
        groups.setdefault(method.pk if carrier is Carrier.OWN else carrier, []).append(method)
    return [Device(carrier_of(lost[0]), lost, [one for one in usable if one not in lost]) for lost in groups.values()]


def by_telephone_alone(methods: Sequence[RegisteredMethod]) -> bool:
    """Whether somebody depends on telephone numbers, which are the weakest kind (C-04)."""
    usable = only_usable(methods)
    return bool(usable) and all(kind(method.kind).by_telephone for method in usable)


def backups(methods: Sequence[RegisteredMethod], allowance: Allowance, *, telephones: bool) -> list[MethodKind]:
    """Kinds unlike those there are, the institution's first choice first: what to fall back on when these fail (S-120)."""
    own = {method.kind for method in methods}
    families = {kind(code).family for code in own}
    found: dict[str, MethodKind] = {}
    for known in ranked(kinds(), allowance):
        suits = known.for_sign_in and not known.opens_registration and (telephones or not known.by_telephone)
        if suits and known.code not in own and not (known.family and known.family in families):
            found.setdefault(known.family or known.code, known)
    return list(found.values())


@transaction.atomic
def say_where(account: Account, method_id: uuid.UUID, carrier: Carrier, *, actor: Account) -> None:
    """The owner says which device a method lives on; Refused to others and when it is gone."""
    account = hold_own(account.pk, actor)
    method = next((one for one in listed(account) if one.pk == method_id), None)
    if method is None:
        raise Refused("method-gone")
    before = carrier_of(method)
    if method.carrier == carrier:
        return
    method.carrier = carrier
    method.save(update_fields=["carrier"])
    after = {"method": str(method.pk), "kind": method.kind, "name": method.name, "carrier": carrier.value}
    record(EventName.METHOD_MOVED, account=account, actor=actor, before={"carrier": before.value}, after=after)
