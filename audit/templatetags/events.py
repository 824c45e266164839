"""Template filters that put an event into words."""

from datetime import date, datetime

from django.template import Library
from django.utils.dateparse import parse_date, parse_datetime

from audit import wording
from audit.masking import masked
from audit.models import Event
from audit.phrases import SEVERITIES
from audit.terms import value_words

register = Library()
register.filter("masked", masked)


@register.filter
def sentence(event: Event) -> str:
    """What happened."""
    return wording.sentence(event)


@register.filter
def event_title(event: Event) -> str:
    """What happened, in two or three words."""
    return str(wording.wording(event).title)


@register.filter
def event_tone(event: Event) -> str:
    """How serious it is, as a tone of the components."""
    return wording.wording(event).severity.value


@register.filter
def event_weight(event: Event) -> str:
    """How serious it is, in words."""
    return str(SEVERITIES[wording.wording(event).severity])


@register.filter
def event_actor(event: Event) -> str:
    """Who acted."""
    return wording.who(event)


@register.filter
def method_kind(code: str) -> str:
    """The name of the kind of method that somebody had verified with."""
    return value_words("kind", code)


@register.filter
def rule_words(ref: str) -> str:
    """The rule that decided a sign-in, as a sentence that names it."""
    return value_words("rule", ref)


@register.filter
def role_name(code: str) -> str:
    """What a role is called."""
    return value_words("role", code)


@register.filter
def action_name(code: str) -> str:
    """What staff do, in words."""
    return value_words("action", code)


@register.filter
def period_name(code: str) -> str:
    """How long a limit counts."""
    return value_words("period", code)


@register.filter
def moment(text: str) -> datetime | None:
    """A moment that was kept as ISO text, for the date filter."""
    return parse_datetime(text) if text else None


@register.filter
def day(text: str) -> date | None:
    """A day that was kept as ISO text, for the date filter."""
    return parse_date(text) if text else None


@register.filter
def event_name(name: str) -> str:
    """The title of an event that is known by name."""
    return value_words("what", name)
