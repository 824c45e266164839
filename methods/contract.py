"""What a kind of method tells the site. Adding one: a folder under `methods/kinds/` and its line in INSTALLED_APPS."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.forms import Form
from django.utils.functional import Promise
from two_factor.plugins.registry import MethodBase

from accounts.models import Account
from methods.codes import normalised

if TYPE_CHECKING:
    from methods.devices import MethodDevice
    from methods.models import Challenge, Purpose, RegisteredMethod

Label = str | Promise


@dataclass(frozen=True)
class Way:
    """One way in which a kind asks a person: its page, its form, and how the answer comes.

    `template` extends `methods/challenge.html`. `sends`: a message goes out, so that it is never repeated unasked. `waits`: the
    answer comes from the device and the page goes on by itself. `one_try`: a wrong answer ends the challenge.
    """

    template: str
    form: type[Form]
    code: str = ""
    icon: str = ""  # the kind's own where empty
    again: Label = ""  # the button that asks once more
    nothing_came: Label = ""  # the question before it
    trouble: Label = ""  # what the page says when nothing could be sent
    wrong: Label = ""  # and when the answer was not right
    approved: Label = ""  # and when the device said yes
    sends: bool = False
    waits: bool = False
    one_try: bool = False
    lifetime_seconds: int = 600  # how long a challenge may be answered

    @property
    def is_asked_first(self) -> bool:
        """Whether the page can only be shown once the person has been asked; other devices make codes whenever they like."""
        return self.sends or self.waits or self.one_try

    @property
    def is_quiet(self) -> bool:
        """Whether the person must be asked first and notices nothing of it: the page may ask anew by itself."""
        return self.one_try and not (self.sends or self.waits)


class MethodKind(MethodBase):  # type: ignore[misc]  # two-factor is untyped
    """A kind of verification method; refines django-two-factor-auth's plug-in contract."""

    code: ClassVar[str]
    verbose_name: ClassVar[Label]  # as in "Which method would you like to add?"
    icon: ClassVar[str]
    device_model: "ClassVar[type[MethodDevice]]"
    setup_url: ClassVar[str]  # URL name of the first set-up page
    ways: ClassVar[Sequence[Way]]  # the first is asked where nobody chose another; none: it is never asked
    family: ClassVar[str] = ""  # "app" kinds share the entry "Authenticator app" and link to each other
    getting: ClassVar[str] = "methods/getting_app.html"  # of an app: the middle of “Start by getting the app”
    rank: ClassVar[int] = 50  # order in lists, smallest first (C-04: phones last)
    carrier: ClassVar[str] = ""  # the device it usually lives on (`methods.carriers`); apps on the smartphone, others on their own
    by_telephone: ClassVar[bool] = False  # C-04: whoever has nothing else is advised to add something stronger
    for_sign_in: ClassVar[bool] = True  # C-05: others are never counted and never default
    opens_registration: ClassVar[bool] = False  # at sign-in it only lets a method be registered
    phishing_resistant: ClassVar[bool] = False  # its answer is bound to this site and worth nothing on another one
    reaches_owner: ClassVar[bool] = False  # a code sent to it may open the first registration, where a rule says so (D9)
    proves_callers: ClassVar[Mapping[str, str]] = {}  # ways in which staff may ask who is on the telephone, and the sort of proof
    ends_with_use: ClassVar[bool] = False  # it is of use only while MFA use goes on, and ends whenever that starts or ends
    mail_when_added: ClassVar[str] = "method-registered"
    mail_when_ended: ClassVar[str] = "method-removed"  # by itself
    limit: ClassVar[int] = 5  # how many of this kind one account may register

    @property
    def is_single(self) -> bool:
        """Whether an account has one at most, so that a new one takes the place of the old."""
        return self.limit == 1

    def way(self, code: str) -> Way:
        """The way with this code, else the first; LookupError for a kind that is never asked."""
        return next((way for way in self.ways if way.code == code), self.ways[0])

    def ways_of(self, method: "RegisteredMethod") -> list[Way]:
        """How this method may be asked, the way its owner chose first."""
        if not self.ways:
            return []
        chosen = self.way(method.way)
        return [chosen, *(way for way in self.ways if way is not chosen)]

    def is_offered(self, *, first: bool) -> bool:
        """Whether a person may choose it; in the first registration (`first`) only what can sign in by itself (S-20)."""
        return not first or self.stands_alone()

    def stands_alone(self) -> bool:
        """Whether it may be the only or the default method (S-14)."""
        return self.for_sign_in and not self.obstacle()

    def obstacle(self) -> Label:
        """Why a kind for signing in may be neither the only nor the default method, for the pages that offer it."""
        return ""

    def refuse(self, account: Account, way: Way, purpose: "Purpose") -> None:
        """Refused when this account may not be asked in this way now, such as after too many requests."""

    def objection(self, account: Account) -> str:
        """Why this account may not have one (a refusal's code), or nothing. Asked when it is offered, begun and registered."""
        return ""

    def registered(self, device: "MethodDevice") -> None:
        """What else is true once `device` is a method; Refused when it may be none. Called in the transaction that made it one."""

    def outdated(self, account: Account | None = None) -> "Iterable[RegisteredMethod]":
        """Methods, of one account or of all, that are of no use since something else ended: they are taken away, and their owner is told."""
        return ()

    def removed(self, device: "MethodDevice") -> None:
        """What is no longer true without `device`. Called in the transaction that removes it."""

    def read(self, way: Way, answer: str) -> str:
        """What a person meant by an answer, or nothing where it can be none; six digits unless the kind says otherwise."""
        return normalised(answer)

    @abstractmethod
    def check(self, device: "MethodDevice", challenge: "Challenge", answer: str) -> bool:
        """Whether `answer`, as `read` gave it, is right, spending it if so. Called under the account's lock (I3).

        Never called for a way that waits: its device says yes through `methods.hearing`.
        """

    def home_of(self, method: "RegisteredMethod") -> str:
        """ISO 3166 code of the country whose telephone network reaches it without roaming, or nothing."""
        return ""

    def begin(self, challenge: "Challenge") -> None:
        """Plan what asks the person, such as a text message. Called in the transaction that wrote the challenge."""

    def deliver(self, challenge: "Challenge", code: str) -> str:
        """Send `code`, or what asks without one, in a worker; returns the provider's id (see `methods.gateways.base`)."""
        raise NotImplementedError(f"{self.code} sends nothing")

    def facts(self, challenge: "Challenge") -> dict[str, Any]:
        """What the page of a challenge shows beside its form, such as the number to type into the phone."""
        return {}

    def getting_facts(self) -> dict[str, Any]:
        """What the template `getting` shows."""
        return {}

    def note(self, challenge: "Challenge") -> Label:
        """What a page that waits says meanwhile; asked anew every other second."""
        return ""

    @abstractmethod
    def describe(self, method: "RegisteredMethod", way: Way | None) -> Label:
        """The option as a person reads it in "Use a different verification option"; `way` is None where it is never asked."""

    # django-two-factor-auth's side of the contract

    def get_devices(self, user: Any) -> Any:
        """Confirmed devices alone: an unfinished registration is not a method (R-142)."""
        return self.device_model.objects.filter(user=user, confirmed=True)

    def recognize_device(self, device: Any) -> bool:
        return isinstance(device, self.device_model)

    def get_action(self, device: Any) -> str:
        return str(self.describe(device.method, next(iter(self.ways_of(device.method)), None)))

    get_verbose_action = get_action


class IssuedKind(MethodKind):
    """A kind that staff hand out and nobody adds by themselves."""

    setup_url = ""

    def is_offered(self, *, first: bool) -> bool:
        return False

    @abstractmethod
    def issue(self, account: Account, *, actor: Account, lifetime: timedelta, uses: int | None, reason: str) -> str:
        """One for this account, in place of an earlier one; returns what is to be handed over. Refused as the kind says."""

    @abstractmethod
    def mail(self, account: Account, *, actor: Account, lifetime: timedelta, reason: str) -> None:
        """The same, to the recovery address: no member of staff sees it."""

    @abstractmethod
    def hand_over(self, account: Account, *, actor: Account, lifetime: timedelta, reason: str) -> str:
        """The same, for the screen of somebody whose ID card `actor` has seen."""
