"""Handing out a pass: by staff, never to oneself, one at a time per account (R-161, R-164)."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from methods.kinds.access_pass.models import AccessPassDevice
from methods.kinds.access_pass.passes import digest, grouped, make_pass
from methods.lifecycle import take_away
from methods.models import RegisteredMethod
from methods.notices import tell
from methods.usable import listed

SHORTEST, LONGEST = timedelta(minutes=10), timedelta(days=30)
MOST_USES = 20
KIND, NAME = "access-pass", gettext_noop("Temporary Access Pass")


@transaction.atomic
def issue(account: Account, *, actor: Account, lifetime: timedelta, uses: int | None, reason: str) -> str:
    """A new pass in place of an earlier one; returns it, in groups of four, to be handed over and never stored.

    `uses` None: until it ends. Refused without the right, a reason, or within the limits of ten minutes to thirty days.
    """
    require(actor, "methods:issue-pass", on=account, reason=reason)
    account = hold(account.pk)
    if not account.is_active:
        raise Refused("pass-not-possible")
    if not SHORTEST <= lifetime <= LONGEST or (uses is not None and not 1 <= uses <= MOST_USES):
        raise Refused("pass-limits")
    for old in [method for method in listed(account) if method.kind == KIND]:
        take_away(old)
    until, code = timezone.now() + lifetime, make_pass()
    method = RegisteredMethod.objects.create(account=account, kind=KIND, name=NAME, expires_at=until)
    device = AccessPassDevice(user=account, name="", method=method, confirmed=True, uses_left=uses)
    device.digest = digest(device.uid, code)
    device.save(force_insert=True)
    after = {"method": str(method.pk), "until": until.isoformat(), "uses": uses}
    record(EventName.ACCESS_PASS_ISSUED, account=account, actor=actor, reason=reason, after=after)
    tell(account, "access-pass-issued", until=until.isoformat())
    return grouped(code)
