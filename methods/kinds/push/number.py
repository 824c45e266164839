"""The number that the sign-in page shows and the person types into the app (R-050)."""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from methods.models import Challenge


def number_of(challenge: Challenge) -> str:
    """The digits of a challenge: derived from it and a secret of the site, so neither stored nor sent to the phone."""
    digits: int = settings.MFA_PUSH_NUMBER_DIGITS
    drawn = int(salted_hmac("push number", str(challenge.pk), algorithm="sha256").hexdigest(), 16)
    return f"{drawn % 10**digits:0{digits}d}"


def matches(challenge: Challenge, number: str) -> bool:
    """Whether `number` is the one on the page, compared in constant time."""
    return constant_time_compare(number_of(challenge), number)


def is_number(text: object) -> bool:
    """Whether `text` has the shape of a number; what has not is no answer and costs nothing."""
    return isinstance(text, str) and len(text) == settings.MFA_PUSH_NUMBER_DIGITS and text.isascii() and text.isdigit()
