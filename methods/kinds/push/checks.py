"""Settings of the Authenticator that nothing could work with."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from methods.kinds.push.signatures import decoded


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """push.E001 and push.E002."""
    found: list[CheckMessage] = []
    if settings.MFA_PUSH_NUMBER_DIGITS not in {2, 6}:
        found.append(Error("MFA_PUSH_NUMBER_DIGITS must be 2 or 6.", id="push.E001"))
    if len(decoded(settings.MFA_VAPID_PRIVATE_KEY)) != 32:
        found.append(Error("MFA_VAPID_PRIVATE_KEY must be 32 bytes in base64url.", id="push.E002"))
    return found
