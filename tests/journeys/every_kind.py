"""Each kind of method as its owner meets it: how its registration begins, what the outside does then, how it answers at sign-in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from accounts.models import Account
from methods.contract import IssuedKind
from methods.hearing import Said, hear
from methods.models import Challenge, ChallengeState
from methods.registry import kind
from policies.models import ConnectedSystem
from tests.factories import an_account, app_code
from tests.journeys.hands import Mouse
from tests.methods.people import Handset, mailed_code, send_all
from tests.methods.push_phone import Phone

CODE = "6-digit code"


@dataclass
class Owner:
    """A person, what works the page, and what is outside of it."""

    account: Account
    handset: Handset
    phone: Phone = field(default_factory=Phone)
    keys: list[str] = field(default_factory=list)  # of authenticator apps, as their pages showed them
    secret: str = ""
    texts_read: int = 0
    has_scripts: bool = True


Do = Callable[[Owner, Mouse], Any]


def add(label: str) -> Do:
    def begin(owner: Owner, hands: Mouse) -> None:
        hands.page.goto("/security-info/add/")
        hands.choose("Which method would you like to add?", label)
        hands.press("Add")

    return begin


def then(*steps: Do) -> Do:
    def walk(owner: Owner, hands: Mouse) -> None:
        for step in steps:
            step(owner, hands)

    return walk


def press(name: str) -> Do:
    return lambda owner, hands: hands.press(name)


def fill(label: str, text: str) -> Do:
    return lambda owner, hands: hands.fill(label, text)


def check(label: str) -> Do:
    return lambda owner, hands: hands.check(label)


def next_by_hand(owner: Owner, hands: Mouse) -> None:
    """With scripts the page goes on by itself."""
    if not owner.has_scripts:
        hands.press("Next")


def _enter(code: Callable[[Owner, Mouse], str], button: str) -> Do:
    return lambda owner, hands: (hands.fill(CODE, code(owner, hands)), hands.press(button))


def _app(owner: Owner, hands: Mouse) -> str:
    shown = hands.page.locator("#qr-key")
    if shown.count():
        owner.keys.append(shown.inner_text())
        return app_code(owner.keys[-1])
    return app_code(owner.keys[-1], steps_ahead=1)  # the one before was spent


def _texted(owner: Owner, hands: Mouse) -> str:
    """A new one: the page may be there before its text is on the way."""
    over = monotonic() + 30
    while len(owner.handset.texts) == owner.texts_read:
        assert monotonic() < over, "no text has come"
        send_all()
        sleep(0.1)
    owner.texts_read = len(owner.handset.texts)
    return owner.handset.code


def _mailed(owner: Owner, hands: Mouse) -> str:
    return mailed_code()


def _confirm_call(owner: Owner, hands: Mouse) -> None:
    """The phone rings and is answered."""
    send_all()
    ringing = Challenge.objects.filter(account=owner.account, state=ChallengeState.OPEN, way="call").latest("issued_at")
    assert hear(ringing.pk, lambda *_: Said.YES) is Said.YES


def _pair(owner: Owner, hands: Mouse) -> None:
    """As far as “Let's try it out”."""
    if not hands.page.locator("#typed-code").is_visible():
        hands.page.locator("#main summary").first.click()
    code = hands.page.locator("#typed-code").inner_text()
    assert owner.phone.pair(code=code, account=owner.account.common_id).status_code == 200
    next_by_hand(owner, hands)
    hands.page.wait_for_url("**/push/try/")


def _approve(owner: Owner, hands: Mouse) -> None:
    assert owner.phone.yes(hands.page.locator(".big-number-digits").inner_text()) == "yes"


def _approved(owner: Owner, hands: Mouse) -> None:
    """It is told before anybody presses Next, where the page can."""
    if owner.has_scripts:
        hands.page.locator("#main").get_by_text("Notification approved").wait_for()
    hands.press("Next")


def _enter_pass(owner: Owner, hands: Mouse) -> None:
    hands.fill("Temporary Access Pass", owner.secret)
    hands.press("Verify")


def takes_app_passwords(owner: Owner) -> None:
    """MFA use is on, and a connected system takes them."""
    Account.objects.filter(pk=owner.account.pk).update(methods_needed=True)
    ConnectedSystem.objects.update(takes_app_passwords=True)


def has_a_pass(owner: Owner) -> None:
    known = kind("access-pass")
    assert isinstance(known, IssuedKind)
    how: dict[str, Any] = {"lifetime": timedelta(hours=1), "uses": 1, "reason": "card"}
    owner.secret = known.issue(owner.account, actor=an_account(roles=("senior-helpdesk",)), **how)


@dataclass(frozen=True)
class Deed:
    """`begin` goes to the page that waits for a proof, `prove` gives it; `answer` is the proof at sign-in.

    `stage`: what must be true before. `lands`: where the answer leads. `needs_scripts`: browsers give no other way to it.
    """

    begin: Do | None = None
    prove: Do | None = None
    answer: Do | None = None
    stage: Callable[[Owner], None] = lambda owner: None
    lands: str = "/security-info/"
    needs_scripts: bool = False
    authenticator: str = "usb"
    sends: int = 0  # messages that go out until it is registered, the notices aside


APP, SCAN = add("Authenticator app"), then(press("I want to use a different authenticator app"), press("Next"))
NUMBER, CALLED = fill("Phone number", "090-1234-5678"), then(_confirm_call, next_by_hand)
KEY = then(add("Security key"), press("Next"))
DEEDS: dict[str, Deed] = {
    "authenticator app": Deed(then(APP, SCAN), _enter(_app, "Next"), _enter(_app, "Verify")),
    "the Authenticator": Deed(then(APP, press("Next"), press("Next")), then(_pair, _approve, _approved), then(_approve, next_by_hand)),
    "phone, texted": Deed(
        then(add("Phone"), NUMBER, check("Text me a code"), press("Next")), _enter(_texted, "Next"), _enter(_texted, "Verify"), sends=1
    ),
    "phone, called": Deed(then(add("Phone"), NUMBER, check("Call me"), press("Next")), CALLED, CALLED, sends=1),
    "alternate phone": Deed(then(add("Alternate Phone"), NUMBER, press("Next")), CALLED, CALLED, sends=1),
    "office phone with an extension": Deed(
        then(add("Office Phone"), fill("Phone number", "03-5842-2000"), fill("Extension", "42"), press("Next")), CALLED, CALLED, sends=1
    ),
    "security key": Deed(KEY, press("Next"), press("Verify"), needs_scripts=True),
    "passkey": Deed(KEY, press("Next"), press("Verify"), needs_scripts=True, authenticator="internal"),
    "recovery address": Deed(
        then(add("Email"), fill("Email address", "me@mail.example.org"), press("Next")), _enter(_mailed, "Next"), sends=1
    ),
    "app password": Deed(add("App password"), then(fill("Name", "mail on my laptop"), press("Next")), stage=takes_app_passwords),
    "Temporary Access Pass": Deed(answer=_enter_pass, stage=has_a_pass, lands="/signin/more-information/"),
}


def authenticator(deed: Deed) -> dict[str, Any]:
    """The security key in the browser, as Chromium wants it described."""
    inside = {"protocol": "ctap2", "transport": deed.authenticator, "hasResidentKey": True, "hasUserVerification": True}
    return inside | {"isUserVerified": True, "automaticPresenceSimulation": True}
