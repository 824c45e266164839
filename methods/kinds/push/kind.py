"""The Authenticator: our own app on the person's phone, which approves requests and shows codes (C-01, C-09)."""

import time
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.refusals import Refused
from methods.challenges import device_of
from methods.contract import Label, MethodKind, Way
from methods.delivery import plan_asking
from methods.devices import MethodDevice
from methods.fatigue import Patience
from methods.forms import CodeForm
from methods.gateways.base import NeverSent
from methods.kinds.push import webpush
from methods.kinds.push.forms import GoOnForm
from methods.kinds.push.models import PushDevice
from methods.kinds.push.number import number_of
from methods.kinds.push.start import getting
from methods.models import Challenge, ChallengeState, Ending, Purpose, RegisteredMethod
from methods.timecodes import matching_step
from vault.fields import unseal

ASKED_ON_PHONE: dict[str, Any] = {
    "form": GoOnForm,
    "again": _("Send another request"),
    "nothing_came": _("No request on your phone? Open the app there."),
    "trouble": _("Your phone could not be notified. Open the app there: the request is waiting in it."),
    "waits": True,
    "one_try": True,
    "lifetime_seconds": 120,
}
PATIENCE = Patience("push", Q(kind="push", way="approve"), refusal="push-held", notice="requests-held")


def app_name() -> str:
    """What the institution calls the app."""
    return str(settings.MFA_AUTHENTICATOR_NAME)


class PushKind(MethodKind):
    code = "push"
    verbose_name = lazy(app_name, str)()
    icon = "app"
    device_model = PushDevice
    setup_url = "methods:push:setup"
    getting = "push/getting.html"
    family = "app"
    proves_callers = {"approve": "device"}
    rank = 10
    ways = (
        Way("push/challenge.html", code="approve", **ASKED_ON_PHONE),
        Way("push/code.html", CodeForm, code="code", icon="app-code"),
        Way("push/challenge.html", code="try", **ASKED_ON_PHONE),  # of an app that is to become a method
    )

    def ways_of(self, method: RegisteredMethod) -> list[Way]:
        """A registered app is not tried out any more."""
        return [way for way in super().ways_of(method) if way.code != "try"]

    def refuse(self, account: Account, way: Way, purpose: Purpose) -> None:
        if way.code == "approve":
            PATIENCE.refuse(account, purpose)

    def begin(self, challenge: Challenge) -> None:
        """One request at a time: a newer one ends the others (R-053). The app finds it by itself; a push only wakes it."""
        if not self.way(challenge.way).waits:
            return
        others = Challenge.objects.filter(account=challenge.account_id, kind=self.code, state=ChallengeState.OPEN, approved_at=None)
        others = others.filter(way__in=["approve", "try"]).exclude(pk=challenge.pk)
        others.update(state=ChallengeState.FAILED, ending=Ending.SUPERSEDED)
        device = device_of(challenge)
        if isinstance(device, PushDevice) and device.subscription:
            plan_asking(challenge, "push", channel="push")

    def deliver(self, challenge: Challenge, code: str) -> str:
        device = device_of(challenge)
        if not isinstance(device, PushDevice) or not device.subscription:
            raise NeverSent("no subscription")
        webpush.send(device, challenge)
        return ""

    def check(self, device: MethodDevice, challenge: Challenge, answer: str) -> bool:
        """The offline code: right when it is of this step or a neighbour, and later than the last one used (R-041, R-042)."""
        if not isinstance(device, PushDevice):
            return False
        step = matching_step(unseal(device, "seed"), answer, now=time.time())
        if step is None:
            return False
        return PushDevice.objects.filter(pk=device.pk, last_step__lt=step).update(last_step=step) == 1

    def facts(self, challenge: Challenge) -> dict[str, Any]:
        if self.way(challenge.way).waits:
            return {"number": number_of(challenge), "app": app_name()}
        held = PATIENCE.is_held(challenge.account)
        return {"app": app_name(), "held": Refused("push-held").told if held else ""}

    def getting_facts(self) -> dict[str, Any]:
        return getting()

    def describe(self, method: RegisteredMethod, way: Way | None) -> Label:
        if way is not None and way.code == "code":
            return _("Enter a code from %(name)s") % {"name": method.name}
        return _("Approve a request on %(name)s") % {"name": method.name}
