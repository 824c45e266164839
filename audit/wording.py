"""Puts events into plain words."""

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.masking import masked
from audit.models import Event
from audit.phrases import Wording, serious
from audit.sentences import WORDINGS
from audit.terms import name_codes, value_words

GROUPS: tuple[tuple[Promise, frozenset[str]], ...] = (
    (_("Accounts and roles"), frozenset({"account", "accounts", "leaver", "access", "role", "affiliation"})),
    (_("Sign-in and sessions"), frozenset({"password", "signin", "session"})),
    (_("Verification and messages"), frozenset({"challenge", "activity", "report", "message", "sending"})),
    (_("Methods"), frozenset({"method", "methods", "journey", "app", "app-password", "recovery-address", "access-pass"})),
    (_("Help desk"), frozenset({"case", "caller", "action", "counter", "bulk", "staff", "break-glass"})),
    (_("Guide"), frozenset({"guide"})),
    (_("MFA use"), frozenset({"application", "termination"})),
    (_("Policies"), frozenset({"policy", "campaign", "outage"})),
    (_("Connected systems"), frozenset({"delivery", "system", "circuit", "alarm", "site"})),
    (_("Audit"), frozenset({"events", "view", "heads", "collector", "export", "finding", "detectors", "threshold"})),
)


name_codes("what", {name.value: words.title for name, words in WORDINGS.items()})
BY_NAME = {name.value: words for name, words in WORDINGS.items()}
UNKNOWN = serious(_("Unknown event"), _("Something was recorded that this version of the site does not know."))


def wording(event: Event) -> Wording:
    """The words for the name of an event; a name that is not in the catalogue was put in from outside, or by a newer version."""
    return BY_NAME.get(event.name, UNKNOWN)


def sentence(event: Event) -> str:
    """What happened, in the reader's language: the fullest sentence all of whose blanks can be filled."""
    words = next(_filled(wording(event).sentences, _facts(event)))
    return masked(words[:1].upper() + words[1:])


def _filled(sentences: tuple[Promise, ...], facts: dict[str, str]) -> Iterator[str]:
    for words in sentences:
        try:
            yield str(words) % facts
        except KeyError:
            continue


def who(event: Event) -> str:
    """Who acted: the account holder, a member of staff by Common ID, or this site."""
    if event.actor_kind == "self":
        return gettext("the account holder")
    return event.actor_label or gettext("this site")


def _facts(event: Event) -> dict[str, str]:
    given: dict[str, Any] = {f"old_{key}": value for key, value in event.before.items()} | event.before | event.after
    spoken = {key: value_words(key.removeprefix("old_"), value) for key, value in given.items()}
    known = {"known_account": event.account_label} if event.account_label else {}
    return (
        {key: words for key, words in spoken.items() if words}
        | known
        | {
            "account": event.account_label or gettext("an unknown account"),
            "by": who(event),
        }
    )


def grouped_titles() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every event name with its title, by subject, for a list to choose from."""
    titles = [(name.value, str(words.title)) for name, words in WORDINGS.items()]
    return [(str(group), [(name, title) for name, title in titles if name.split(":")[0] in subjects]) for group, subjects in GROUPS]
