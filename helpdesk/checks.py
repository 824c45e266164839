"""Start-up checks of the settings of the desk."""

from typing import Any

from django.conf import settings
from django.core.checks import Error

from helpdesk.velocity import chosen


def check_settings(**kwargs: Any) -> list[Error]:
    """An error for each setting that cannot be meant."""
    wrong = []
    for text in settings.MFA_STAFF_LIMITS:
        try:
            chosen((text,))
        except ValueError:
            wrong.append(Error(f"MFA_STAFF_LIMITS: {text} is not of the form action=per-hour/per-day.", id="helpdesk.E001"))
    if not 1 <= settings.MFA_STAFF_ALARM_PERCENT <= 100:
        wrong.append(Error("MFA_STAFF_ALARM_PERCENT is between 1 and 100.", id="helpdesk.E002"))
    return wrong
