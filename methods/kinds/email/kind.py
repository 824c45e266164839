"""The recovery address: told of changes; at sign-in a code sent to it opens the first registration at most (S-66, R-110, D9)."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from methods.challenges import device_of
from methods.codes import matches
from methods.contract import Label, MethodKind, Way
from methods.delivery import plan_asking
from methods.devices import MethodDevice
from methods.forms import CodeForm
from methods.gateways.base import NeverSent
from methods.kinds.email.models import EmailDevice
from methods.letters import send_letter
from methods.models import Challenge, Purpose, RegisteredMethod

LETTERS = {Purpose.CALLER: "caller-code", Purpose.SIGN_IN: "first-registration-code"}


def _letter(challenge: Challenge) -> str:
    return LETTERS.get(Purpose(challenge.purpose), "recovery-address-code")


class EmailKind(MethodKind):
    code = "email"
    verbose_name = _("Email")
    icon = "mail"
    device_model = EmailDevice
    setup_url = "methods:email:setup"
    rank = 90
    limit = 1
    proves_callers = {"": "recovery-code"}
    for_sign_in = False
    reaches_owner = True
    ways = (
        Way(
            "email/challenge.html",
            CodeForm,
            again=_("Send a new code"),
            nothing_came=_("No mail after a minute?"),
            sends=True,
            lifetime_seconds=3600,
        ),
    )

    def begin(self, challenge: Challenge) -> None:
        plan_asking(challenge, _letter(challenge), channel="mail")

    def deliver(self, challenge: Challenge, code: str) -> str:
        device = device_of(challenge)
        if not isinstance(device, EmailDevice):
            raise NeverSent("device gone")
        facts = {"code": code}
        return send_letter(challenge.account, _letter(challenge), address=device.address, facts=facts, reference=challenge.pk)

    def check(self, device: MethodDevice, challenge: Challenge, answer: str) -> bool:
        return matches(challenge, answer)

    def registered(self, device: MethodDevice) -> None:
        """From now on notices go to this address as well."""
        if isinstance(device, EmailDevice):
            account: Account = device.user
            account.recovery_address, account.recovery_address_confirmed_at = device.address, timezone.now()
            account.save(update_fields=["recovery_address", "recovery_address_confirmed_at"])
            record(EventName.RECOVERY_ADDRESS_CONFIRMED, account=account, actor=account)

    def removed(self, device: MethodDevice) -> None:
        account: Account = device.user
        account.recovery_address, account.recovery_address_confirmed_at = "", None
        account.save(update_fields=["recovery_address", "recovery_address_confirmed_at"])

    def describe(self, method: RegisteredMethod, way: Way | None) -> Label:
        return _("Email %(hint)s") % {"hint": method.hint}
