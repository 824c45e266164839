"""Granting and withdrawing roles; the first administrator is made by the site itself (`manage.py grant_role`)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.locks import hold
from accounts.models import Account, Affiliation, RoleGrant
from accounts.refusals import Refused, explain
from accounts.roles import ROLES, Role, powers, require
from audit.catalogue import EventName
from audit.record import record

explain(
    {
        "role-unknown": _("There is no role “%(role)s”. The roles are: %(roles)s."),
        "role-held": _("%(account)s has the role %(role)s already."),
        "role-not-held": _("%(account)s does not have the role %(role)s."),
        "role-not-limitable": _("The role %(role)s cannot be limited to an affiliation."),
        "affiliation-unknown": _("There is no affiliation “%(affiliation)s”."),
        "role-too-high": _("You can only grant and withdraw roles below your own."),
    }
)


@transaction.atomic
def grant(account: Account, code: str, *, actor: Account | None, reason: str, within: Affiliation | None = None) -> RoleGrant:
    """Give `account` a role, over the accounts of the affiliation `within` or over all; `actor` None is the site.

    Refused for oneself, for equal or higher rank, for who has left, and for a role that cannot be limited (R-161). A role that is
    given for all takes the place of those that were given for some.
    """
    role = _role(code)
    account = hold(account.pk)
    _require(actor, account, role, reason)
    if account.left_at:
        raise Refused("account-left")
    if within and not role.limitable:
        raise Refused("role-not-limitable", role=role.code)
    held = list(RoleGrant.objects.filter(account=account, role=role.code).select_related("affiliation"))
    if any(one.affiliation in (None, within) for one in held):
        raise Refused("role-held", account=account, role=role.code)
    if within is None:
        RoleGrant.objects.filter(pk__in=[one.pk for one in held]).delete()
    given = RoleGrant.objects.create(account=account, role=role.code, affiliation=within, granted_by=actor)
    before = _facts(role, *(one.affiliation for one in held)) if held else {}
    record(EventName.ROLE_GRANTED, account=account, actor=actor, reason=reason, before=before, after=_facts(role, within))
    return given


@transaction.atomic
def withdraw(account: Account, code: str, *, actor: Account | None, reason: str, within: Affiliation | None = None) -> None:
    """Take a role away, from the next request on: wherever it was given, or `within` one affiliation. Refused as in `grant` (R-167)."""
    role = _role(code)
    account = hold(account.pk)
    _require(actor, account, role, reason)
    held = RoleGrant.objects.filter(account=account, role=role.code)
    if within:
        held = held.filter(affiliation=within)
    taken = [one.affiliation for one in held.select_related("affiliation")]
    if not taken:
        raise Refused("role-not-held", account=account, role=role.code)
    held.delete()
    record(EventName.ROLE_WITHDRAWN, account=account, actor=actor, reason=reason, before=_facts(role, *taken))


def _facts(role: Role, *affiliations: Affiliation | None) -> dict[str, str]:
    """What the event says: the role, and the affiliations that it is limited to."""
    limits = ", ".join(one.code for one in affiliations if one)
    return {"role": role.code} | ({"affiliation": limits} if limits else {})


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
