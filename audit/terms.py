"""Words for the keys and codes that stand in events. Upper floors add the names of their own codes at start-up."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Words = str | Promise
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")

KEYS: dict[str, Words] = {
    "account": _("Account"),
    "accounts": _("Accounts"),
    "actor": _("Who"),
    "action": _("Action"),
    "added": _("Added"),
    "address": _("Address"),
    "affiliation": _("Affiliation"),
    "affiliations": _("Affiliations"),
    "alarm": _("Alarm"),
    "app": _("App"),
    "approved_by": _("Approved by"),
    "application": _("Application"),
    "asked_from": _("Asked from"),
    "asks": _("What is asked"),
    "based_on": _("Made from version"),
    "before": _("Page of the list"),
    "caller_secret": _("Secret for its questions"),
    "carrier": _("Device"),
    "bulk": _("Work on a list"),
    "campaign": _("Campaign"),
    "case": _("Case"),
    "case_kind": _("What it is about"),
    "channel": _("Channel"),
    "contact_address": _("Contact address"),
    "countries": _("Countries"),
    "count": _("Number"),
    "country": _("Country"),
    "compared": _("Accounts compared"),
    "days": _("Days"),
    "detector": _("Detector"),
    "default": _("Default sign-in method"),
    "drift": _("Accounts that differ"),
    "done": _("Done"),
    "digest": _("Digest of the statement"),
    "event": _("Event"),
    "facts": _("Facts"),
    "failed": _("Failed"),
    "failures": _("Failures in a row"),
    "first_seal": _("First seal"),
    "format": _("Form of the file"),
    "found": _("Accounts found"),
    "groups": _("Groups"),
    "gone": _("Events removed"),
    "guide_link": _("Guide link"),
    "held_until": _("Locked until"),
    "hint": _("Hint"),
    "in_effect": _("MFA use in effect"),
    "institution_number": _("Student or staff number"),
    "initial_password": _("Initial password"),
    "kind": _("Kind"),
    "kinds": _("Kinds"),
    "language": _("Language"),
    "last_seal": _("Last seal"),
    "leaves_on": _("Leaves on"),
    "left_at": _("Left on"),
    "locked": _("Locked"),
    "members": _("Members"),
    "missing": _("Events that are missing"),
    "method": _("Method"),
    "methods": _("Methods"),
    "mode": _("Mode"),
    "most": _("At most"),
    "name": _("Name"),
    "name_en": _("Name in Latin script"),
    "name_ja": _("Name in Japanese script"),
    "network": _("Network"),
    "networks": _("Networks"),
    "not_known": _("Accounts not known there"),
    "outage": _("Declared outage"),
    "out": _("Asked last"),
    "hours": _("Hours at most"),
    "last_days": _("Last days"),
    "limits": _("Most of a kind"),
    "refused_prefixes": _("Numbers that are refused"),
    "refused_domains": _("Mail domains that are refused"),
    "call_digits": _("Calls with digits"),
    "attestation": _("Makes of security keys"),
    "authenticators": _("Models of security keys"),
    "last_day": _("Last day"),
    "order": _("Place in the order"),
    "owner": _("Taken by"),
    "outlet": _("Way out"),
    "overdue": _("A campaign’s last day has passed"),
    "part": _("Part"),
    "path": _("Page"),
    "period": _("Period"),
    "place": _("From where"),
    "policy": _("Version of the policy"),
    "preset": _("Preset"),
    "problem": _("Problem"),
    "proof": _("Proof"),
    "purpose": _("Purpose"),
    "query": _("Filter"),
    "ranges": _("Ranges of addresses"),
    "removed": _("Removed"),
    "report": _("Report"),
    "reported": _("A rule that only reports says"),
    "requested_by": _("Requested by"),
    "requires": _("Requires something"),
    "retirement": _("Statement of removal"),
    "revision": _("Revision"),
    "right": _("Right"),
    "role": _("Role"),
    "roles": _("Roles"),
    "rule": _("Rule"),
    "sent": _("Sent"),
    "session": _("Session"),
    "sessions": _("Sessions"),
    "shared": _("Shared"),
    "shown": _("Accounts"),
    "since": _("Since"),
    "source": _("Opened by"),
    "state": _("State"),
    "strong": _("Of them security keys and passkeys"),
    "system": _("System"),
    "systems": _("Systems"),
    "template": _("Message"),
    "termination": _("Termination"),
    "text": _("Search words"),
    "threshold": _("Threshold"),
    "text_version": _("Version of the instructions"),
    "typed": _("What was typed"),
    "until": _("Until"),
    "usable": _("Usable methods"),
    "use": _("State of MFA use"),
    "used": _("Used"),
    "uses": _("Uses"),
    "value": _("Value"),
    "verified_with": _("Verified with"),
    "way": _("Way"),
    "weakens": _("Sign-ins protected less"),
    "what": _("What happened"),
    "wish": _("What was asked for"),
    "why": _("Why"),
    "without_end": _("Without end"),
}

SAME_NAMES = {"verified_with": "kind", "reported": "rule", "roles": "role", "kinds": "kind", "countries": "country"}

_codes: dict[tuple[str, str], Words] = {}
_namers: dict[str, Callable[[str], str]] = {}


def name_codes(key: str, names: Mapping[str, Words]) -> None:
    """Say how the values of a fact are called on screen."""
    _codes.update({(key, code): name for code, name in names.items()})


def name_by(key: str, namer: Callable[[str], str]) -> None:
    """Say who knows what the values of a fact are called that are data themselves; the empty text where nobody does."""
    _namers[key] = namer


def codes_of(key: str) -> dict[str, Words]:
    """What the values of a fact are called on screen, by code."""
    return {code: name for (fact, code), name in _codes.items() if fact == key}


def key_words(key: str) -> str:
    """The name of a fact; the key itself when nobody has named it."""
    return str(KEYS.get(key, key))


def value_words(key: str, value: Any) -> str:
    """One fact as a person reads it: codes by name, moments in local time, lists and records in a line."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return "; ".join(value_words(key, one) for one in value)
    if isinstance(value, dict):
        said = {inner: value_words(inner, one) for inner, one in value.items()}
        return ", ".join(f"{key_words(inner)}: {words}" for inner, words in said.items() if words)
    return _named(SAME_NAMES.get(key, key), str(value)) or _moment(str(value)) or str(value)


def _named(key: str, code: str) -> str:
    known = str(_codes.get((key, code), ""))
    return known or (_namers[key](code) if key in _namers else "")


def _moment(text: str) -> str:
    """A moment in local time. Whoever names a method may write what only looks like one: nothing is said of that."""
    try:
        moment = parse_datetime(text) if MOMENT.match(text) else None
        if moment is None or timezone.is_naive(moment):
            return ""
        return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    except (ValueError, OverflowError):
        return ""


name_codes(
    "purpose",
    {
        "sign-in": _("signing in"),
        "step-up": _("verifying again"),
        "register": _("registering a method"),
        "caller": _("a call to the support desk"),
    },
)
name_codes("state", {"on": _("On"), "off": _("Off")})
name_codes("channel", {"mail": _("mail"), "sms": _("text message"), "call": _("telephone call"), "push": _("notification")})
name_codes(
    "why",
    {
        "own": _("the account holder ended them"),
        "not-me": _("the account holder said that it was not them"),
        "staff": _("the support desk ended them"),
        "signed-out": _("the account holder signed out"),
        "method-removed": _("a method was removed"),
        "method-suspended": _("a lost device was suspended"),
        "lost": _("the device is lost"),
        "access-pass": _("a Temporary Access Pass was used"),
        "methods-reset": _("re-registration is required"),
        "mfa-changed": _("MFA use started or ended"),
        "locked": _("the account was locked"),
        "left": _("the account holder left the institution"),
        "all-ended": _("all that was open was ended"),
    },
)
