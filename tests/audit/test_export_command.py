"""R-182: what leaves the site by `audit_export` and `audit_proof`, and in which form."""

import csv
import json
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event, Seal
from audit.record import record
from audit.seals import exporting, rows, sealing
from tests.audit.judging import Judge, judged, lines_of

pytestmark = pytest.mark.django_db


def test_one_event_can_be_proved_alone(export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for event in Event.objects.filter(name="method:renamed"):
        path, out = tmp_path / "proof.jsonl", StringIO()
        call_command("audit_proof", str(event.uid), stdout=out)
        path.write_text(out.getvalue())
        code, said = judged(path, capsys=capsys)
        assert (code, "1 events, each proved to be in a signed seal" in said) == (0, True), said
        path.write_text(out.getvalue().replace("method:renamed", "method:removed"))
        assert "First bad row: altered: event number" in judged(path, capsys=capsys)[1]


def test_an_event_without_a_seal_has_no_proof_yet(db: None) -> None:
    event = record(EventName.ACCOUNT_VIEWED)
    with pytest.raises(CommandError, match="younger than the newest seal"):
        call_command("audit_proof", str(event.uid), stdout=StringIO())


def test_the_events_of_an_account_come_each_with_its_proof(export: Path, hana: Account, judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "hana.jsonl"
    call_command("audit_export", output=path, account=[hana.common_id], stdout=StringIO())
    lines = lines_of(path)
    assert sum(line.startswith(b'{"event"') for line in lines) == Event.objects.filter(account_id=hana.pk).count()
    code, said = judge(lines)
    assert (code, "Whether others belong to them cannot be told" in said) == (0, True), said
    place = next(place for place, line in enumerate(lines) if line.startswith(b'{"event"'))
    lines[place] = lines[place].replace(b"method:renamed", b"method:removed")
    assert "First bad row: altered: event number 1 (id" in judge(lines)[1]


def test_an_export_can_begin_with_a_later_seal(export: Path, judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "later.jsonl"
    call_command("audit_export", output=path, first_seal=3, last_seal=4, stdout=StringIO())
    code, said = judge(lines_of(path))
    assert (code, "10 events in seals 3 to 4" in said, "Seals before number 3 are not in this export" in said) == (0, True, True), said


@pytest.mark.parametrize("options", [{}, {"format": "csv"}, {"account": ["1000000001"]}])
def test_an_export_is_an_event(db: None, tmp_path: Path, options: dict[str, Any]) -> None:
    call_command("audit_export", output=tmp_path / "file", stdout=StringIO(), **options)
    [event] = Event.objects.filter(name="events:exported")
    assert event.after == {"format": "jsonl", "first_seal": 1} | options


def test_a_file_that_exists_is_not_written_over(export: Path) -> None:
    before = export.read_bytes()
    with pytest.raises(CommandError, match="File exists"):
        call_command("audit_export", output=export, stdout=StringIO())
    assert export.read_bytes() == before


def test_no_cell_of_the_table_is_run_by_a_spreadsheet(hana: Account, tmp_path: Path) -> None:
    record(EventName.METHOD_RENAMED, account=hana, reason="=1+1", after={"name": "+81"})
    path = tmp_path / "events.csv"
    call_command("audit_export", output=path, format="csv", account=[hana.common_id], stdout=StringIO())
    head, row = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
    cells = dict(zip(head, row, strict=True))
    assert head == list(rows.COLUMNS)
    assert (cells["reason"], json.loads(cells["after"])) == ("'=1+1", {"name": "+81"})


def test_every_seal_is_exported(export: Path) -> None:
    heads = [json.loads(line)["head"] for line in lines_of(export) if line.startswith(b'{"head"')]
    assert [head["number"] for head in heads] == list(Seal.objects.order_by("number").values_list("number", flat=True))


def each_alone() -> Iterator[bytes]:
    return exporting.chosen(exporting.ids_of())


@pytest.mark.parametrize("lines", [exporting.whole, each_alone])
@pytest.mark.parametrize("seals", [0, 1])
@pytest.mark.parametrize("written", [1, 2, 3, 4])
def test_what_is_sealed_while_an_export_is_written_stands_in_it_all_the_same(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: Callable[[], Iterator[bytes]], seals: int, written: int
) -> None:
    record(EventName.METHOD_RENAMED)
    for _ in range(seals):
        sealing.seal()
    uids = [str(record(EventName.METHOD_REMOVED).uid) for _ in range(2)]
    leaving = lines()
    begun = list(islice(leaving, written))
    record(EventName.METHOD_RENAMED)
    sealing.seal()
    (tmp_path / "export.jsonl").write_bytes(b"".join(line + b"\n" for line in [*begun, *leaving]))
    code, said = judged(tmp_path / "export.jsonl", capsys=capsys)
    assert (code, "First bad row" in said) == (0 if seals else 2, False), said
    assert [uid for uid in uids if uid not in (tmp_path / "export.jsonl").read_text()] == []
