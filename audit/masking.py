"""Telephone numbers that people typed into free text: shown masked; in full only to whoever gives a reason, which is an event."""

import re
from typing import Any

# As typed in Japanese, one sign for one, so that what is found lies at the same place in the text.
PLAIN = str.maketrans("０１２３４５６７８９＋（）\u3000\u00a0－‐‑‒–—−", "0123456789+()  " + "-" * 7)
BETWEEN = r"(?:[- ー]|\)[- ]?|[- ]?\()"
# Letters of Japanese may stand beside a number, those of an id may not.
NUMBER = re.compile(
    rf"""(?<![A-Za-z0-9_+])(?<![0-9A-Fa-f]-)
    (?:\+[0-9](?:{BETWEEN}{{0,2}}[0-9]){{7,14}}
    |0[5-9]0{BETWEEN}?[0-9]{{4}}{BETWEEN}?[0-9]{{4}}
    |0[0-9]{{1,4}}{BETWEEN}[0-9]{{1,4}}{BETWEEN}[0-9]{{3,4}})
    (?![A-Za-z0-9_]|-[A-Za-z0-9])""",
    re.VERBOSE,
)
FEWEST = 9  # digits of a number without +; fewer are a date
SHOWN = 2
TYPED = ("reason", "before", "after")  # columns of an event in which something that a person typed may stand


def masked(text: str) -> str:
    """The text with all but the last digits of each number hidden."""
    shown, end = [], 0
    for found in NUMBER.finditer(text.translate(PLAIN)):
        number = text[found.start() : found.end()]
        shown += [text[end : found.start()], _hidden(number)]
        end = found.end()
    return "".join([*shown, text[end:]])


def _hidden(number: str) -> str:
    if number[0] not in "+＋" and sum(sign.isdigit() for sign in number) < FEWEST:
        return number
    return re.sub(r"\d", "•", number[:-SHOWN]) + number[-SHOWN:]


def masked_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """What was sealed of an event, masked where somebody may have typed."""
    return facts | {key: masked_in(facts[key]) for key in TYPED}


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
