"""Invented people: as many as wanted, the same ones each time, and all of them can be imported."""

import csv
from io import StringIO
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.importing.reading import Line
from accounts.importing.rows import judge
from accounts.models import Account, Affiliation
from accounts.synthetic import people, write_affiliations


def codes() -> set[str]:
    stream = StringIO()
    write_affiliations(stream)
    return {row["code"] for row in csv.DictReader(StringIO(stream.getvalue()))}


def test_every_invented_person_can_be_imported() -> None:
    known = codes()
    for number, row in enumerate(people(3000, passwords=50), 2):
        assert judge(Line(number, 0.0, row), known).problems == ()


def test_no_id_comes_twice_none_begins_with_1_and_some_begin_with_0() -> None:
    ids = [row["common_id"] for row in people(30_000)]
    assert len(set(ids)) == 30_000
    assert not any(common_id.startswith("1") for common_id in ids)
    assert any(common_id.startswith("0") for common_id in ids)


def test_the_same_seed_makes_the_same_people_and_more_of_them_keep_the_first() -> None:
    few = list(people(100, seed=7))
    assert few == list(people(100, seed=7)) == list(islice(people(1000, seed=7), 100))
    assert few != list(people(100, seed=8))


def test_passwords_go_to_the_first_and_change_nobody_else() -> None:
    rows = list(people(10, passwords=3))
    given = [row.pop("initial_password") for row in rows]
    assert rows == list(people(10))
    assert [bool(password) for password in given] == [True] * 3 + [False] * 7
    assert len(set(given[:3])) == 3


def test_any_size_is_made_row_by_row() -> None:
    assert len(list(islice(people(10**9), 5))) == 5


def test_people_are_as_various_as_a_university() -> None:
    rows = list(people(2000))
    assert {row["kind"] for row in rows} == {"student", "faculty", "staff"}
    assert {row["language"] for row in rows} == {"ja", "en"}
    assert any("・" in row["name_ja"] for row in rows)
    assert any(not row["contact_address"] for row in rows)
    assert len({row["name_ja"] for row in rows}) > 1000


@pytest.mark.django_db
def test_the_command_makes_files_that_the_import_takes(tmp_path: Path) -> None:
    file, affiliations = tmp_path / "people.csv", tmp_path / "affiliations.csv"
    call_command("make_accounts", "30", output=file, affiliations=affiliations, password_for=1)
    call_command("import_accounts", str(file), affiliations=affiliations, strict=True, stdout=StringIO(), stderr=StringIO())
    assert (Account.objects.count(), Affiliation.objects.count()) == (30, len(codes()))
    with file.open() as stream:
        first = next(csv.DictReader(stream))
    assert Account.objects.get(common_id=first["common_id"]).check_password(first["initial_password"])


def test_the_command_prints_when_it_has_no_file() -> None:
    out = StringIO()
    call_command("make_accounts", "2", seed=3, stdout=out)
    assert list(csv.DictReader(StringIO(out.getvalue()))) == list(people(2, seed=3))


def test_a_place_that_cannot_be_written_to_is_one_sentence() -> None:
    with pytest.raises(CommandError, match=r"^/nowhere/people.csv: No such file or directory\.$"):
        call_command("make_accounts", "2", output=Path("/nowhere/people.csv"))
