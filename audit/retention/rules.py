"""How long events are kept: rules as data (MFA_AUDIT_KEEP), by name, by subject, or for all others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings

from audit.catalogue import EventName

LEAST_DAYS = 90  # a slip of the keyboard shall not cost the record of last month
ALWAYS_KEPT = frozenset({EventName.EVENTS_RETIRED})
EVERYTHING_ELSE = "*"


class NoRule(ValueError):
    """What stands in the settings is no rule; in words."""


@dataclass(frozen=True)
class Rule:
    """Events of `subject` are kept for so many days."""

    subject: str
    days: int

    def __str__(self) -> str:
        return f"{self.subject} after {self.days} days"


def parsed(texts: Iterable[str]) -> list[Rule]:
    """Rules from `challenge=400`, `events:read=800`, `*=3650`; NoRule says which one is none."""
    found = [_parsed(text) for text in texts]
    if len({rule.subject for rule in found}) < len(found):
        raise NoRule("MFA_AUDIT_KEEP has two rules for the same events.")
    return found


def _parsed(text: str) -> Rule:
    subject, _, days = text.partition("=")
    if subject not in _subjects():
        raise NoRule(f"MFA_AUDIT_KEEP: there are no events “{subject}”.")
    if not days.isascii() or not days.isdigit() or int(days) < LEAST_DAYS:
        raise NoRule(f"MFA_AUDIT_KEEP: “{text}” needs a number of days, at least {LEAST_DAYS}.")
    return Rule(subject, int(days))


def _subjects() -> set[str]:
    return {EVERYTHING_ELSE, *EventName, *(name.partition(":")[0] for name in EventName)}


def current() -> list[Rule]:
    """The rules of this deployment."""
    return parsed(settings.MFA_AUDIT_KEEP)


def names(rule: Rule, rules: Iterable[Rule]) -> Iterator[str]:
    """The names that go by this rule: each name goes by the one that fits it most closely."""
    subjects = {one.subject for one in rules}
    for name in EventName:
        closest = next((one for one in (name.value, name.partition(":")[0], EVERYTHING_ELSE) if one in subjects), None)
        if name not in ALWAYS_KEPT and closest == rule.subject:
            yield name.value
