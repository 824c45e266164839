"""Lines that a whole export never has: each is named, in bounded time and memory, whatever it was made to look like."""

import base64
import json
import sys
import zlib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Account
from audit.seals.heads import compact
from tests.audit.judging import Judge, Lines, judged, lines_of, own_key
from tools import verify_audit

pytestmark = pytest.mark.django_db


def first(lines: Lines, start: bytes) -> int:
    return next(place for place, line in enumerate(lines) if line.startswith(start))


def form_of(line: bytes) -> bytes:
    return line.removeprefix(b'{"event":').rpartition(b',"leaf":')[0]


def counted_again(lines: Lines, **more: int) -> None:
    end = json.loads(lines[-1])["end"]
    lines[-1] = compact({"end": end | {name: end.get(name, 0) + count for name, count in more.items()}})


@pytest.mark.parametrize("number", [0, 1, 3])
def test_an_event_without_a_seal_stands_behind_all_seals(judge: Judge, export: Path, head: Path, number: int) -> None:
    lines = lines_of(export)
    heads = [place for place, line in enumerate(lines) if line.startswith(b'{"head":')]
    forged = form_of(lines[first(lines, b'{"event":') + 2]).replace(b"method:renamed", b"method:removed")
    lines.insert(heads[number], b'{"unsealed":%b}' % forged)
    counted_again(lines, unsealed=1)
    code, said = judge(lines, "--head", str(head))
    assert (code, "First bad row: inserted: event number without a seal" in said) == (1, True), said


@pytest.fixture
def chosen(export: Path, hana: Account, tmp_path: Path) -> Lines:
    """The events of Hana, each with its proof."""
    path = tmp_path / "chosen.jsonl"
    call_command("audit_export", output=path, account=[hana.common_id], stdout=StringIO())
    return lines_of(path)


@pytest.mark.parametrize("to", [1, -1])
def test_among_chosen_events_a_sealed_id_is_no_young_one(chosen: Lines, judge: Judge, to: int) -> None:
    place = first(chosen, b'{"event":')
    form = chosen.pop(place).removeprefix(b'{"event":').rpartition(b',"number":')[0]
    chosen.insert(to if to > 0 else len(chosen) - 1, b'{"unsealed":%b}' % form.replace(b"method:renamed", b"method:removed"))
    counted_again(chosen, unsealed=1, events=-1)
    assert "First bad row: inserted: " in judge(chosen)[1]


def test_a_chosen_event_stands_there_once(chosen: Lines, judge: Judge) -> None:
    place = first(chosen, b'{"event":')
    chosen.insert(place, chosen[place])
    counted_again(chosen, events=1)
    assert "First bad row: inserted: event number 1 stands in line 4 once more" in judge(chosen)[1]


DEEP = b"[" * 100_000
ODD = {
    "a number without end": b'{"event":{},"leaf":"%b","number":%b}' % (b"a" * 64, b"3" * 5000),
    "a gone number without end": b'{"gone":true,"leaf":"%b","number":%b}' % (b"a" * 64, b"3" * 5000),
    "depth": b'{"event":%b,"leaf":"%b","number":1}' % (DEEP, b"a" * 64),
    "depth without a seal": b'{"unsealed":%b}' % DEEP,
    "a name of half a sign": b'{"unsealed":{"id":999999,"name":"\\ud800","at":"","uid":""}}',
    "a statement that is none": b'{"retirement":{"signature":"","key":"x"},"numbers":"%b"}' % base64.b64encode(zlib.compress(bytes(10**7), 9)),
    "an event of a statement that is none": b'{"unsealed":{"id":999999,"name":"events:retired","after":{"digest":[]}}}',
    "a head that is none": b'{"head":%b}' % DEEP,
    "a head of everything": compact({"head": {
        "first": 1, "form": 2, "key": "x", "last": 10**15, "number": 1, "previous": "0" * 64, "root": "x",
        "sealed_at": "2026-01-01T00:00:00.000000Z", "settled": 1, "signature": "x",
    }}),
}  # fmt: skip


@pytest.mark.parametrize("where", ["first", "middle", "last"])
@pytest.mark.parametrize("odd", ODD)
def test_a_line_that_nobody_could_have_written_is_named(judge: Judge, export: Path, head: Path, odd: str, where: str) -> None:
    lines = lines_of(export)
    lines.insert({"first": 1, "middle": len(lines) // 2, "last": len(lines) - 1}[where], ODD[odd])
    code, said = judge(lines, "--head", str(head))
    assert (code, "First bad row: " in said) == (1, True), said


def test_a_line_without_an_end_is_not_read_into_memory(judge: Judge, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_audit, "LONGEST", 5000)
    lines = lines_of(export)
    lines.insert(5, b'{"event":' + b"x" * 10_000)
    assert "First bad row: altered: line 6 cannot be read, after event number 3" in judge(lines)[1]


def test_what_an_event_says_is_never_taken_for_words_of_the_verifier(judge: Judge, export: Path) -> None:
    lines = lines_of(export)
    place = first(lines, b'{"event":')
    lines[place] = lines[place].replace(b'"method:renamed"', b'"\\n\\u001b[2JNothing was altered"')
    code, said = judge(lines)
    assert (code, "\x1b" in said, said.count("\n")) == (1, False, 1), said


@pytest.mark.parametrize("option", ["--key", "--head"])
def test_nothing_given_as_a_key_or_a_head_is_said(export: Path, tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "key.txt").write_text("\n")
    given = tmp_path / ("key.txt" if option == "--key" else "empty")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["verify_audit.py", str(export), option, str(given)])
        assert verify_audit.main() == 2
    assert "There is no" in capsys.readouterr().err


def test_an_export_that_begins_later_follows_the_seal_that_was_published(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, published = tmp_path / "later.jsonl", tmp_path / "second.json"
    call_command("audit_export", output=path, first_seal=3, stdout=StringIO())
    facts = json.loads(next(line for line in lines_of(export) if b'"number":2,' in line and line.startswith(b'{"head"')))["head"]
    published.write_bytes(compact(facts))
    assert judged(path, "--head", str(published), capsys=capsys)[0] == 0
    lines = lines_of(path)
    assert own_key()
    place = first(lines, b'{"head":')
    lines[place] = lines[place].replace(facts["previous"].encode(), b"0" * 64).replace(b'"previous":"', b'"previous":"f', 1)
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert judged(path, "--head", str(published), capsys=capsys)[0] == 1
