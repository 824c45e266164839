"""Telephone numbers that people typed into free text: shown masked; in full only to whoever gives a reason, which is an event."""

import re
from typing import Any

# With +, with hyphens, or a mobile number of eleven digits; ten digits in a row are a Common ID.
NUMBER = re.compile(r"(?<![\w+-])(?:\+\d(?:[ -]?\d){7,14}|0\d{1,4}-\d{1,4}-\d{3,4}|0[5-9]0\d{8})(?![\w-])")
SHOWN = 2
TYPED = ("reason", "before", "after")  # columns of an event in which something that a person typed may stand


def masked(text: str) -> str:
    """The text with all but the last digits of each number hidden."""
    return NUMBER.sub(lambda found: _hidden(found[0]), text)


def _hidden(number: str) -> str:
    return re.sub(r"\d", "•", number[:-SHOWN]) + number[-SHOWN:]


def masked_in(value: Any) -> Any:
    """The same value with every text in it masked, but for keys."""
    match value:
        case str():
            return masked(value)
        case list():
            return [masked_in(one) for one in value]
        case dict():
            return {key: masked_in(one) for key, one in value.items()}
        case _:
            return value
