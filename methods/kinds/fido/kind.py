"""FIDO security keys and passkeys (WebAuthn): the key signs for this site alone, so that its answer cannot be phished."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from audit.catalogue import EventName
from audit.record import record
from methods.challenges import device_of
from methods.contract import Label, MethodKind, Way
from methods.devices import MethodDevice
from methods.eligibility import Ability, systems
from methods.kinds.fido.asking import question
from methods.kinds.fido.forms import LONGEST_ANSWER, KeyForm
from methods.kinds.fido.judging import Signed, registered, signed
from methods.kinds.fido.models import FidoDevice
from methods.kinds.fido.party import LIFETIME_SECONDS
from methods.models import Challenge, Purpose, RegisteredMethod
from methods.notices import tell


class FidoKind(MethodKind):
    code = "fido"
    verbose_name = _("Security key")
    icon = "usb-key"
    device_model = FidoDevice
    setup_url = "methods:fido:setup"
    rank = 60
    limit = 10
    phishing_resistant = True
    ways = (
        Way(
            "fido/challenge.html",
            KeyForm,
            again=_("Try again"),
            wrong=_("The answer of the security key was not accepted. Try again, or choose another method."),
            one_try=True,
            lifetime_seconds=LIFETIME_SECONDS,
        ),
    )

    def obstacle(self) -> Label:
        """Keys work where every connected system can ask for one (S-14)."""
        unable = systems(Ability.SECURITY_KEYS, able=False)
        if not unable:
            return ""
        text = _("%(systems)s cannot ask for a security key yet, so it can be neither your only nor your default method.")
        return str(text) % {"systems": str(_(", ")).join(unable)}

    def read(self, way: Way, answer: str) -> str:
        return answer if len(answer) <= LONGEST_ANSWER else ""

    def facts(self, challenge: Challenge) -> dict[str, Any]:
        return {"key": question(challenge, device_of(challenge))}

    def check(self, device: MethodDevice, challenge: Challenge, answer: str) -> bool:
        """A registration keeps what the key said of itself; any other answer counts the key's counter on (R-094)."""
        if not isinstance(device, FidoDevice):
            return False
        if challenge.purpose == Purpose.REGISTER:
            return _keep(device, challenge, answer)
        said = signed(challenge, device, answer)
        if said is None:
            return False
        if not _count_on(device, said):
            _report_clone(device, challenge)
            return False
        return True

    def describe(self, method: RegisteredMethod, way: Way | None) -> Label:
        return _("Use the security key “%(name)s”") % {"name": method.name}


def _keep(device: FidoDevice, challenge: Challenge, answer: str) -> bool:
    """Refused when the key stands on any account already: never overwritten (R-093)."""
    found = registered(challenge, answer)
    if found is None:
        return False
    try:
        with transaction.atomic():
            device.learn(**vars(found))
    except IntegrityError:
        return False
    return True


def _count_on(device: FidoDevice, said: Signed) -> bool:
    """In one statement: of two answers with the same count, one is right. Passkeys do not count and always say 0."""
    mine = FidoDevice.objects.filter(pk=device.pk)
    older = mine.filter(sign_count__lt=said.sign_count) if said.sign_count else mine.filter(sign_count=0)
    return older.update(sign_count=said.sign_count, backed_up=said.backed_up) == 1


def _report_clone(device: FidoDevice, challenge: Challenge) -> None:
    """Everything was right but the counter: somebody may have a copy of the key."""
    name = device.method.name if device.method else ""
    after = {"method": str(device.method_id or ""), "kind": challenge.kind, "name": name, "purpose": challenge.purpose}
    record(EventName.METHOD_CLONED, account=challenge.account, after=after)
    tell(challenge.account, "method-cloned", method=name)
