"""What a kind of method tells the site. Adding one: a folder under `methods/kinds/` and its line in INSTALLED_APPS."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from django.forms import Form
from django.utils.functional import Promise
from two_factor.plugins.registry import MethodBase

if TYPE_CHECKING:
    from methods.devices import MethodDevice
    from methods.models import Challenge, RegisteredMethod

Label = str | Promise


class MethodKind(MethodBase):  # type: ignore[misc]  # two-factor is untyped
    """A kind of verification method; refines django-two-factor-auth's plug-in contract."""

    code: ClassVar[str]
    verbose_name: ClassVar[Label]  # as in "Which method would you like to add?"
    icon: ClassVar[str]
    device_model: "ClassVar[type[MethodDevice]]"
    setup_url: ClassVar[str]  # URL name of the first set-up page
    family: ClassVar[str] = ""  # "app" kinds share the entry "Authenticator app" and link to each other
    rank: ClassVar[int] = 50  # order in lists, smallest first (C-04: phones last)
    for_sign_in: ClassVar[bool] = True  # C-05: others are never counted and never default
    sends: ClassVar[bool] = False  # whether a challenge sends something, so that it is never repeated unasked
    lifetime_seconds: ClassVar[int] = 600  # how long a challenge of this kind may be answered
    limit: ClassVar[int] = 5  # how many of this kind one account may register
    challenge_template: ClassVar[str]
    answer_form: ClassVar[type[Form]]

    def registered(self, device: "MethodDevice") -> None:
        """What else is true once `device` is a method; Refused when it may be none. Called in the transaction that made it one."""

    def removed(self, device: "MethodDevice") -> None:
        """What is no longer true without `device`. Called in the transaction that removes it."""

    @abstractmethod
    def check(self, device: "MethodDevice", challenge: "Challenge", answer: str) -> bool:
        """Whether `answer` is right, spending it if so. Called in a transaction that holds the account's lock (I3)."""

    def begin(self, challenge: "Challenge") -> None:
        """Plan what asks the person, such as a text message. Called in the transaction that wrote the challenge."""

    def deliver(self, challenge: "Challenge", code: str) -> str:
        """Send `code` on the kind's channel, in a worker; returns the provider's id (see `methods.gateways.base`)."""
        raise NotImplementedError(f"{self.code} sends nothing")

    @abstractmethod
    def describe(self, method: "RegisteredMethod") -> Label:
        """The option as a person reads it in "Use a different verification option"."""

    # django-two-factor-auth's side of the contract

    def get_devices(self, user: Any) -> Any:
        """Confirmed devices alone: an unfinished registration is not a method (R-142)."""
        return self.device_model.objects.filter(user=user, confirmed=True)

    def recognize_device(self, device: Any) -> bool:
        return isinstance(device, self.device_model)

    def get_action(self, device: Any) -> str:
        return str(self.describe(device.method))

    get_verbose_action = get_action
