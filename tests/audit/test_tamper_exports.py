"""A tamper script with dice in an export, years old, with months retired.

`TAMPER_SEED=…` repeats a run. Whatever is done, the first bad row is named; what nobody touched is accepted.
"""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.audit.by_hand import SEED
from tests.audit.dice import TURNS, Seen, dice_of, first_bad
from tests.audit.judging import Lines, exported, judged, place_of, sealed_anew

pytestmark = pytest.mark.django_db


def lines_with(lines: Lines, start: bytes) -> list[int]:
    return [place for place, line in enumerate(lines) if line.startswith(start)]


def events_of(lines: Lines) -> dict[int, int]:
    """The places of events that a seal holds, by number."""
    return {int(lines[place].rpartition(b":")[2][:-1]): place for place in lines_with(lines, b'{"event"')}


def edit_line(dice: random.Random, lines: Lines) -> Seen:
    number, place = dice.choice(sorted(events_of(lines).items()))
    lines[place] = lines[place].replace(b'"reason":"', b'"reason":"x', 1)
    return "altered", f" number {number} "


def delete_line(dice: random.Random, lines: Lines) -> Seen:
    number, place = dice.choice(sorted(events_of(lines).items()))
    del lines[place]
    return "removed", f" number {number} "


def insert_line(dice: random.Random, lines: Lines) -> Seen:
    place = dice.choice(sorted(events_of(lines).values()))
    lines.insert(place, lines[place].replace(b'"reason":"', b'"reason":"x', 1))
    return "inserted", ""


def insert_unsealed(dice: random.Random, lines: Lines) -> Seen:
    """A copy of an old event among those that are too young for a seal."""
    form = lines[dice.choice(sorted(events_of(lines).values()))].removeprefix(b'{"event":').rpartition(b',"leaf":"')[0]
    lines.insert(lines_with(lines, b'{"unsealed"')[dice.randrange(2)], b'{"unsealed":%b}' % form)
    return "inserted", f"id {json.loads(form)['id']}, "


def swap_lines(dice: random.Random, lines: Lines) -> Seen:
    seal = dice.choice([json.loads(lines[place])["head"] for place in lines_with(lines, b'{"head"')][4:])
    one, other = sorted(dice.sample(range(seal["first"], seal["last"] + 1), 2))
    a, b = place_of(lines, one), place_of(lines, other)
    lines[a], lines[b] = lines[b], lines[a]
    return "swapped", f"in the place of event number {one}"


def truncate_file(dice: random.Random, lines: Lines) -> Seen:
    del lines[dice.randrange(lines_with(lines, b'{"head"')[0], len(lines)) :]
    return "", ""


def cut_file_with_care(dice: random.Random, lines: Lines) -> Seen:
    heads = lines_with(lines, b'{"head"')
    place = dice.choice(heads[4:])
    said = json.loads(lines[place])["head"]
    del lines[place:]
    gone, events = len(lines_with(lines, b'{"gone"')), len(lines_with(lines, b'{"event"'))
    lines.append(json.dumps({"end": {"events": events, "gone": gone, "seals": said["number"] - 1, "unsealed": 0}}).encode())
    return "cut off", f"events number {said['first']} to "


def sign_file_anew(dice: random.Random, lines: Lines) -> Seen:
    """From a seal on, with another key under the name of the site's."""
    place = dice.choice(lines_with(lines, b'{"head"')[4:])
    head = json.loads(lines[place])["head"]
    made = sealed_anew([lines[0], *lines[place:-3]], Ed25519PrivateKey.generate(), head["key"], previous=head["previous"])
    lines[place:-3] = made[1:]
    return "signature", f"seal {head['number']} "


def drop_statement_line(dice: random.Random, lines: Lines) -> Seen:
    places = lines_with(lines, b'{"retirement"')
    which = dice.randrange(3)
    first = json.loads(lines[places[which]])["retirement"]["first"]
    del lines[places[which]]
    return "removed", f"retirement {which + 1} is missing" if which < 2 else f" number {first} "


def reorder_statement_lines(dice: random.Random, lines: Lines) -> Seen:
    one, other = sorted(dice.sample(lines_with(lines, b'{"retirement"'), 2))
    lines[one], lines[other] = lines[other], lines[one]
    return "removed", f"retirement {one} is missing"  # they stand in the lines behind the first


def replay_head(dice: random.Random, lines: Lines) -> Seen:
    older, newer = sorted(dice.sample(lines_with(lines, b'{"head"'), 2))
    number = json.loads(lines[newer])["head"]["number"]
    lines[newer] = lines[older]
    return "removed", f"seal {number} is missing"


def drop_head(dice: random.Random, lines: Lines) -> Seen:
    """The events of two seals then stand together, also where some are gone."""
    places = lines_with(lines, b'{"head"')
    place = dice.choice(places[1:])
    first = json.loads(lines[place])["head"]["first"]
    del lines[place]
    return "inserted", f"behind number {first - 1}, the last"


def edit_gone(dice: random.Random, lines: Lines) -> Seen:
    place = dice.choice(lines_with(lines, b'{"gone"'))
    at = lines[place].index(b'"leaf":"') + 8 + dice.randrange(64)
    number = int(lines[place].rpartition(b":")[2][:-1])
    digit = b"%x" % ((int(lines[place][at : at + 1], 16) + 1) % 16)
    lines[place] = lines[place][:at] + digit + lines[place][at + 1 :]
    first = next(json.loads(lines[one])["head"]["first"] for one in reversed(lines_with(lines[:place], b'{"head"')))
    assert first <= number
    return "altered", f"events number {first} to "


def edit_bits(dice: random.Random, lines: Lines) -> Seen:
    place = dice.choice(lines_with(lines, b'{"retirement"'))
    lines[place] = lines[place].replace(b'"days":400', b'"days":40', 1)
    return "altered", f"the retirement in line {place + 1} "


def delete_gone(dice: random.Random, lines: Lines) -> Seen:
    place = dice.choice(lines_with(lines, b'{"gone"'))
    number = int(lines[place].rpartition(b":")[2][:-1])
    del lines[place]
    return "removed", f" number {number} "


IN_AN_EXPORT = [
    edit_line, delete_line, insert_line, insert_unsealed, swap_lines, truncate_file, cut_file_with_care, sign_file_anew, drop_statement_line,
    reorder_statement_lines, replay_head, drop_head, edit_gone, edit_bits, delete_gone,
]  # fmt: skip


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("tamper", IN_AN_EXPORT)
def test_in_an_export_the_first_bad_row_is_named(
    past: Path, tamper: Callable[[random.Random, Lines], Seen], turn: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = exported(tmp_path)
    lines = path.read_bytes().splitlines()
    kind, text = tamper(dice_of(tamper, turn), lines)
    path.write_bytes(b"\n".join(lines) + b"\n")
    code, said = judged(path, "--head", str(past), capsys=capsys)
    found = first_bad(said) + " "
    assert (code, found.startswith(f"{kind}: " if kind else ""), text in found) == (1, True, True), (SEED, kind, text, said)


DIGITS = re.compile(rb'"([0-9a-f]{16,})"')


def test_digits_in_capitals_are_not_those_that_were_written(past: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every signature, root, leaf and link of an export, one by one; the first line and what stands behind the last seal bear none."""
    path = exported(tmp_path)
    whole = path.read_bytes()
    sealed = whole.partition(b'{"unsealed"')[0]
    places = [found.span() for found in DIGITS.finditer(sealed, whole.index(b"\n")) if found[1] != found[1].upper()]
    assert len(places) > len(lines_with(sealed.splitlines(), b'{"head"'))
    for start, end in places:
        path.write_bytes(whole[:start] + whole[start:end].upper() + whole[end:])
        assert judged(path, "--head", str(past), capsys=capsys)[0] == 1, whole[:end].splitlines()[-1]


def test_a_statement_left_out_with_everything_it_explains_is_missed_by_the_event_of_it(
    past: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last statement alone: nothing behind it shows that the link is missing."""
    path = exported(tmp_path)
    lines = path.read_bytes().splitlines()
    first = lines_with(lines, b'{"head"')[0]
    last = json.loads(lines[first - 1])["retirement"]
    gone = [place for place in lines_with(lines, b'{"gone"') if last["first"] <= int(lines[place].rpartition(b":")[2][:-1]) <= last["last"]]
    del lines[first - 1]
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert gone
    assert judged(path, capsys=capsys)[0] == 1
