"""Telephone numbers that people typed into free text: shown masked; in full only to whoever gives a reason, which is an event."""

import re
from typing import Any

DASHES, DOTS, EMPTY = "－‐‑‒–—―−─━﹘﹣", "．・･·․‧", "\u200b\u2060\ufeff"
# As typed in Japanese, one sign for one, so that what is found lies at the same place in the text.
PLAIN = str.maketrans(
    "０１２３４５６７８９＋（）ｰ" + DASHES + DOTS + EMPTY,
    "0123456789+()ー" + "-" * len(DASHES) + "." * len(DOTS) + " " * len(EMPTY),
)
ESCAPED = re.compile(r"""\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})""")  # so JSON writes a line break, and facts may come as its text
# One class, taken as a whole: a text can be divided in one way only, so that none takes long.
ANY, SOME, UNDOTTED = r"[-\sー.()]{0,3}+", r"[-\sー.()]{1,3}+", r"[-\sー()]{1,3}+"
WORD = "(?i:TEL|FAX|ＴＥＬ|ＦＡＸ)"
CALLED = "|".join(f"(?<={word}{gap}.)" for word in (WORD, "電話") for gap in ("", r"[\s.:：]", r"[.:：]\s"))
# Letters of Japanese may stand beside a number, and such a word; those of an id may not. A date has dots, an address of a machine too.
NUMBER = re.compile(
    rf"""[0+](?:(?<![A-Za-z0-9_+].)|(?<={WORD}.))(?<![0-9A-Fa-f]-.)
    (?:(?<=\+)[0-9](?:{ANY}[0-9]){{7,14}}
    |(?<=0)(?:
        [5-9]0{ANY}[0-9]{{4}}{ANY}[0-9]{{4}}
        |[0-9]{{1,4}}{UNDOTTED}[0-9]{{1,4}}{UNDOTTED}[0-9]{{3,4}}
        |(?<![0-9]\..)[0-9]{{1,4}}{SOME}[0-9]{{1,4}}{SOME}[0-9]{{3,4}}(?!\.[0-9])
        |(?:{CALLED})[0-9]{{8,9}}))
    (?:(?={WORD})|(?![A-Za-z0-9_]|-[A-Za-z0-9]))""",
    re.VERBOSE,
)
FEWEST = 9  # digits of a number without +; fewer are a date
SHOWN = 2
TYPED = ("reason", "before", "after")  # columns of an event in which something that a person typed may stand


def masked(text: str) -> str:
    """The text with all but the last digits of each number hidden."""
    shown, end = [], 0
    for found in NUMBER.finditer(_plain(text)):
        number = text[found.start() : found.end()]
        shown += [text[end : found.start()], _hidden(number)]
        end = found.end()
    return "".join([*shown, text[end:]])


def _plain(text: str) -> str:
    """The text by signs that all ways of typing have in common, each at its place."""
    if "\\" in text:
        text = ESCAPED.sub(lambda found: " " * len(found[0]), text)
    return text if text.isascii() else text.translate(PLAIN)


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
