"""Invented people in any number, the same ones for the same seed: for tests, benchmarks and demonstrations."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import TextIO

from accounts.importing.rows import REQUIRED
from accounts.synthetic_names import AFFILIATIONS, GIVEN_NAMES, GUESTS, SURNAMES

GUEST_SHARE, ENGLISH_SHARE, NO_ADDRESS_SHARE = 0.06, 0.05, 0.02
KINDS, KIND_WEIGHTS = ("student", "faculty", "staff"), (80, 9, 11)
DOMAINS = {"student": "g.example.ac.jp", "faculty": "example.ac.jp", "staff": "adm.example.ac.jp"}
IDS, STEP = 9_000_000_000, 7_368_787  # the step shares no factor with the number of ids, so no id comes twice
HAND_MADE = 1_000_000_000  # ids that begin with 1 are left to accounts made by hand


@dataclass(frozen=True)
class Name:
    """One name in both scripts."""

    ja: str
    en: str


def _names(text: str) -> list[Name]:
    return [Name(*entry.strip().split(" ", 1)) for entry in text.replace("\n", "").split(",") if entry]


_SURNAMES, _GIVEN, _GUESTS = _names(SURNAMES), _names(GIVEN_NAMES), _names(GUESTS)
_AFFILIATIONS = [tuple(line.split("|")) for line in AFFILIATIONS.split("\n") if line]
_WEIGHTS = [1 / (place + 5) for place in range(len(_SURNAMES))]  # a few surnames are everywhere


def people(count: int, *, seed: int = 1, passwords: int = 0) -> Iterator[dict[str, str]]:
    """`count` rows of an import file; the first `passwords` of them with a password that the seed gives away."""
    # Invented data, not secrets: a predictable generator is wanted here.
    random, secrets = Random(seed), Random(f"passwords {seed}")  # noqa: S311
    first = random.randrange(IDS)
    for number in range(count):
        row = _person(random, _common_id(first + number * STEP))
        if passwords:
            row["initial_password"] = f"{secrets.getrandbits(64):016x}" if number < passwords else ""
        yield row


def write_people(stream: TextIO, count: int, *, seed: int = 1, passwords: int = 0) -> None:
    """An import file, row by row."""
    writer = csv.DictWriter(stream, [*REQUIRED, *(["initial_password"] if passwords else [])], lineterminator="\n")
    writer.writeheader()
    writer.writerows(people(count, seed=seed, passwords=passwords))


def write_affiliations(stream: TextIO) -> None:
    """The affiliations that the invented people belong to."""
    csv.writer(stream, lineterminator="\n").writerows([("code", "name_en", "name_ja"), *_AFFILIATIONS])


def _common_id(number: int) -> str:
    number %= IDS
    return f"{number if number < HAND_MADE else number + HAND_MADE:010d}"


def _person(random: Random, common_id: str) -> dict[str, str]:
    kind = random.choices(KINDS, KIND_WEIGHTS)[0]
    guest = random.random() < GUEST_SHARE
    name = random.choice(_GUESTS) if guest else _japanese(random)
    return {
        "common_id": common_id,
        "name_en": name.en,
        "name_ja": name.ja,
        "affiliation": random.choice(_AFFILIATIONS)[0],
        "kind": kind,
        "language": "en" if guest or random.random() < ENGLISH_SHARE else "ja",
        "contact_address": "" if random.random() < NO_ADDRESS_SHARE else _address(name, common_id, kind),
    }


def _japanese(random: Random) -> Name:
    surname, given = random.choices(_SURNAMES, _WEIGHTS)[0], random.choice(_GIVEN)
    return Name(f"{surname.ja} {given.ja}", f"{given.en} {surname.en}")


def _address(name: Name, common_id: str, kind: str) -> str:
    local = "".join(character for character in name.en.lower().replace(" ", ".") if character.isascii() and character in _LOCAL)
    return f"{local}.{common_id[-5:]}@{DOMAINS[kind]}"


_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyz.-")
