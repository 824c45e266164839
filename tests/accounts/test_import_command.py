"""`manage.py import_accounts`: what a person at the terminal reads, and the exit code a script reads."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from accounts.importing import run
from accounts.importing.applying import Applying
from accounts.models import Account, Affiliation
from audit.models import Event
from tests.accounts.files import HANA, a_row, write
from tests.factories import an_affiliation

pytestmark = pytest.mark.django_db
AFFILIATIONS = "code,name_en,name_ja\nscience,Faculty of Science,理学部\n"


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def science() -> Affiliation:
    return an_affiliation("science")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def said(path: Path, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_accounts", str(path), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def failed(path: Path, **options: Any) -> tuple[CommandError, str]:
    err = options.pop("stderr", StringIO())
    with pytest.raises(CommandError) as error:
        call_command("import_accounts", str(path), stdout=StringIO(), stderr=err, **options)
    return error.value, err.getvalue()


def test_a_right_file_ends_with_its_counts(path: Path) -> None:
    out, _ = said(write(path, a_row(), a_row("0000000002", status="left")))
    assert out == "Done: 2 created, 0 updated, 0 left, 0 returned, 0 unchanged.\n"


def test_a_dry_run_says_so(path: Path) -> None:
    out, _ = said(write(path, a_row()), dry_run=True)
    assert out == "Dry run, nothing was changed: 1 created, 0 updated, 0 left, 0 returned, 0 unchanged.\n"
    assert not Account.objects.exists()


def test_wrong_lines_are_told_with_number_and_reason_and_end_with_2(path: Path) -> None:
    error, err = failed(write(path, a_row(), a_row("12"), a_row("0000000003", kind="guest", language="fr")))
    assert "people.csv, line 3: “12”: a spreadsheet took the leading zero away, “0000000012” was probably meant." in err
    assert "people.csv, line 4: kind is “guest”; allowed are: student, faculty, staff. language is “fr”; allowed are: en, ja." in err
    assert (str(error), error.returncode) == ("Wrong lines, which are not applied: 2.", 2)
    assert Account.objects.get().common_id == HANA


def test_strict_ends_with_1(path: Path) -> None:
    error, err = failed(write(path, a_row(), a_row("12")), strict=True)
    assert "line 3" in err
    assert (str(error), error.returncode, Account.objects.count()) == ("Wrong lines: 1. Nothing was changed (--strict).", 1, 0)


def test_a_report_has_a_row_for_each_reason_and_no_formula(tmp_path: Path) -> None:
    report = tmp_path / "wrong.csv"
    path = write(tmp_path / "=people.csv", a_row(kind="x", language="y"), a_row("1E+9"))
    failed(path, report=report)
    with report.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["file"], row["line"], row["common_id"], row["column"]) for row in rows] == [
        ("'=people.csv", "2", HANA, "kind"),
        ("'=people.csv", "2", HANA, "language"),
        ("'=people.csv", "3", "", "common_id"),
    ]
    assert rows[0]["reason"] == "kind is “x”; allowed are: student, faculty, staff."


def test_no_password_is_repeated_anywhere(path: Path, tmp_path: Path) -> None:
    report = tmp_path / "wrong.csv"
    row = a_row(initial_password="\u202esecret words")
    error, err = failed(write(path, row, a_row("12", initial_password="=secret words")), report=report)
    assert "secret" not in f"{error}{err}{report.read_text()}"


def test_affiliations_are_loaded_first_and_renamed(path: Path, tmp_path: Path) -> None:
    affiliations = tmp_path / "affiliations.csv"
    affiliations.write_text(AFFILIATIONS + "letters,Faculty of Letters,文学部\n")
    said(write(path, a_row(affiliation="letters")), affiliations=affiliations)
    assert Account.objects.get().affiliation == Affiliation.objects.get(code="letters")
    assert Affiliation.objects.get(code="science").name_ja == "理学部"


def test_each_affiliation_that_is_new_or_renamed_is_recorded_and_the_others_are_not(path: Path, tmp_path: Path) -> None:
    affiliations = tmp_path / "affiliations.csv"
    for letters in ("Faculty of Letters,文学部", "Faculty of Humanities,文学部", "Faculty of Humanities,文学部"):
        affiliations.write_text(f"code,name_en,name_ja\nletters,{letters}\n")
        said(write(path, a_row(affiliation="letters")), affiliations=affiliations)
    added, renamed = Event.objects.filter(name="affiliation:changed").order_by("pk")
    assert (added.before, added.after) == ({}, {"affiliation": "letters", "name_en": "Faculty of Letters", "name_ja": "文学部"})
    assert (renamed.before, renamed.after["name_en"]) == ({"name_en": "Faculty of Letters"}, "Faculty of Humanities")
    assert (renamed.actor_kind, renamed.reason) == ("system", "import affiliations.csv")


def test_a_dry_run_knows_the_affiliations_it_would_load(path: Path, tmp_path: Path) -> None:
    affiliations = tmp_path / "affiliations.csv"
    affiliations.write_text("code,name_en,name_ja\nletters,Faculty of Letters,文学部\n")
    out, _ = said(write(path, a_row(affiliation="letters")), affiliations=affiliations, dry_run=True)
    assert "1 created" in out
    assert not Affiliation.objects.filter(code="letters").exists()


def test_wrong_affiliations_are_told_like_wrong_accounts(path: Path, tmp_path: Path) -> None:
    affiliations = tmp_path / "affiliations.csv"
    affiliations.write_text(AFFILIATIONS + "science,Again,再\nfac ulty,A,ア\n=x,B,イ\nlaw,,法学部\nlaw2\n")
    error, err = failed(write(path, a_row()), affiliations=affiliations)
    assert "affiliations.csv, line 3: “science” is already on line 2." in err
    assert "affiliations.csv, line 4: “fac ulty” is not a code" in err
    assert "affiliations.csv, line 5: code begins with a sign" in err
    assert "affiliations.csv, line 6: name_en is empty." in err
    assert "affiliations.csv, line 7: There are 1 fields, but the heading has 3." in err
    assert (error.returncode, Account.objects.count(), Affiliation.objects.count()) == (2, 1, 1)


@pytest.mark.parametrize("options", [{}, {"report": Path("/nowhere/wrong.csv")}, {"affiliations": Path("/nowhere/else.csv")}])
def test_a_file_that_cannot_be_opened_is_one_sentence(path: Path, options: dict[str, Path]) -> None:
    if options:
        write(path, a_row())
    error, _ = failed(path, **options)
    assert str(error) == f"{next(iter(options.values()), path)}: No such file or directory."
    assert not Account.objects.exists()


def test_a_log_gets_plain_lines(path: Path) -> None:
    _, err = said(write(path, *(a_row(f"{number:010d}") for number in range(3000))))
    assert "\r" not in err
    assert "Applying  33 %  1,000 rows" in err
    assert err.splitlines()[-1].startswith("Applying 100 %  3,000 rows  ")
    assert err.splitlines()[-1].endswith(" rows/s")


def test_a_terminal_gets_a_bar_and_wrong_lines_stay_above_it(path: Path) -> None:
    terminal = Terminal()
    failed(write(path, a_row(), a_row("12")), stderr=terminal)
    last = terminal.getvalue().splitlines()[-1]
    assert last.endswith("[##############################] Applying 100 %  1 rows  " + last.split()[-2] + " rows/s")
    assert "\r\x1b[Kpeople.csv, line 3: " in terminal.getvalue()


@pytest.fixture
def interrupted_in_third_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, calls = Applying.apply, []

    def apply(self: Applying, rows: Any) -> Any:
        calls.append(rows)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return plain(self, rows)

    monkeypatch.setattr(run, "batches", lambda lines: ([line] for line in lines))
    monkeypatch.setattr(Applying, "apply", apply)


@pytest.mark.usefixtures("interrupted_in_third_batch")
def test_ctrl_c_says_what_stays(path: Path) -> None:
    error, _ = failed(write(path, *(a_row(f"{number:010d}") for number in range(5))))
    assert error.returncode == 130
    assert str(error) == (
        "Stopped. 2 created, 0 updated, 0 left, 0 returned, 0 unchanged: this stays. Run the same command again to do the rest."
    )
    assert Account.objects.count() == 2


@pytest.mark.usefixtures("interrupted_in_third_batch")
def test_ctrl_c_in_a_strict_run_leaves_nothing(path: Path) -> None:
    error, _ = failed(write(path, *(a_row(f"{number:010d}") for number in range(5))), strict=True)
    assert (str(error), Account.objects.count()) == ("Stopped. Nothing was changed.", 0)


def test_sentences_are_in_the_language_of_the_site(path: Path) -> None:
    with translation.override("ja"):
        error, err = failed(write(path, a_row("12")))
    assert "people.csv 2行目: 「12」: 表計算ソフトが先頭の0を消しています。" in err
    assert str(error) == "誤りがあり反映していない行: 1行"


def test_the_rate_counts_from_the_beginning_of_a_stage(path: Path) -> None:
    _, err = said(write(path, *(a_row(f"{number:010d}") for number in range(2000))))
    rates = [int(line.split()[-2].replace(",", "")) for line in err.splitlines() if line.startswith("Applying")]
    assert len(rates) == 2
    assert max(rates) < 100_000
