"""Authenticator apps that show a six-digit code (RFC 6238)."""

import time

from django.utils.translation import gettext_lazy as _

from methods.contract import Label, MethodKind, Way
from methods.devices import MethodDevice
from methods.forms import CodeForm
from methods.kinds.totp.models import TotpDevice
from methods.kinds.totp.seed import matching_step
from methods.models import Challenge, RegisteredMethod


class TotpKind(MethodKind):
    code = "totp"
    verbose_name = _("Authenticator app")
    icon = "app-code"
    device_model = TotpDevice
    setup_url = "methods:totp:setup"
    family = "app"
    rank = 20
    ways = (Way("totp/challenge.html", CodeForm),)

    def check(self, device: MethodDevice, challenge: Challenge, answer: str) -> bool:
        """Right when it is the code of this step or a neighbour that is later than the last one used (R-041, R-042)."""
        if not isinstance(device, TotpDevice):
            return False
        step = matching_step(device, answer, now=time.time())
        if step is None:
            return False
        return TotpDevice.objects.filter(pk=device.pk, last_step__lt=step).update(last_step=step) == 1

    def describe(self, method: RegisteredMethod, way: Way | None) -> Label:
        return _("Enter a code from %(name)s") % {"name": method.name}
