"""What a person can say on the telephone about a page that stops them: one code for each kind of page, and what the desk answers.

A number is never given twice, so that an old guide stays right. Behind it stands a reference to the sign-in or request at hand: it
finds what was recorded, opens nothing and is no secret.
"""

import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.context import where

Words = str | Promise
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another one when it is said or written
_MISREAD = str.maketrans("OIL", "011")
_SPOKEN = re.compile(r"([0-9]{3})(?:[- ]*([0-9A-Z]{6}))?")
LENGTH = 6


@dataclass(frozen=True)
class Entry:
    """Where the person is, why the page stopped them, and the next sentence to say. Of a refusal the cause is its own sentence."""

    number: int
    step: Words
    say: Words
    cause: Words = ""


@dataclass(frozen=True)
class Spoken:
    """A code as somebody said it: the number of its page and the reference, which may be missing."""

    number: int
    reference: str = ""


def reference_of(text: str) -> str:
    """The short name of a sign-in or request: the beginning of its id; nothing for what has no id of ours."""
    try:
        rest = uuid.UUID(text).int >> 98
    except ValueError:
        return ""
    return "".join(DIGITS[rest >> 5 * place & 31] for place in reversed(range(LENGTH)))


def ids_of(reference: str) -> tuple[uuid.UUID, uuid.UUID]:
    """The first and the last id that have this reference."""
    first = 0
    for character in reference:
        first = first << 5 | DIGITS.index(character)
    return uuid.UUID(int=first << 98), uuid.UUID(int=((first + 1) << 98) - 1)


def spoken(text: str) -> Spoken | None:
    """A code as it is heard or pasted: any width and case, O for 0, I and L for 1. None for everything else."""
    found = _SPOKEN.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    reference = (found[2] or "").translate(_MISREAD) if found else ""
    if found is None or int(found[1]) not in BY_NUMBER or not set(reference) <= set(DIGITS):
        return None
    return Spoken(int(found[1]), reference)


def code_of(name: str) -> str:
    """What the page of this name shows: its number, and the reference of what is going on. KeyError for an unknown name.

    A refused password has no reference: every such answer is the same to the letter (R-011).
    """
    here = where()
    reference = "" if name == "wrong-password" else reference_of(here.attempt or here.request_id)
    return f"{CATALOGUE[name].number}-{reference}" if reference else str(CATALOGUE[name].number)


def number_of(name: str) -> str:
    """The number alone, where nothing is going on that could be referred to. KeyError for an unknown name."""
    return str(CATALOGUE[name].number)


PAGE = _("Opening a page or sending a form")
PASSWORD = _("Sign-in: Common ID and password")
VERIFY = _("Sign-in or confirmation: the second step")
REGISTER = _("Registering or changing a verification method")
USE = _("Multi-factor authentication setting")
OWN = _("Their own pages: activity, sessions, travel, number of the card")
CALL = _("The link in a mail of the support desk")
STAFF = _("A page of staff")

BACK = _("Nothing has been changed. Go back to the first page and do that step again.")
AGAIN = _("Open the first page and sign in again from the beginning.")
OTHER = _("Choose “Use a different verification option” on your screen and take another method.")
ANEW = _("Ask for a new code or request on that page, and answer the newest one.")
HELD = _("Nothing can be tried for a while. I can unlock your account when I know that it is you.")
CARD = _("I have to make sure that it is you. Then I can send you a Temporary Access Pass.")
CHOOSE = _("Go back to Security info, choose “Add method” and take another kind of method.")
KEEP = _("Add another method first. Then you can change this one.")
STEPS = _("Do the steps of the guide in their order: register, sign out, sign in with the method, then apply.")
WAIT = _("There is nothing for you to do. Look at the page again in a few minutes.")
ASK_US = _("I look at your application now and tell you what comes next.")
LOOK = _("Open the page again: it shows how things stand now.")
CORRECT = _("Read the sentence beside the field, correct what you entered and send it again.")
DANGER = _("Somebody may know your password. Change it now; I look at your account meanwhile.")
COLLEAGUE = _("This stopped a colleague at work, not an account holder. Do what the sentence says, or ask the senior help desk.")
LEFT = _("The account has been closed. If that is a mistake, the office that keeps the directory has to correct it.")
NETWORK = _("Try from another network, for example on campus or at home.")

OF_PERSONS: Mapping[str, Entry] = {
    # Pages that say that something failed: the number is the one that browsers and logs use, where it was free.
    "bad-request": Entry(400, PAGE, BACK, _("The browser sent something that this site does not read.")),
    "forbidden": Entry(403, PAGE, _("This page is for staff. Use the menu on the left."), _("The account has no right to see this page.")),
    "not-found": Entry(404, PAGE, _("Go back to the first page and use the menu."), _("There is no page at this address.")),
    "no-page": Entry(
        430,
        PAGE,
        _("Go back to the first page and open the page from the menu: it shows how things stand now."),
        _("The address of a form was opened, or the answer to it was loaded anew."),
    ),
    "form-too-old": Entry(
        419,
        PAGE,
        _("Open the page again and repeat the step. Allow cookies for this site."),
        _("The form was too old, or cookies are off."),
    ),
    "our-fault": Entry(
        500,
        PAGE,
        _("The fault is ours. Try again in a few minutes; I pass the code on."),
        _("Something failed on the server; the log has it."),
    ),
    # Sign-in.
    "wrong-password": Entry(101, PASSWORD, _("Check the Common ID and the password. If it was tried often, wait and try again.")),
    "attempt-over": Entry(102, PASSWORD, AGAIN),
    "request-reported": Entry(103, VERIFY, DANGER),
    "account-left": Entry(104, PASSWORD, LEFT),
    "network-blocked": Entry(105, PASSWORD, NETWORK, _("The network is blocked by the policy.")),
    "recovery-needed": Entry(106, PASSWORD, CARD, _("None of the methods of the account can be used.")),
    "register-on-campus": Entry(
        107,
        PASSWORD,
        _("Register your first method on campus. If you cannot come, I make sure that it is you and help you."),
        _("The first method is registered from a campus network only."),
    ),
    "refused-by-rule": Entry(108, PASSWORD, NETWORK, _("A rule of the institution refuses this sign-in; the page names it.")),
    "key-missing": Entry(109, PASSWORD, CARD, _("A security key or a passkey is needed, and none is registered.")),
    "register-first": Entry(
        110,
        REGISTER,
        _("Choose “Next” and register a first method; I stay on the line."),
        _("A method must be registered before anything else."),
    ),
    "counter-no-help": Entry(112, PASSWORD, NETWORK),
    "step-up-impossible": Entry(
        111,
        VERIFY,
        _("Sign out and sign in again: you are led to the registration."),
        _("There is no method that could confirm this step."),
    ),
    "waiting-counter": Entry(
        113, PASSWORD, _("Show the code to the clerk. The page goes on by itself."), _("The clerk has not confirmed yet.")
    ),
    "counter-taken": Entry(
        114,
        PASSWORD,
        _("Is the pass in another window? Go on there. Otherwise sign in again and show the new code to the clerk."),
    ),
    # Waiting for, or answering, a request.
    "waiting-device": Entry(
        201, VERIFY, _("Look at your phone and answer there. Leave the page open."), _("The phone was asked and has not answered yet.")
    ),
    "waiting-code": Entry(
        202,
        VERIFY,
        _("Enter the newest code. If none comes, ask for another after half a minute."),
        _("A code was sent and is waited for."),
    ),
    "not-sent": Entry(203, VERIFY, OTHER, _("The message or call could not be sent.")),
    "code-over": Entry(204, VERIFY, ANEW, _("The code was not entered in time, or a newer one was sent.")),
    "timed-out": Entry(205, VERIFY, ANEW, _("No answer came from the phone in time.")),
    "ending-wrong": Entry(206, VERIFY, ANEW, _("The number on the phone was not the one on the screen.")),
    "ending-declined": Entry(207, VERIFY, _("Was it you who declined? If not, change your password."), _("It was declined on the phone.")),
    "ending-reported": Entry(208, VERIFY, DANGER, _("It was reported as unknown on the phone.")),
    "ending-machine": Entry(209, VERIFY, _("Answer the call yourself and press the key."), _("An answering machine took the call.")),
    "ending-unanswered": Entry(210, VERIFY, ANEW, _("Nobody answered the call, or no key was pressed.")),
    "ending-held": Entry(211, VERIFY, HELD, _("There were too many wrong codes.")),
    "ending-superseded": Entry(212, VERIFY, _("Answer the newest request only."), _("A newer request took the place of this one.")),
    "wrong-code": Entry(
        213, VERIFY, _("Enter the code once more, and look whether it is of the right app or message."), _("A wrong code.")
    ),
    "verification-held": Entry(214, VERIFY, HELD),
    "push-held": Entry(215, VERIFY, _("Enter the code that the app shows.")),
    "calls-held": Entry(216, VERIFY, OTHER),
    "too-many-messages": Entry(217, VERIFY, OTHER),
    "method-gone": Entry(218, VERIFY, OTHER),
    "kind-withdrawn": Entry(
        221,
        VERIFY,
        _("Choose “Use a different verification option”. If there is none, I make sure that it is you and help you."),
    ),
    "sending-late": Entry(219, VERIFY, OTHER, _("What was to be sent has not left the site yet.")),
    "key-not-used": Entry(220, VERIFY, OTHER, _("The security key or passkey was not used, or is not one of this account.")),
    # Methods.
    "last-method": Entry(301, REGISTER, KEEP),
    "key-alone": Entry(302, REGISTER, KEEP),
    "too-many-methods": Entry(303, REGISTER, _("Remove a method that you do not use any more, then add the new one.")),
    "not-default": Entry(304, REGISTER, _("Choose another method as the default.")),
    "number-not-allowed": Entry(305, REGISTER, CHOOSE),
    "number-without-texts": Entry(306, REGISTER, _("Choose “Call me”, or enter the number of a mobile phone.")),
    "number-of-another-slot": Entry(307, REGISTER, _("Enter the number of another phone.")),
    "phone-of-staff": Entry(308, REGISTER, CHOOSE),
    "number-of-institution": Entry(309, REGISTER, _("Enter the number of another phone.")),
    "number-on-other-accounts": Entry(310, REGISTER, CHOOSE),
    "kind-not-allowed": Entry(329, REGISTER, CHOOSE),
    "address-of-institution": Entry(311, REGISTER, _("Enter an address of another provider.")),
    "account-closed": Entry(318, REGISTER, HELD),
    "no-successor": Entry(312, REGISTER, KEEP),
    "app-password-too-early": Entry(313, REGISTER, STEPS),
    "app-password-nowhere": Entry(314, REGISTER, _("Your programs need no app password at the moment.")),
    "travel-country": Entry(410, OWN, _("Choose the country of the journey from the list.")),
    "begun-elsewhere": Entry(315, REGISTER, _("Close the other window, and go on with the code that is shown now.")),
    "app-password-of-this-name": Entry(316, REGISTER, _("Choose another name, or delete the old app password first.")),
    "mobile-with-extension": Entry(317, REGISTER, _("Leave the extension empty, or enter the number of the switchboard.")),
    "not-for-travel": Entry(401, OWN, _("Choose an app or a security key for the journey.")),
    "campaign-no-snooze": Entry(420, OWN, _("Press the button on that page: it leads to the next step. I stay on the line.")),
    "travel-dates": Entry(402, OWN, CORRECT),
    "activity-gone": Entry(409, OWN, LOOK),
    "activity-here": Entry(405, OWN, DANGER),
    "number-unreadable": Entry(406, OWN, CORRECT),
    "session-gone": Entry(407, OWN, LOOK),
    "stop-over": Entry(408, CALL, _("I look at your account now. Tell me what you did not ask for.")),
    "test-needs-key": Entry(411, OWN, _("Try out your security key or passkey. The other method stays as it is.")),
    # MFA use: application, propagation, termination.
    "waiting-propagation": Entry(501, USE, WAIT, _("The application is on its way to the connected systems.")),
    "not-ready": Entry(502, USE, STEPS, _("A step before the application is missing; the page names it.")),
    "no-method": Entry(503, USE, STEPS),
    "no-test-signin": Entry(504, USE, STEPS),
    "already-applied": Entry(505, USE, WAIT),
    "text-changed": Entry(506, USE, _("Read the instructions again, then save.")),
    "no-systems": Entry(507, USE, _("Try again later; I pass it on.")),
    "cannot-disable": Entry(508, USE, _("Tell me why you have to stop, and I request the termination when I know that it is you.")),
    "nothing-to-withdraw": Entry(509, USE, LOOK),
    "too-late-to-withdraw": Entry(510, USE, ASK_US),
    "no-mfa-use": Entry(511, USE, LOOK),
    "termination-open": Entry(512, USE, WAIT),
    "already-wished": Entry(513, USE, WAIT),
    "nothing-wished": Entry(514, USE, LOOK),
}
# Refusals that only staff meet. They are told by their sentence; the code is for who asks a colleague about it.
OF_STAFF = {
    "not-allowed": 701, "own-account": 702, "equal-or-higher-role": 703, "reason-missing": 704, "already-locked": 705,
    "pass-not-possible": 706, "pass-limits": 707, "method-not-active": 708, "method-not-restorable": 709, "no-recovery-address": 710,
    "report-settled": 711, "not-reset": 712, "caller-held": 713, "case-closed": 714, "caller-unproved": 715, "proof-not-possible": 716,
    "proof-over": 717, "own-question": 718, "approval-open": 719, "approval-closed": 720, "approval-outdated": 721, "own-approval": 722,
    "case-kept": 723, "termination-days": 724, "termination-closed": 725, "termination-outdated": 726, "own-request": 727,
    "requester-may-not": 728, "nothing-to-send": 729, "not-due-yet": 730, "may-apply-twice": 731, "nothing-to-retry": 732,
    "own-sign-in": 733, "nothing-to-wait-for": 734, "already-stopped": 735, "finding-own": 736, "finding-closed": 737,
    "finding-word-missing": 738, "threshold-range": 739, "threshold-unknown": 740,
    "card-of-another": 741, "counter-not-for-staff": 742, "counter-over": 743, "role-held": 744, "role-not-held": 745,
    "role-too-high": 746, "role-unknown": 747, "import-columns-missing": 748, "import-columns-twice": 749, "import-columns-unknown": 750,
    "import-empty": 751, "import-file-changed": 752, "import-heading": 753, "import-ids-unreadable": 754, "import-running": 755,
    "import-strict": 756, "import-too-many-missing": 757, "import-utf-16": 758,
    "draft-changed": 759, "draft-gone": 760, "draft-open": 761, "nothing-waits": 762, "own-policy": 763, "policy-outdated": 764,
    "policy-requester-may-not": 765, "version-gone": 766, "would-lock-you-out": 767, "not-compared": 768, "site-is-sure": 769,
    "site-unsure": 770, "too-many-searches": 771, "out-of-scope": 782, "role-not-limitable": 772, "affiliation-unknown": 773,
    "no-such-account": 774, "staff-limit": 775, "bulk-size": 776, "bulk-state": 777,
    "bulk-unknown": 778, "bulk-twice": 779, "bulk-staff": 780, "bulk-stopped-by-owner": 781, "bulk-outdated": 783, "broke-off": 784, "not-locked": 785,
    "caller-reported": 786,
    "campaign-changed": 790, "campaign-empty": 791, "campaign-not-draft": 792, "campaign-not-running": 793, "campaign-nothing-waits": 794,
    "campaign-own": 795, "campaign-requester-may-not": 796, "campaign-too-late": 797, "campaign-not-another-day": 799,
    "no-exception": 798,
    "people-left-without": 840, "more-left-without": 841, "contingency-gone": 842,
    "contingency-hours": 843, "outage-open": 844, "outage-over": 845, "own-outage": 846,
    "stopped-meanwhile": 847, "import-too-many-leave": 848, "closed-stays-protected": 849,
}  # fmt: skip
CATALOGUE = {**OF_PERSONS, **{name: Entry(number, STAFF, COLLEAGUE) for name, number in OF_STAFF.items()}}
BY_NUMBER = {entry.number: name for name, entry in CATALOGUE.items()}
