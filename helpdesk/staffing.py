"""Giving and taking roles on a page: the person and every administrator are told at once, and nobody does it all day (R-165, R-166)."""

from django.db import transaction

from accounts.grants import grant, withdraw
from accounts.models import Account, Affiliation, RoleGrant
from accounts.refusals import Refused
from helpdesk import velocity
from methods.notices import tell, tell_staff


@transaction.atomic
def give(common_id: str, role: str, *, actor: Account, reason: str, within: Affiliation | None = None) -> RoleGrant:
    """Give a role to the account with this Common ID; Refused as `accounts.grants.grant`, and where there is none."""
    account = Account.objects.filter(common_id=common_id).first()
    if account is None:
        raise Refused("no-such-account", common_id=common_id)
    given = grant(account, role, actor=actor, reason=reason, within=within)
    velocity.count(actor, velocity.ROLE)
    _tell("role-given", given, actor)
    return given


@transaction.atomic
def take(given: RoleGrant, *, actor: Account, reason: str) -> None:
    """Take back what was given; Refused as `accounts.grants.withdraw`."""
    withdraw(given.account, given.role, actor=actor, reason=reason, within=given.affiliation)
    velocity.count(actor, velocity.ROLE)
    _tell("role-withdrawn", given, actor)


def _tell(template: str, given: RoleGrant, actor: Account) -> None:
    person = given.account
    role = {"role": given.role, "affiliation": f"{given.affiliation.name_en} / {given.affiliation.name_ja}" if given.affiliation else ""}
    tell(person, template, **role)
    tell_staff({"administrator"}, f"{template}-to", but=actor, who=person.common_id, by=actor.common_id, **role)
