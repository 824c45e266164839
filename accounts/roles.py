"""Who may do what, on whom: roles as data, asked anew on each request (R-160, R-161, R-167)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from audit.terms import name_codes


@dataclass(frozen=True)
class Role:
    """A role held beside being an account holder; `rank` orders them, `rights` are what it may do."""

    code: str
    label: Promise
    rank: int
    rights: frozenset[str]


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
_SENIOR = _DESK | {"methods:reset", "methods:issue-pass", "action:approve", "termination:approve", "delivery:retry"}
_AUDITOR = frozenset({"audit:read", "finding:review"})

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role("counter", _("Counter"), 5, frozenset({"counter:confirm"})),
        Role("helpdesk", _("Help desk"), 10, _DESK),
        Role("senior-helpdesk", _("Senior help desk"), 20, _SENIOR),
        Role("auditor", _("Auditor"), 20, _AUDITOR),
        Role("administrator", _("Administrator"), 30, _SENIOR | _AUDITOR | {"site:configure", "role:grant"}),
    )
}
name_codes("role", {role.code: role.label for role in ROLES.values()})
RIGHTS: frozenset[str] = frozenset().union(*(role.rights for role in ROLES.values()))


@dataclass(frozen=True)
class Powers:
    """What an account's roles add up to."""

    rank: int
    rights: frozenset[str]


NO_POWERS = Powers(0, frozenset())


def powers(account: Account) -> Powers:
    """Rights and rank of an account, read from the database each time."""
    return powers_of([account])[account.pk]


def powers_of(accounts: Iterable[Account]) -> dict[int, Powers]:
    """Rights and rank of several accounts, by their ids, in one query."""
    held: dict[int, list[Role]] = {account.pk: [] for account in accounts}
    for pk, code in RoleGrant.objects.filter(account__in=list(held)).values_list("account_id", "role"):
        held[pk] += [ROLES[code]] if code in ROLES else []
    return {pk: _added_up(roles) for pk, roles in held.items()}


def _added_up(roles: list[Role]) -> Powers:
    return Powers(max((role.rank for role in roles), default=0), frozenset().union(*(role.rights for role in roles)))


def objection(own: Powers, right: str, *, myself: bool = False, theirs: Powers = NO_POWERS) -> str:
    """Why somebody with `own` powers may not use `right` on an account with `theirs`: a reason code, or nothing."""
    if right not in RIGHTS:
        raise ValueError(f"unknown right {right}")
    if right not in own.rights:
        return "not-allowed"
    if myself:
        return "own-account"
    return "equal-or-higher-role" if theirs.rank >= own.rank else ""


def require(actor: Account, right: str, *, on: Account | None = None, reason: str | None = None) -> None:
    """Refused unless `actor` has `right` and `on` is somebody else of lower rank; a given `reason` must say something."""
    own = powers(actor)
    code = objection(own, right) if on is None else objection(own, right, myself=on.pk == actor.pk, theirs=powers(on))
    if not code and reason is not None and not reason.strip():
        code = "reason-missing"
    if code:
        raise Refused(code)
