"""The secrets by which connected systems prove to this site who they are: made here, told once, kept as a digest."""

from django.db import transaction
from django.utils.crypto import constant_time_compare

from audit.catalogue import EventName
from audit.record import record
from methods.callers import Caller
from methods.eligibility import Ability
from methods.tokens import digest_of, new_token
from policies.models import ConnectedSystem


def judge(code: str, secret: str) -> Caller | None:
    """The enabled system with this code when the secret is its own."""
    system = ConnectedSystem.objects.filter(code=code, enabled=True).exclude(caller_digest="").first()
    right = constant_time_compare(digest_of(secret), system.caller_digest if system else digest_of(""))
    if system is None or not right:
        return None
    return Caller(system.code, system.name_en, frozenset(ability for ability in Ability if getattr(system, ability.value)))


@transaction.atomic
def renew_secret(system: ConnectedSystem) -> str:
    """A new secret in place of the old one; returns it, to be set in that system."""
    token = new_token()
    ConnectedSystem.objects.filter(pk=system.pk).update(caller_digest=token.digest)
    record(EventName.SYSTEM_CHANGED, after={"system": system.name_en, "caller_secret": True})
    return token.text
