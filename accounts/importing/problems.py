"""What can be wrong with a line of a file, each with its sentence in plain words."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SHOWN = 40  # characters of a cell that a sentence repeats


@dataclass(frozen=True)
class Problem:
    """One reason why a line is not applied."""

    code: str
    column: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What is wrong, in the reader's language, safe to print (R-187)."""
        return str(SENTENCES[self.code]) % {"column": self.column, **self.facts}


def shown(cell: str) -> str:
    """`cell` without anything that could act on a terminal, and not too long."""
    visible = "".join(character if character.isprintable() or character == "\u3000" else "\ufffd" for character in cell)
    return visible if len(visible) <= SHOWN else f"{visible[:SHOWN]}…"


SENTENCES: dict[str, Promise] = {
    "encoding": _("%(column)s has characters that are not UTF-8. Save the file as “CSV UTF-8”."),
    "quotes": _("A quotation mark is opened and not closed on this line, or a cell has a line break."),
    "line-long": _("The line is longer than %(most)d bytes."),
    "fields": _("There are %(found)d fields, but the heading has %(expected)d."),
    "formula": _("%(column)s begins with a sign (=, +, -, @, tab or line break) that makes a spreadsheet run it as a formula."),
    "control": _("%(column)s has an invisible control character: %(character)s."),
    "long": _("%(column)s has %(found)d characters; %(most)d are allowed."),
    "empty": _("%(column)s is empty."),
    "id-pattern": _("“%(value)s” is not a Common ID."),
    "id-width": _("“%(value)s” is written in full-width digits. Common IDs are written in half-width ones."),
    "id-exponent": _("“%(value)s”: a spreadsheet turned the Common ID into a rounded number. Export the column as text."),
    "id-decimal": _("“%(value)s”: a spreadsheet turned the Common ID into a decimal number. Export the column as text."),
    "id-zero": _("“%(value)s”: a spreadsheet took the leading zero away, “%(likely)s” was probably meant. Export the column as text."),
    "twice": _("“%(value)s” is already on line %(line)d."),
    "affiliation-unknown": _("The affiliation “%(value)s” is unknown. Load it with --affiliations."),
    "affiliation-code": _("“%(value)s” is not a code: use letters without accents, digits, hyphens and underscores."),
    "choice": _("%(column)s is “%(value)s”; allowed are: %(allowed)s."),
    "day": _("%(column)s is “%(value)s”; write a day like 2027-03-31."),
    "address": _("“%(value)s” is not a mail address."),
    "nameless": _("Both names are empty."),
}
