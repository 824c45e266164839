"""What holds for every cell of every file, whatever its column means."""

import unicodedata
from collections.abc import Mapping

from accounts.importing.problems import Problem
from audit.spreadsheets import is_formula

SPACES = " \u00a0\u3000"
_REFUSED = {"Cc", "Cf", "Zl", "Zp"}  # control and format characters (bidi among them), line and paragraph separators
_LOST = "\ufffd"  # what a converter leaves behind for a character that it could not read


def clean(cells: Mapping[str, str], longest: Mapping[str, int]) -> tuple[dict[str, str], list[Problem]]:
    """The cells without spaces around them, and what is wrong with them in general."""
    problems = [problem for column, cell in cells.items() if (problem := _problem(column, cell, longest[column]))]
    return {column: cell.strip(SPACES) for column, cell in cells.items()}, problems


def _problem(column: str, cell: str, most: int) -> Problem | None:
    if is_formula(cell):
        return Problem("formula", column)
    if not cell.isprintable() or _LOST in cell:
        for character in cell:
            if problem := _bad_character(column, character):
                return problem
    if len(cell.strip(SPACES)) > most:
        return Problem("long", column, {"found": len(cell.strip(SPACES)), "most": most})
    return None


def _bad_character(column: str, character: str) -> Problem | None:
    number = ord(character)
    if character == _LOST or unicodedata.category(character) == "Cs":  # how the reader hands over bytes it could not decode
        return Problem("encoding", column)
    if unicodedata.category(character) in _REFUSED or _is_noncharacter(number):
        return Problem("control", column, {"character": f"U+{number:04X} {unicodedata.name(character, '')}".strip()})
    return None


def _is_noncharacter(number: int) -> bool:
    return number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
