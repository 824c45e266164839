"""R-043, R-072: codes as people type them, as the site makes them, and as it keeps them."""

import re
import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.codes import digest, make_code, matches, normalised
from methods.models import Challenge

DIGITS = st.text(alphabet="0123456789", min_size=6, max_size=6)
BLANKS = st.sampled_from(["", " ", "  ", "\t", "\n", "\u3000", "\u00a0", "\u2009"])


@given(DIGITS, st.lists(BLANKS, min_size=7, max_size=7), st.booleans())
def test_spaces_and_full_width_digits_are_theirs_to_type(code: str, blanks: list[str], full_width: bool) -> None:  # noqa: FBT001
    typed = "".join(chr(ord(digit) + 0xFEE0) for digit in code) if full_width else code
    assert normalised("".join(blank + digit for blank, digit in zip(blanks, typed + " ", strict=True))) == code


@given(st.text(max_size=80))
def test_whatever_is_typed_becomes_six_ascii_digits_or_nothing(text: str) -> None:
    code = normalised(text)
    assert code == "" or re.fullmatch(r"[0-9]{6}", code, re.ASCII)
    assert normalised(code) == code


@given(st.text(alphabet=st.characters(categories=["Nd", "No", "Nl"]), min_size=6, max_size=6))
def test_digits_of_other_scripts_mean_what_they_look_like_or_nothing(text: str) -> None:
    folded = unicodedata.normalize("NFKC", text)
    assert normalised(text) in {"", folded}


@pytest.mark.parametrize(
    "text",
    [
        "12345",
        "1234567",
        "+12345",
        "-12345",
        "12345\x00",
        "\x00123456",
        "12 34",
        "٣٤٥٦٧٨",
        "१२३४५६",
        "1e5",
        "0x1234",
        "123.45",
        "",
        "      ",
    ],
)
def test_what_is_not_six_digits_is_nothing(text: str) -> None:
    assert normalised(text) == ""


def test_codes_have_six_digits_and_begin_with_any(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(re.fullmatch(r"\d{6}", make_code()) for _ in range(200))
    assert len({make_code() for _ in range(200)}) > 190
    monkeypatch.setattr("methods.codes.secrets.randbelow", lambda limit: 42 if limit == 10**6 else pytest.fail("not all codes"))
    assert make_code() == "000042"


def test_a_code_is_kept_as_a_keyed_digest_of_its_challenge(settings: pytest.FixtureRequest) -> None:
    first, second = Challenge(id=uuid.uuid4()), Challenge(id=uuid.uuid4())
    kept = digest(first, "123456")
    assert re.fullmatch(r"[0-9a-f]{64}", kept)
    assert kept != digest(second, "123456")
    settings.SECRET_KEY = "another key " * 5
    assert kept != digest(first, "123456")


def test_only_the_code_last_sent_matches() -> None:
    challenge = Challenge(id=uuid.uuid4())
    assert not matches(challenge, "123456"), "nothing was sent"
    assert not matches(challenge, "")
    challenge.code_digest = digest(challenge, "123456")
    assert matches(challenge, "123456")
    assert not matches(challenge, "123457")
    challenge.code_digest = digest(challenge, "000000")
    assert not matches(challenge, "123456")
