"""Handing out a pass: by staff, never to oneself, one at a time per account (R-161, R-164)."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from methods.delivery import plan_asking
from methods.kinds.access_pass.models import AccessPassDevice
from methods.kinds.access_pass.passes import digest, grouped, make_pass
from methods.lifecycle import take_away
from methods.models import Challenge, Purpose, RegisteredMethod
from methods.notices import tell
from methods.usable import listed, recovery_addresses

SHORTEST, LONGEST = timedelta(minutes=10), timedelta(days=30)
MOST_USES = 20
KIND, NAME = "access-pass", gettext_noop("Temporary Access Pass")


@transaction.atomic
def issue(account: Account, *, actor: Account, lifetime: timedelta, uses: int | None, reason: str) -> str:
    """A new pass in place of an earlier one; returns it, in groups of four, to be handed over and never stored.

    `uses` None: until it ends. Refused without the right, a reason, or within the limits of ten minutes to thirty days.
    """
    require(actor, "methods:issue-pass", on=account, reason=reason)
    device = _make(hold(account.pk), actor=actor, lifetime=lifetime, uses=uses, reason=reason)
    return fill(device)


@transaction.atomic
def hand_over(account: Account, *, actor: Account, lifetime: timedelta, reason: str) -> str:
    """The same, once, for somebody whose ID card `actor` has seen at a counter: it is shown on that person's own screen."""
    require(actor, "counter:confirm", on=account, reason=reason)
    return fill(_make(hold(account.pk), actor=actor, lifetime=lifetime, uses=1, reason=reason))


@transaction.atomic
def mail(account: Account, *, actor: Account, lifetime: timedelta, reason: str) -> None:
    """The same, once, to the recovery address, made by the worker that sends it: no member of staff sees it (R-164).

    Refused without an address that was confirmed long enough ago and is not suspended; with the pass alone nobody signs in.
    """
    require(actor, "methods:issue-pass", on=account, reason=reason)
    account = hold(account.pk)
    confirmed = account.recovery_address_confirmed_at
    too_new = confirmed is None or confirmed > timezone.now() - timedelta(days=settings.MFA_PROOF_DAYS)
    if too_new or not recovery_addresses(listed(account)):
        raise Refused("no-recovery-address")
    device = _make(account, actor=actor, lifetime=lifetime, uses=1, reason=reason)
    assert device.method is not None  # noqa: S101  made with it
    letter = Challenge.objects.create(
        account=account,
        method=device.method,
        kind=KIND,
        purpose=Purpose.REGISTER,
        binding=f"letter:{device.uid}",  # of no browser: it is only what the mail belongs to
        expires_at=timezone.now() + lifetime,
    )
    plan_asking(letter, "access-pass", channel="mail")


def _make(account: Account, *, actor: Account, lifetime: timedelta, uses: int | None, reason: str) -> AccessPassDevice:
    """A pass of which nobody knows the letters yet."""
    if not account.is_active:
        raise Refused("pass-not-possible")
    if not SHORTEST <= lifetime <= LONGEST or (uses is not None and not 1 <= uses <= MOST_USES):
        raise Refused("pass-limits")
    for old in [method for method in listed(account) if method.kind == KIND]:
        take_away(old)
    until = timezone.now() + lifetime
    method = RegisteredMethod.objects.create(account=account, kind=KIND, name=NAME, expires_at=until)
    device = AccessPassDevice(user=account, name="", method=method, confirmed=True, uses_left=uses)
    device.save(force_insert=True)
    after = {"method": str(method.pk), "kind": KIND, "until": until.isoformat(), "uses": uses}
    record(EventName.ACCESS_PASS_ISSUED, account=account, actor=actor, reason=reason, after=after)
    tell(account, "access-pass-issued", until=until.isoformat())
    return device


def fill(device: AccessPassDevice) -> str:
    """Give a pass its letters; they are told once and never stored."""
    code = make_pass()
    AccessPassDevice.objects.filter(pk=device.pk).update(digest=digest(device.uid, code))
    return grouped(code)
