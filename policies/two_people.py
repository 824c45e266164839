"""What takes two people: somebody else agrees, and whoever asked must still be allowed to at that moment."""

from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from accounts.roles import ROLES, objection, powers


def check_two(requester: Account | None, actor: Account, right: str, *, own: str, lost: str) -> None:
    """Refused with the code `own` to whoever asked, and with `lost` when they have left, are locked or have lost the right since."""
    if requester is None or requester.pk == actor.pk:
        raise Refused(own)
    if not requester.is_active or objection(requester, powers(requester), right):
        raise Refused(lost)


def is_alone(actor: Account, right: str) -> bool:
    """Whether nobody else could agree: no other account in use has a role with this right."""
    codes = [role.code for role in ROLES.values() if right in role.rights]
    others = RoleGrant.objects.filter(role__in=codes, account__left_at=None, account__locked_at=None).exclude(account=actor)
    return not others.exists()
