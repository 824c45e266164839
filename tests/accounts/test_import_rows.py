"""A line becomes a row, or every reason why not is told in plain words (S-24)."""

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.importing.problems import SENTENCES
from accounts.importing.reading import Line
from accounts.importing.rows import LONGEST, OPTIONAL, REQUIRED, AccountRow, Judged, judge
from tests.accounts.files import HANA, a_row


def judged(**cells: str) -> Judged:
    return judge(Line(2, 0.5, a_row() | cells), {"science"})


def codes(**cells: str) -> list[str]:
    return [problem.code for problem in judged(**cells).problems]


def sentence(**cells: str) -> str:
    return " ".join(problem.sentence for problem in judged(**cells).problems)


def test_a_right_line_becomes_a_row() -> None:
    one = judged(name_en=" Hana Sato ", name_ja="\u3000佐藤 花", status="left", initial_password="open sesame")
    assert one.problems == ()
    assert one.row == AccountRow(
        HANA, "Hana Sato", "佐藤 花", "science", "student", "ja", f"{HANA}@mail.example.com", "left", "open sesame"
    )


def test_what_may_be_empty_may_be_empty() -> None:
    row = judged(name_ja="", contact_address="", status="", initial_password="").row
    assert row
    assert (row.status, row.contact_address, row.initial_password) == ("active", "", "")


@pytest.mark.covers("S-24")
@pytest.mark.parametrize(
    ("common_id", "code"),
    [
        ("", "empty"),
        ("12345", "id-zero"),
        ("123456789", "id-zero"),
        ("12345678901", "id-pattern"),
        ("12345abcde", "id-pattern"),
        ("1.23457E+09", "id-exponent"),
        ("1,23457e9", "id-exponent"),
        ("1234567890.0", "id-decimal"),
        ("１２３４５６７８９０", "id-width"),
        ("١٢٣٤٥٦٧٨٩٠", "id-pattern"),
        ("0" * 33, "long"),
    ],
)
def test_a_wrong_id_is_refused_and_what_a_spreadsheet_did_to_it_is_said(common_id: str, code: str) -> None:
    one = judged(common_id=common_id)
    assert [problem.code for problem in one.problems] == [code]
    assert (one.row, one.common_id) == (None, "")


def test_a_lost_zero_is_given_back_in_the_sentence() -> None:
    assert "“0123456789” was probably meant" in sentence(common_id="123456789")


@override_settings(MFA_ACCOUNT_ID_PATTERN="[a-z]{3}[0-9]{2}")
def test_the_institution_says_what_an_id_is() -> None:
    assert codes(common_id="abc12") == []
    assert codes(common_id=HANA) == ["id-pattern"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝", "＠", " ="])
@pytest.mark.parametrize("column", ["common_id", "name_en", "name_ja", "contact_address", "affiliation"])
def test_a_cell_that_a_spreadsheet_would_run_is_refused(column: str, sign: str) -> None:
    assert codes(**{column: f"{sign}1+1"}) == ["formula"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Hana\x00", "control"),
        ("Hana\x1b[31m", "control"),
        ("Ha\u202ena", "control"),
        ("Ha\u200bna", "control"),
        ("Hana\u2028", "control"),
        ("Hana\uffff", "control"),
        ("Hana\udc83", "encoding"),
        ("Ha\ufffdna", "encoding"),
        ("H" * 121, "long"),
    ],
)
def test_a_name_that_is_not_text_is_refused(cell: str, code: str) -> None:
    assert codes(name_en=cell) == [code]


@pytest.mark.parametrize("name", ["葛\U000e0100城 太郎", "𠮷田", "ﾀﾛｳ", "María José O'Brien-Smith", "李 \ue000", "H" * 120])
def test_names_are_kept_letter_for_letter(name: str) -> None:
    row = judged(name_ja=name).row
    assert row
    assert row.name_ja == name


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"affiliation": "physics"}, "affiliation-unknown"),
        ({"affiliation": ""}, "empty"),
        ({"kind": "guest"}, "choice"),
        ({"kind": ""}, "empty"),
        ({"language": "fr"}, "choice"),
        ({"language": ""}, "empty"),
        ({"status": "gone"}, "choice"),
        ({"contact_address": "hana"}, "address"),
        ({"contact_address": "hana@@example.com"}, "address"),
        ({"name_en": "", "name_ja": ""}, "nameless"),
    ],
)
def test_a_cell_that_means_nothing_is_refused(cells: dict[str, str], code: str) -> None:
    assert codes(**cells) == [code]


def test_every_reason_is_told_at_once_and_whose_line_it_is() -> None:
    one = judged(kind="guest", language="fr", contact_address="hana")
    assert [problem.code for problem in one.problems] == ["choice", "choice", "address"]
    assert one.common_id == HANA


def test_a_sentence_names_the_column_and_what_is_allowed() -> None:
    assert sentence(kind="guest") == "kind is “guest”; allowed are: student, faculty, staff."
    assert sentence(name_en="x\u202e") == "name_en has an invisible control character: U+202E RIGHT-TO-LEFT OVERRIDE."


def test_no_sentence_repeats_what_would_act_on_a_terminal() -> None:
    assert "\x1b" not in sentence(affiliation="phys\x1b[2J", kind="\x1b[2J")
    assert len(sentence(affiliation="p" * 10_000, kind="k" * 10_000)) < 400


def test_a_row_does_not_show_its_password() -> None:
    row = judged(initial_password="open sesame").row
    assert "sesame" not in repr(row)


cells = st.fixed_dictionaries({column: st.text() for column in REQUIRED}, optional={column: st.text() for column in OPTIONAL})
almost = st.fixed_dictionaries({column: st.one_of(st.just(value), st.text(max_size=5)) for column, value in a_row().items()})


@given(st.one_of(cells, almost))
def test_any_cells_are_a_row_or_have_a_reason(cells: dict[str, str]) -> None:
    one = judge(Line(2, 0.0, cells), {"science"})
    assert (one.row is None) == bool(one.problems)
    assert all(problem.sentence.isprintable() or "\u3000" in problem.sentence for problem in one.problems)
    assert {problem.code for problem in one.problems} <= SENTENCES.keys()


@given(st.one_of(cells, almost))
def test_an_accepted_row_fits_the_database_and_no_spreadsheet_runs_it(cells: dict[str, str]) -> None:
    if row := judge(Line(2, 0.0, cells), {"science"}).row:
        for column in (*REQUIRED, *OPTIONAL):
            cell = getattr(row, column) or ""  # a column that the file does not have is None
            assert len(cell) <= LONGEST[column]
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert "\x00" not in cell
