"""Granting and withdrawing roles; the first administrator is made by the site itself (`manage.py grant_role`)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.locks import hold
from accounts.models import Account, RoleGrant
from accounts.refusals import Refused, explain
from accounts.roles import ROLES, Role, powers, require
from audit.catalogue import EventName
from audit.record import record

explain(
    {
        "role-unknown": _("There is no role “%(role)s”. The roles are: %(roles)s."),
        "role-held": _("%(account)s has the role %(role)s already."),
        "role-not-held": _("%(account)s does not have the role %(role)s."),
        "role-too-high": _("You can only grant and withdraw roles below your own."),
    }
)


@transaction.atomic
def grant(account: Account, code: str, *, actor: Account | None, reason: str) -> RoleGrant:
    """Give `account` a role; `actor` None is the site. Refused for oneself, for equal or higher rank, and for who has left (R-161)."""
    role = _role(code)
    account = hold(account.pk)
    _require(actor, account, role, reason)
    if account.left_at:
        raise Refused("account-left")
    given, new = RoleGrant.objects.get_or_create(account=account, role=role.code, defaults={"granted_by": actor})
    if not new:
        raise Refused("role-held", account=account, role=role.code)
    record(EventName.ROLE_GRANTED, account=account, actor=actor, reason=reason, after={"role": role.code})
    return given


@transaction.atomic
def withdraw(account: Account, code: str, *, actor: Account | None, reason: str) -> None:
    """Take a role away, from the next request on; Refused as in `grant` (R-167)."""
    role = _role(code)
    account = hold(account.pk)
    _require(actor, account, role, reason)
    removed, _by_model = RoleGrant.objects.filter(account=account, role=role.code).delete()
    if not removed:
        raise Refused("role-not-held", account=account, role=role.code)
    record(EventName.ROLE_WITHDRAWN, account=account, actor=actor, reason=reason, before={"role": role.code})


def _role(code: str) -> Role:
    if code not in ROLES:
        raise Refused("role-unknown", role=code, roles=", ".join(ROLES))
    return ROLES[code]


def _require(actor: Account | None, account: Account, role: Role, reason: str) -> None:
    if actor is None:
        return
    require(actor, "role:grant", on=account, reason=reason)
    if role.rank >= powers(actor).rank:
        raise Refused("role-too-high")
