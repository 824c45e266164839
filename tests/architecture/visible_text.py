"""Finds text in a template that a visitor would read and that nobody can translate."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

INVISIBLE = re.compile(
    r"{#.*?#}"
    r"|{%\s*comment\b.*?{%\s*endcomment\s*%}"
    r"|{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}"
    r"|{%\s*block\s+\w*class\s*%}.*?{%\s*endblock\b.*?%}"
    r"|{%.*?%}"
    r"|{{.*?}}",
    re.DOTALL,
)
LETTERS = re.compile(r"[^\W\d_]{2,}")
READ_ALOUD = {"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription", "label"}
NOT_READ = {"style", "script"}


class _Texts(HTMLParser):
    """Collects text nodes and attributes that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside.append(tag)
        submits = tag == "input" and ("type", "submit") in attrs
        self.found += [value for key, value in attrs if value and (key in READ_ALOUD or (submits and key == "value"))]

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not NOT_READ & set(self.inside):
            self.found.append(data)


def visible_text(template: str, *, markup: bool = True) -> Iterator[str]:
    """Each piece of text with words in it that stands outside the translation tags."""
    plain = INVISIBLE.sub(" ", template)
    if markup:
        parser = _Texts()
        parser.feed(plain)
        pieces = parser.found
    else:
        pieces = plain.splitlines()
    yield from (" ".join(piece.split()) for piece in pieces if LETTERS.search(piece))


def untranslatable(path: Path) -> list[str]:
    """The same for a file; mails and texts are words from end to end."""
    return list(visible_text(path.read_text(), markup=path.suffix != ".txt"))
