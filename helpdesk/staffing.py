"""Giving and taking roles: the person and every administrator are told at once, and on the page nobody does it all day (R-165, R-166).

`actor` None is whoever runs the machine (`manage.py grant_role`): above every role and every limit, and told of like everybody else.
"""

from django.db import transaction

from accounts.grants import grant, withdraw
from accounts.models import Account, Affiliation, RoleGrant
from accounts.refusals import Refused
from helpdesk import velocity
from methods.notices import tell, tell_staff


@transaction.atomic
def give(common_id: str, role: str, *, actor: Account | None, reason: str, within: Affiliation | None = None) -> RoleGrant:
    """Give a role to the account with this Common ID; Refused as `accounts.grants.grant`, and where there is none."""
    given = grant(_account(common_id), role, actor=actor, reason=reason, within=within)
    _done("role-given", given, actor)
    return given


@transaction.atomic
def take(common_id: str, role: str, *, actor: Account | None, reason: str, within: Affiliation | None = None) -> None:
    """Take back a role wherever it was given, or `within` one affiliation; Refused as `accounts.grants.withdraw` and `give`."""
    account = _account(common_id)
    given = list(RoleGrant.objects.filter(account=account, role=role, **({"affiliation": within} if within else {})))
    withdraw(account, role, actor=actor, reason=reason, within=within)
    for one in given:
        _done("role-withdrawn", one, actor)


def _account(common_id: str) -> Account:
    account = Account.objects.filter(common_id=common_id).first()
    if account is None:
        raise Refused("no-such-account", common_id=common_id)
    return account


def _done(template: str, given: RoleGrant, actor: Account | None) -> None:
    if actor is not None:
        velocity.count(actor, velocity.ROLE)
    person = given.account
    role = {"role": given.role, "affiliation": f"{given.affiliation.name_en} / {given.affiliation.name_ja}" if given.affiliation else ""}
    tell(person, template, **role)
    by = actor.common_id if actor else ""
    tell_staff({"administrator"}, f"{template}-to", but=actor or person, who=person.common_id, by=by, **role)
