"""Lengths of time in words."""

from datetime import timedelta

from django.template import Library
from django.utils.translation import ngettext

register = Library()


@register.filter
def in_words(length: timedelta) -> str:
    """In the largest unit of which there is more than one, rounded; seconds for less than two minutes."""
    seconds = round(length.total_seconds())
    if seconds < 120:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = round(seconds / 60)
    if minutes < 120:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
