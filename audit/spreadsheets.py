"""Cells that a spreadsheet would run as a formula: refused when they come in, defused when they go out (R-188)."""

import unicodedata

_STARTS = frozenset("=+-@\t\r")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet may run `cell`; full-width signs count, as some spreadsheets read them alike."""
    if cell[:1].isalnum() and cell.isascii():
        return False  # nearly every cell of a long file
    return unicodedata.normalize("NFKC", cell.lstrip(" \u3000")[:1]) in _STARTS


def defused(cell: str) -> str:
    """`cell` as text that no spreadsheet runs."""
    return f"'{cell}" if is_formula(cell) else cell
