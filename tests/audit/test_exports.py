"""R-182, R-183, R-188: an export proves itself to somebody who has nothing but the verifier, the public key and an earlier head."""

import json
import random
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import Seal
from audit.seals import exporting, keys, tree
from audit.seals.sealing import unpacked
from tests.audit.by_hand import SEED
from tests.audit.judging import EVENTS, Judge, Lines, judged, lines_of, own_key, place_of, sealed_anew
from tools import verify_audit
from tools.messages import ROOT

pytestmark = pytest.mark.django_db


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


NOTHING = "compared with nothing in this file"


@pytest.mark.parametrize(("number", "is_compared"), [(1, False), (2, True), (3, True), (4, True)])
def test_heads_that_were_compared_with_nothing_are_said_to_be(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int, *, is_compared: bool
) -> None:
    """A part of the audit begins with seal 3, which names seal 2; a proof holds the head of seal 4 alone."""
    whole, proof, head = tmp_path / "part.jsonl", tmp_path / "proof.jsonl", tmp_path / "head.json"
    call_command("audit_export", output=whole, first_seal=3, last_seal=4, stdout=StringIO())
    proof.write_bytes(b"".join(line + b"\n" for line in exporting.chosen(unpacked(Seal.objects.get(number=4).event_ids)[:1])))
    head.write_bytes(Seal.objects.get(number=number).head.line())
    code, said = judged(whole, "--head", str(head), capsys=capsys)
    assert (code, NOTHING not in said) == (0, is_compared), said
    code, said = judged(proof, "--head", str(head), capsys=capsys)
    assert (code, NOTHING not in said) == (0, number == 4), said


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


def test_an_event_that_was_removed_with_all_behind_it_renumbered_is_the_last_one_or_one_before_it(judge: Judge, export: Path) -> None:
    lines = lines_of(export)
    place = place_of(lines, 9)
    del lines[place]
    for number in range(10, 13):
        lines[place_of(lines, number)] = lines[place_of(lines, number)].replace(b'"number":%d}' % number, b'"number":%d}' % (number - 1))
    code, said = judge(lines)
    assert (code, "removed: event number 12 of seal 2 is missing, or one before it" in said) == (1, True), said


def test_an_export_without_any_seal_is_not_said_to_be_whole(judge: Judge, export: Path) -> None:
    lines = [line for line in lines_of(export) if line.startswith((b'{"export"', b'{"unsealed"'))]
    code, said = judge([*lines, b'{"end":{"events":0,"seals":0,"unsealed":2}}'])
    assert (code, "nothing vouches for what it says" in said, "Nothing was altered" in said) == (2, True, False), said


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
