"""R-182, R-183, R-188: an export proves itself to somebody who has nothing but the verifier, the public key and an earlier head."""

import base64
import csv
import json
import random
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event, Seal
from audit.record import record
from audit.seals import keys, rows, tree
from tests.audit.by_hand import SEED
from tools import verify_audit
from tools.messages import ROOT

pytestmark = pytest.mark.django_db
EVENTS = (7, 5, 1, 9)  # of each seal of an export
Lines = list[bytes]


def own_key() -> str:
    return base64.b64encode(keys.own_public_key()).decode()


def judged(path: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """What the verifier says of a file, given the site's public key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["verify_audit.py", str(path), "--key", own_key(), *options])
        code = verify_audit.main()
    said = capsys.readouterr()
    return code, said.out + said.err


Judge = Callable[..., tuple[int, str]]


def lines_of(export: Path) -> Lines:
    return export.read_bytes().splitlines()


def place_of(lines: Lines, number: int) -> int:
    return next(place for place, line in enumerate(lines) if line.endswith(b'"number":%d}' % number))


@pytest.mark.covers("S-146")
def test_an_untouched_export_is_accepted(judge: Judge, head: Path) -> None:
    code, said = judge(None, "--head", str(head))
    assert code == 0, said
    assert "22 events in seals 1 to 4" in said
    assert "2 events are younger than the newest seal" in said
    assert "WARNING" not in said


def test_the_verifier_runs_alone_without_any_package(export: Path, head: Path, tmp_path: Path) -> None:
    """Isolated, without site-packages, in another folder: the standard library and its own arithmetic."""
    alone = tmp_path / "verify.py"
    alone.write_bytes((ROOT / "tools" / "verify_audit.py").read_bytes())
    command = [sys.executable, "-I", "-S", alone, export, "--key", own_key(), "--head", head]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "22 events in seals 1 to 4" in done.stdout) == (0, True), done.stderr
    export.write_bytes(export.read_bytes().replace(b"account:viewed", b"account:locked").replace(b"method:renamed", b"method:removed", 1))
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "altered: event number 1 " in done.stdout) == (1, True), done.stderr


def test_it_says_what_it_could_not_tell(export: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["verify_audit.py", str(export)])
    assert verify_audit.main() == 0
    said = capsys.readouterr().out
    assert "no --key was given" in said
    assert "no --head was given" in said


@pytest.mark.parametrize("number", [1, 7, 8, 13, 22])
def test_an_altered_event_is_named(judge: Judge, export: Path, number: int) -> None:
    lines = lines_of(export)
    place = place_of(lines, number)
    lines[place] = lines[place].replace(b"method:renamed", b"method:removed")
    assert f"First bad row: altered: event number {number} (id " in judge(lines)[1]


@pytest.mark.parametrize("number", [1, 7, 8, 13, 22])
def test_a_removed_event_is_named(judge: Judge, export: Path, number: int) -> None:
    lines = lines_of(export)
    del lines[place_of(lines, number)]
    assert f"First bad row: removed: event number {number} of seal" in judge(lines)[1]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 6), (14, 22)])
def test_swapped_events_are_named(judge: Judge, export: Path, one: int, other: int) -> None:
    lines = lines_of(export)
    a, b = place_of(lines, one), place_of(lines, other)
    lines[a], lines[b] = lines[b], lines[a]
    assert f"First bad row: swapped: event number {other} (id" in judge(lines)[1]
    assert f"stands in the place of event number {one}" in judge(lines)[1]


def relabelled(line: bytes, number: int) -> bytes:
    return line.rpartition(b'"number":')[0] + b'"number":%d}' % number


def with_own_hash(line: bytes) -> bytes:
    form = line.removeprefix(b'{"event":').rpartition(b',"leaf":"')[0]
    number = line.rpartition(b'"number":')[2]
    return b'{"event":%b,"leaf":"%b","number":%b' % (form, tree.leaf(form).hex().encode(), number)


@pytest.mark.parametrize("own_label", [True, False])
@pytest.mark.parametrize("number", [2, 5, 16])
def test_an_inserted_event_is_named(judge: Judge, export: Path, number: int, own_label: bool) -> None:  # noqa: FBT001
    """Also when it comes with a fitting hash, and every number after it was raised by one."""
    lines = lines_of(export)
    place = place_of(lines, number)
    forged = with_own_hash(lines[place].replace(b"method:renamed", b"method:removed"))
    lines.insert(place, forged)
    if own_label:
        for behind in range(place + 1, len(lines)):
            if not lines[behind].startswith(b'{"event"'):
                break
            lines[behind] = relabelled(lines[behind], number + behind - place)
    said = judge(lines)
    assert (said[0], f"First bad row: inserted: event number {number} (id" in said[1]) == (1, True), said


def test_an_event_altered_with_its_hash_is_narrowed_down_to_its_seal(judge: Judge, export: Path) -> None:
    lines = lines_of(export)
    place = place_of(lines, 9)
    lines[place] = with_own_hash(lines[place].replace(b"method:renamed", b"method:removed"))
    assert "altered: one or more of events number 8 to 12" in judge(lines)[1]


def test_events_swapped_with_numbers_and_hashes_made_to_fit_are_named(judge: Judge, export: Path) -> None:
    lines = lines_of(export)
    a, b = place_of(lines, 9), place_of(lines, 11)
    lines[a], lines[b] = relabelled(lines[b], 9), relabelled(lines[a], 11)
    assert "swapped: event number 9 (id" in judge(lines)[1]


def test_a_hash_beside_an_event_that_is_not_its_own_is_named(judge: Judge, export: Path) -> None:
    lines = lines_of(export)
    place = place_of(lines, 9)
    before, _, after = lines[place].rpartition(b',"leaf":"')
    lines[place] = before + b',"leaf":"' + b"0" * 64 + after[64:]
    assert "altered: the hash beside event number 9 is not its own; the event itself is as sealed" in judge(lines)[1]


def test_a_file_that_ends_too_early_is_not_accepted(judge: Judge, export: Path) -> None:
    whole = lines_of(export)
    for end in range(1, len(whole)):
        code, said = judge(whole[:end])
        assert (code, "First bad row: " in said) == (1, True), (end, said)


def without_end(lines: Lines, seals: int) -> Lines:
    """What somebody makes who cuts off the last seals and writes a fitting last line."""
    place = next(place for place, line in enumerate(lines) if line.startswith(b'{"head"') and b'"number":%d,' % (seals + 1) in line)
    return [*lines[:place], json.dumps({"end": {"events": sum(EVENTS[:seals]), "seals": seals, "unsealed": 0}}).encode()]


def test_a_tail_cut_off_with_care_is_seen_against_a_published_head(judge: Judge, export: Path, head: Path) -> None:
    cut = without_end(lines_of(export), 3)
    assert judge(cut)[0] == 0, "the head is what tells"
    assert "First bad row: cut off: events number 14 to 22 are gone" in judge(cut, "--head", str(head))[1]


def test_a_seal_that_is_missing_is_named(judge: Judge, export: Path) -> None:
    lines = lines_of(export)
    first, second = place_of(lines, 8) - 1, place_of(lines, 13) - 1
    assert "First bad row: removed: seal 2 is missing" in judge(lines[:first] + lines[second:])[1]


FIELDS: dict[str, Any] = {"first": 9, "last": 11, "settled": 1, "form": 1, "root": "0" * 64, "previous": "0" * 64, "key": "0" * 16}
FIELDS |= {"signature": "0" * 128, "sealed_at": "2026-01-01T00:00:00.000000Z", "number": 7}


@pytest.mark.parametrize("field", FIELDS)
def test_an_altered_head_is_named(judge: Judge, export: Path, field: str) -> None:
    lines = lines_of(export)
    place = place_of(lines, 8) - 1
    facts = json.loads(lines[place])["head"] | {field: FIELDS[field]}
    lines[place] = b'{"head":' + json.dumps(facts, sort_keys=True, separators=(",", ":")).encode() + b"}"
    code, said = judge(lines)
    assert (code, "seal 2" in said or "seal 7" in said) == (1, True), said


def sealed_anew(lines: Lines, key: Ed25519PrivateKey, name: str, *, previous: str = "0" * 64) -> Lines:
    """The same events, or others, under heads that somebody else signed."""
    made = [lines[0]]
    for place, line in enumerate(lines[1:], 1):
        if not line.startswith(b'{"head"'):
            made.append(line)
            continue
        said = json.loads(line)["head"]
        events = lines[place + 1 : place + 2 + said["last"] - said["first"]]
        forms = [one.removeprefix(b'{"event":').rpartition(b',"leaf":"')[0] for one in events]
        said |= {"root": tree.root([tree.leaf(form) for form in forms]).hex(), "previous": previous, "key": name}
        del said["signature"]
        said["signature"] = key.sign(verify_audit.SUBJECT + verify_audit.compact(said)).hex()
        previous = verify_audit.hashlib.sha256(verify_audit.compact(said)).hexdigest()
        made.append(b'{"head":' + verify_audit.compact(said) + b"}")
    return made


@pytest.mark.parametrize("claims", ["the site's key", "its own key"])
def test_an_export_signed_anew_with_another_key_is_refused(judge: Judge, export: Path, claims: str) -> None:
    key = Ed25519PrivateKey.generate()
    name = keys.key_id(keys.own_public_key() if claims == "the site's key" else key.public_key().public_bytes_raw())
    code, said = judge(sealed_anew(lines_of(export), key, name))
    assert (code, "First bad row: signature: seal 1 " in said) == (1, True), said


def test_an_export_signed_anew_with_the_stolen_key_is_seen_against_a_published_head(judge: Judge, export: Path, head: Path) -> None:
    lines = lines_of(export)
    place = place_of(lines, 9)
    lines[place] = with_own_hash(lines[place].replace(b"method:renamed", b"method:removed"))
    forged = sealed_anew(lines, keys.signing_key(), keys.key_id(keys.own_public_key()))
    assert judge(forged)[0] == 0
    assert "First bad row: rewritten: seal 4 is not the one that was published" in judge(forged, "--head", str(head))[1]


def test_a_head_that_nobody_here_signed_is_not_believed(judge: Judge, head: Path) -> None:
    head.write_bytes(head.read_bytes().replace(b'"signature":"', b'"signature":"00', 1))
    code, said = judge(None, "--head", str(head))
    assert (code, "is not signed with a key that was given" in said) == (2, True)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"export":1}', '{"export":{}}', '{"head":{}}', "\x00", '{"end":{}}'])
def test_what_is_no_export_is_never_accepted(judge: Judge, export: Path, content: str) -> None:
    assert judge([content.encode()])[0] in {1, 2}


@pytest.mark.parametrize("turn", range(60))
def test_whatever_line_the_dice_spoil_is_noticed(judge: Judge, export: Path, turn: int) -> None:
    """One byte of one line: sealed lines are named, and nothing but a line that no seal holds yet passes."""
    print(f"TAMPER_SEED={SEED}")
    dice, lines = random.Random(f"{SEED} {turn}"), lines_of(export)
    place = dice.randrange(1, len(lines))
    spoilt = bytearray(lines[place])
    at = dice.randrange(len(spoilt))
    spoilt[at] = dice.choice([one for one in range(32, 127) if one != spoilt[at]])
    young = lines[place].startswith(b'{"unsealed"')
    lines[place] = bytes(spoilt)
    code, said = judge(lines)
    assert code == 1 or young, (SEED, turn, lines[place], said)


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


@given(st.binary(max_size=100), st.binary(min_size=32, max_size=32))
@settings(max_examples=15, deadline=None)
def test_signatures_by_arithmetic_are_those_of_the_library(message: bytes, seed: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify_audit.signed_in_python(message, signature, public)
    assert not verify_audit.signed_in_python(message + b"x", signature, public)
    spoilt = bytes([signature[0] ^ 1]) + signature[1:]
    assert verify_audit.signed_in_python(message, spoilt, public) == keys.is_signed(message, spoilt, public) is False
    larger = signature[:32] + (int.from_bytes(signature[32:], "little") + verify_audit.L).to_bytes(32, "little")
    assert not verify_audit.signed_in_python(message, larger, public), "a second form of the same signature"


def test_every_seal_is_exported(export: Path) -> None:
    heads = [json.loads(line)["head"] for line in lines_of(export) if line.startswith(b'{"head"')]
    assert [head["number"] for head in heads] == list(Seal.objects.order_by("number").values_list("number", flat=True))
