"""Which methods of an account count, and when one was last proved at a sign-in."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from accounts.models import Account
from methods.allowance import Allowance, allowance_of
from methods.models import MethodState, RegisteredMethod
from methods.registry import kind, sign_in_kinds


def listed(account: Account) -> list[RegisteredMethod]:
    """Every method that has not been removed, the default first, then in the order they were added."""
    rows = account.registered_methods.exclude(state=MethodState.REMOVED)  # each knows this very row of its account
    return list(rows.order_by("-is_default", "bound_at"))


def usable(account: Account) -> list[RegisteredMethod]:
    """The methods this account can sign in with, the default first (C-05: recovery kinds never count)."""
    return only_usable(listed(account))


def only_usable(methods: Iterable[RegisteredMethod], allowance: Allowance | None = None) -> list[RegisteredMethod]:
    """Those of `methods`, which are of one account, that a sign-in may ask for: the default first, then in the institution's order.

    `allowance` is what the account may verify with, where that is not the policy in force.
    """
    mine = for_sign_in(methods)
    if not mine:
        return []
    allowed = allowance or allowance_of(mine[0].account)
    usable = [method for method in mine if allowed.allows(method.kind)]
    return sorted(usable, key=lambda method: (_is_out(method, allowed), not method.is_default, allowed.rank(method.kind)))


def _is_out(method: RegisteredMethod, allowed: Allowance) -> bool:
    """Whether none of its ways works just now."""
    return allowed.outage is not None and all(allowed.is_out(method.kind, way.code) for way in kind(method.kind).ways_of(method))


def for_sign_in(methods: Iterable[RegisteredMethod]) -> list[RegisteredMethod]:
    """Those of `methods` that a sign-in could ask for if the institution allowed their kinds."""
    kinds = sign_in_kinds()
    return [method for method in methods if is_in_force(method) and method.kind in kinds]


def is_in_force(method: RegisteredMethod) -> bool:
    """Whether the method is neither removed nor suspended nor over; one for sign-in ends only by `ending.end_expired` (I7)."""
    over = method.expires_at is not None and method.expires_at <= timezone.now()
    return method.state == MethodState.ACTIVE and not (over and not kind(method.kind).for_sign_in)


def passes(methods: Iterable[RegisteredMethod]) -> list[RegisteredMethod]:
    """Those of `methods` that open the registration of another (R-164)."""
    return [method for method in methods if is_in_force(method) and kind(method.kind).opens_registration]


def phishing_resistant(methods: Iterable[RegisteredMethod]) -> list[RegisteredMethod]:
    """Those of `methods` whose answer is worth nothing on another site."""
    return [method for method in methods if kind(method.kind).phishing_resistant]


def strongest(methods: Iterable[RegisteredMethod]) -> list[RegisteredMethod]:
    """Those of `methods` with which people with a role verify before they act: keys where there are any."""
    methods = list(methods)
    return phishing_resistant(methods) or methods


def recovery_addresses(methods: Iterable[RegisteredMethod]) -> list[RegisteredMethod]:
    """Those of `methods` that are an address that was confirmed beforehand."""
    return [method for method in methods if is_in_force(method) and kind(method.kind).reaches_owner]


def self_sufficient(methods: Iterable[RegisteredMethod]) -> list[RegisteredMethod]:
    """Those of `methods` that may be the only or the default one (S-14); asks once per kind."""
    candidates = only_usable(methods)
    alone = {code for code in {method.kind for method in candidates} if kind(code).stands_alone()}
    return [method for method in candidates if method.kind in alone]


def tested_at(methods: Iterable[RegisteredMethod]) -> datetime | None:
    """When one of these methods last completed a sign-in (S-67), not counting its registration."""
    return max((method.last_signin_at for method in methods if method.last_signin_at), default=None)
