"""R-188: no cell that leaves the site is run by the spreadsheet that opens it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.spreadsheets import defused, is_formula


@pytest.mark.parametrize("cell", ["=1+1", "+81", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u3000=1", "＝1+1", "＋1", "－1", "＠a"])
def test_a_cell_that_may_be_run_is_defused(cell: str) -> None:
    assert is_formula(cell)
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", " ", "Hana", "佐藤 花", "0123456789", "a=b", "'=1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert defused(cell) == cell


@given(st.text())
def test_what_is_defused_is_never_a_formula(cell: str) -> None:
    assert not is_formula(defused(cell))
