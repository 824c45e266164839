"""Is it a Common ID, and if not, what happened to it on its way through a spreadsheet?"""

import re
import unicodedata

from django.core.exceptions import ValidationError

from accounts.importing.problems import Problem, shown
from accounts.models import id_pattern

_EXPONENT = re.compile(r"\d+([.,]\d+)?[Ee]\+?\d+")
_DECIMAL = re.compile(r"(\d+)[.,]0+")
MOST_ZEROS = 9


def id_problem(value: str) -> Problem | None:
    """Why `value` cannot be a Common ID; None when it is one."""
    if not value:
        return Problem("empty", "common_id")
    if is_id(value):
        return None
    return _spoiled(value) or Problem("id-pattern", "common_id", {"value": shown(value)})


def is_id(value: str) -> bool:
    """Whether `value` is a Common ID as the setting MFA_ACCOUNT_ID_PATTERN has it."""
    try:
        id_pattern(value)
    except ValidationError:
        return False
    return True


def _spoiled(value: str) -> Problem | None:
    facts = {"value": shown(value)}
    if _EXPONENT.fullmatch(value):
        return Problem("id-exponent", "common_id", facts)
    if _DECIMAL.fullmatch(value):
        return Problem("id-decimal", "common_id", facts)
    if is_id(unicodedata.normalize("NFKC", value)):
        return Problem("id-width", "common_id", facts)
    if likely := _with_zeros(value):
        return Problem("id-zero", "common_id", facts | {"likely": likely})
    return None


def _with_zeros(value: str) -> str | None:
    if not (value.isascii() and value.isdigit()):
        return None
    longer = ("0" * zeros + value for zeros in range(1, MOST_ZEROS + 1))
    return next(filter(is_id, longer), None)
