"""Who may do what, on whom: roles as data, asked anew on each request (R-160, R-161, R-167)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Aggregate, JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONArray
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from audit.terms import name_codes


@dataclass(frozen=True)
class Role:
    """A role held beside being an account holder; `rank` orders them, `rights` are what it may do.

    `limitable`: it may be given for the accounts of some affiliations alone.
    """

    code: str
    label: Promise
    rank: int
    rights: frozenset[str]
    limitable: bool = False


_DESK = frozenset(
    {
        "account:search",
        "account:view",
        "account:lock",
        "account:unlock",
        "caller:ask",
        "caller:vouch",
        "caller:card",
        "counter:confirm",
        "case:work",
        "guide:mail",
        "method:suspend",
        "method:restore",
        "method:remove",
        "session:end",
        "report:settle",
        "termination:request",
    }
)
_SENIOR = _DESK | {"methods:reset", "methods:issue-pass", "action:approve", "termination:approve", "delivery:retry", "bulk:ask"}
_AUDITOR = frozenset({"audit:read", "finding:review"})

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role("counter", _("Counter"), 5, frozenset({"counter:confirm"}), limitable=True),
        Role("helpdesk", _("Help desk"), 10, _DESK, limitable=True),
        Role("senior-helpdesk", _("Senior help desk"), 20, _SENIOR, limitable=True),
        Role("auditor", _("Auditor"), 20, _AUDITOR),
        Role("administrator", _("Administrator"), 30, _SENIOR | _AUDITOR | {"site:configure", "role:grant", "termination:without-end"}),
    )
}
name_codes("role", {role.code: role.label for role in ROLES.values()})
RIGHTS: frozenset[str] = frozenset().union(*(role.rights for role in ROLES.values()))


@dataclass(frozen=True)
class Held:
    """One role of an account, and the affiliation that it is limited to; None: it holds everywhere."""

    role: Role
    affiliation: int | None


@dataclass(frozen=True)
class Powers:
    """What an account's roles add up to. `rank` and `rights` are all it has; what of that counts for some account, `over` says."""

    rank: int
    rights: frozenset[str]
    held: tuple[Held, ...] = ()

    def over(self, affiliation: int | None) -> "Powers":
        """What of it counts for accounts of this affiliation; who has none is looked after only by roles that hold everywhere."""
        return _added_up([one for one in self.held if one.affiliation is None or one.affiliation == affiliation])

    def among(self, right: str, account: str = "") -> Q:
        """The accounts for which there is this right, as a filter; `account` is the path that leads to them, such as `account__`."""
        limits = self.limits(right)
        return Q() if limits is None else Q(**{f"{account}affiliation__in": limits})

    def limits(self, right: str) -> set[int] | None:
        """The affiliations to which this right is limited; None where it holds everywhere."""
        found = {one.affiliation for one in self.held if right in one.role.rights}
        return None if None in found else {one for one in found if one is not None}

    def is_everywhere(self, right: str) -> bool:
        """Whether this right is limited to no affiliation."""
        return self.limits(right) is None


NO_POWERS = Powers(0, frozenset())


def powers(account: Account) -> Powers:
    """Rights and rank of an account, read from the database each time."""
    return powers_of([account])[account.pk]


def powers_of(accounts: Iterable[Account]) -> dict[int, Powers]:
    """Rights and rank of several accounts, by their ids, in one query."""
    held: dict[int, list[Held]] = {account.pk: [] for account in accounts}
    for pk, code, affiliation in RoleGrant.objects.filter(account__in=list(held)).values_list("account_id", "role", "affiliation_id"):
        held[pk] += _held(code, affiliation)
    return {pk: _added_up(roles) for pk, roles in held.items()}


class _Gathered(Aggregate):
    """Something of several rows as one JSON array."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **extra)


def with_roles(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Accounts that bring their roles along from the same statement, for `powers_along`."""
    mine = RoleGrant.objects.filter(account=OuterRef("pk")).order_by().values("account")
    return accounts.annotate(roles_along=Subquery(mine.annotate(all=_Gathered(JSONArray("role", "affiliation"))).values("all")))


def powers_along(account: Account) -> Powers:
    """What `with_roles` read with this account just now, else `powers`. For a page; a verb asks anew."""
    if not hasattr(account, "roles_along"):
        return powers(account)
    return _added_up([held for code, affiliation in account.roles_along or [] for held in _held(code, affiliation)])


def _held(code: str, affiliation: int | None) -> list[Held]:
    return [Held(ROLES[code], affiliation)] if code in ROLES else []


def _added_up(held: list[Held]) -> Powers:
    rights: frozenset[str] = frozenset().union(*(one.role.rights for one in held))
    return Powers(max((one.role.rank for one in held), default=0), rights, tuple(held))


def staff_wait(rank: int) -> timedelta:
    """How long what two people agreed on waits for the holder of a role to stop it; others have no such time."""
    return timedelta(hours=settings.MFA_STAFF_WAIT_HOURS) if rank > 0 else timedelta(0)


@dataclass(frozen=True)
class Target:
    """An account on which something is to be done, as the rule sees it."""

    account: Account
    powers: Powers = NO_POWERS


def objection(actor: Account, own: Powers, right: str, on: Target | None = None) -> str:
    """Why `actor`, whose powers are `own`, may not use `right`, or not on this account: a reason code, or nothing.

    The one rule of who may do what to whom: the right, never on oneself, only within the affiliations it was given for, only downwards.
    """
    if right not in RIGHTS:
        raise ValueError(f"unknown right {right}")
    if right not in own.rights:
        return "not-allowed"
    if on is None:
        return ""
    if on.account.pk == actor.pk:
        return "own-account"
    here = own.over(on.account.affiliation_id)
    if right not in here.rights:
        return "out-of-scope"
    return "equal-or-higher-role" if on.powers.rank >= here.rank else ""


def require(actor: Account, right: str, *, on: Account | None = None, reason: str | None = None) -> None:
    """Refused unless `actor` has `right` over `on`, who is somebody else of lower rank; a given `reason` must say something."""
    code = objection(actor, powers(actor), right, Target(on, powers(on)) if on else None)
    if not code and reason is not None and not reason.strip():
        code = "reason-missing"
    if code:
        raise Refused(code)
