"""The Temporary Access Pass: handed out by staff, it opens the registration of a method and nothing else (R-164)."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from methods.challenges import device_of
from methods.contract import IssuedKind, Label, Way
from methods.devices import MethodDevice
from methods.gateways.base import NeverSent
from methods.kinds.access_pass.forms import PassForm
from methods.kinds.access_pass.issuing import fill, hand_over, issue, mail
from methods.kinds.access_pass.models import AccessPassDevice
from methods.kinds.access_pass.passes import matches, read_pass
from methods.letters import send_letter
from methods.models import Challenge, RegisteredMethod
from methods.usable import listed, recovery_addresses


class AccessPassKind(IssuedKind):
    code = "access-pass"
    verbose_name = _("Temporary Access Pass")
    icon = "pass"
    device_model = AccessPassDevice
    rank = 95
    limit = 1
    for_sign_in = False
    opens_registration = True
    ways = (Way("access_pass/challenge.html", PassForm),)

    def issue(self, account: Account, *, actor: Account, lifetime: timedelta, uses: int | None, reason: str) -> str:
        return issue(account, actor=actor, lifetime=lifetime, uses=uses, reason=reason)

    def mail(self, account: Account, *, actor: Account, lifetime: timedelta, reason: str) -> None:
        mail(account, actor=actor, lifetime=lifetime, reason=reason)

    def hand_over(self, account: Account, *, actor: Account, lifetime: timedelta, reason: str) -> str:
        return hand_over(account, actor=actor, lifetime=lifetime, reason=reason)

    def deliver(self, challenge: Challenge, code: str) -> str:
        """The pass itself: longer than `code`, made now, and told to the recovery address alone."""
        device, account = device_of(challenge), challenge.account
        if not isinstance(device, AccessPassDevice) or not recovery_addresses(listed(account)):
            raise NeverSent("device gone")
        facts = {"code": fill(device), "until": challenge.expires_at.isoformat()}
        return send_letter(account, "access-pass", address=account.recovery_address, facts=facts, reference=challenge.pk)

    def read(self, way: Way, answer: str) -> str:
        return read_pass(answer)

    def check(self, device: MethodDevice, challenge: Challenge, answer: str) -> bool:
        """Right while uses are left; with the last of them the pass has ended."""
        if not isinstance(device, AccessPassDevice) or not matches(device.digest, device.uid, answer):
            return False
        if device.uses_left is None:
            return True
        if not AccessPassDevice.objects.filter(pk=device.pk, uses_left__gt=0).update(uses_left=F("uses_left") - 1):
            return False
        if device.uses_left == 1:
            RegisteredMethod.objects.filter(accesspassdevice=device).update(expires_at=timezone.now())
        return True

    def describe(self, method: RegisteredMethod, way: Way | None) -> Label:
        return _("Use a Temporary Access Pass")
