"""A printed card of codes, used from top to bottom."""

from django.db.models import F
from django.utils.crypto import constant_time_compare
from django_otp.oath import hotp

from methods.contract import Label, MethodKind, Way
from methods.devices import MethodDevice
from methods.forms import CodeForm
from methods.kinds.paper.models import PaperDevice
from methods.models import Challenge, RegisteredMethod
from vault.fields import unseal


def code_of(device: PaperDevice) -> str:
    """The first code that is not crossed out."""
    left = PaperDevice.objects.get(pk=device.pk).crossed_out
    return f"{hotp(unseal(device, 'seed'), left):06d}"


class PaperKind(MethodKind):
    code = "paper"
    verbose_name = "Printed card"
    icon = "list"
    device_model = PaperDevice
    setup_url = "methods:paper:setup"
    ways = (Way("paper/challenge.html", CodeForm),)

    def check(self, device: MethodDevice, challenge: Challenge, answer: str) -> bool:
        if not isinstance(device, PaperDevice) or not constant_time_compare(code_of(device), answer):
            return False
        mine = PaperDevice.objects.filter(pk=device.pk, crossed_out=device.crossed_out)
        return mine.update(crossed_out=F("crossed_out") + 1) == 1

    def describe(self, method: RegisteredMethod, way: Way | None) -> Label:
        return f"Enter a code from {method.name}"
