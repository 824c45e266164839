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


def renew_secret(system: ConnectedSystem) -> str:
    """A new secret in place of the old one; returns it, to be set in that system."""
    secret = new_token().text
    accept_secret(system, secret)
    return secret


@transaction.atomic
def accept_secret(system: ConnectedSystem, secret: str) -> None:
    """From now on the system calls with this secret, and with no other."""
    if ConnectedSystem.objects.filter(pk=system.pk).exclude(caller_digest=digest_of(secret)).update(caller_digest=digest_of(secret)):
        record(EventName.SYSTEM_CHANGED, after={"system": system.name_en, "caller_secret": True})
