"""Who may do what, on whom: roles as data, asked anew on each request (R-160, R-161, R-167)."""

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


_DESK = frozenset({"account:search", "account:view", "account:unlock", "session:end", "termination:request"})
_SENIOR = _DESK | {"methods:reset", "termination:approve", "delivery:retry"}
_AUDITOR = frozenset({"audit:read"})

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
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


def powers(account: Account) -> Powers:
    """Rights and rank of an account, read from the database each time."""
    codes = RoleGrant.objects.filter(account_id=account.pk).values_list("role", flat=True)
    held = [ROLES[code] for code in codes if code in ROLES]
    rights: frozenset[str] = frozenset().union(*(role.rights for role in held))
    return Powers(max((role.rank for role in held), default=0), rights)


def require(actor: Account, right: str, *, on: Account | None = None, reason: str | None = None) -> None:
    """Refused unless `actor` has `right` and `on` is somebody else of lower rank; a given `reason` must say something."""
    if right not in RIGHTS:
        raise ValueError(f"unknown right {right}")
    own = powers(actor)
    if right not in own.rights:
        raise Refused("not-allowed")
    if on is not None and on.pk == actor.pk:
        raise Refused("own-account")
    if on is not None and powers(on).rank >= own.rank:
        raise Refused("equal-or-higher-role")
    if reason is not None and not reason.strip():
        raise Refused("reason-missing")
