"""App passwords: for programs that cannot ask for a verification, in the connected systems that take them. Never for this site (R-125)."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.refusals import Refused
from methods.contract import Label, MethodKind, Way
from methods.devices import MethodDevice
from methods.eligibility import Ability, systems
from methods.kinds.app_password.models import AppPasswordDevice
from methods.models import Challenge, RegisteredMethod
from methods.usable import listed


class AppPasswordKind(MethodKind):
    code = "app-password"
    verbose_name = _("App password")
    icon = "app-password"
    device_model = AppPasswordDevice
    setup_url = "methods:app_password:setup"
    rank = 91
    limit = 10
    for_sign_in = False
    ends_with_use = True
    ways = ()
    mail_when_added = "app-password-added"
    mail_when_ended = "app-password-ended"

    def is_offered(self, *, first: bool) -> bool:
        """Where some connected system takes one; never to somebody who has only a password."""
        return not first and bool(systems(Ability.APP_PASSWORDS, able=True))

    def registered(self, device: MethodDevice) -> None:
        """It has not been used, and ends by itself; Refused where it would be of no use."""
        if not isinstance(device, AppPasswordDevice) or device.method is None:
            raise Refused("not-allowed")
        account: Account = device.user
        if not account.methods_needed:
            raise Refused("app-password-too-early")
        if not systems(Ability.APP_PASSWORDS, able=True):
            raise Refused("app-password-nowhere")
        if any(one.name == device.method.name for one in listed(account) if one.kind == self.code and one.pk != device.method.pk):
            raise Refused("app-password-of-this-name")
        device.epoch = account.epoch
        device.save(update_fields=["epoch"])
        device.method.last_proven_at = None
        device.method.expires_at = timezone.now() + timedelta(days=settings.MFA_APP_PASSWORD_DAYS)
        device.method.save(update_fields=["last_proven_at", "expires_at"])

    def outdated(self, account: Account | None = None) -> Iterable[RegisteredMethod]:
        """Those that were open when all that was open of the account ended."""
        over = AppPasswordDevice.objects.filter(Q(user__left_at__isnull=False) | ~Q(epoch=F("user__epoch")), confirmed=True)
        of = over.filter(user=account) if account else over
        return RegisteredMethod.objects.filter(pk__in=of.values("method")).order_by("account", "pk")

    def check(self, device: MethodDevice, challenge: Challenge, answer: str) -> bool:
        """Nobody is ever asked for one here."""
        return False

    def describe(self, method: RegisteredMethod, way: Way | None) -> Label:
        return _("App password “%(name)s”") % {"name": method.name}
