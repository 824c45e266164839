"""R-182, R-183: seals, keys and heads that were altered, cut off, forged or changed, in a copy of the database with every trigger lifted."""

# ruff: noqa: S608  statements by hand are what this is about

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.seals import keys, verifying
from audit.seals.heads import Head
from audit.seals.sealing import seal
from tests.audit.by_hand import by_hand, names, newest_head, recorded, sealed_anew, verified

pytestmark = pytest.mark.django_db


def test_a_cut_tail_is_seen_against_a_published_head(ids: list[int], kept: Path) -> None:
    by_hand("DELETE FROM audit_seal WHERE number = 4", f"DELETE FROM audit_event WHERE id >= {ids[21]}")
    assert verified()[0] == 0, "without a published head nothing can show it, and the command says so"
    assert "No published head was given" in verified()[1]
    code, said = verified(kept)
    assert (code, "First bad row: cut off: events number 22 to 25 are gone: seal 4 was published on" in said) == (1, True)


def test_events_cut_off_without_their_seals_are_named(ids: list[int]) -> None:
    by_hand(f"DELETE FROM audit_event WHERE id >= {ids[23]}")
    assert names(verified(), "removed", 24)


def test_a_seal_that_is_missing_is_named(ids: list[int]) -> None:
    by_hand("DELETE FROM audit_seal WHERE number = 2")
    assert "removed: seal 2 is missing; the next one there is seal 3 (events from number 8 on)" in verified()[1]


FIELDS = {"first": "first + 1", "last": "last - 1", "settled": "settled + 1", "form": "1", "sealed_at": "'2026-01-01 00:00:00+00'"}
FIELDS |= {"lowest_id": "lowest_id - 1", "highest_id": "highest_id + 1"}
FIELDS |= {f"{field} ": f"upper({field})" for field in ("root", "signature", "key")}
FIELDS |= {"root": f"'{'0' * 64}'", "previous": f"'{'1' * 64}'", "signature": f"'{'0' * 128}'", "key": "'0123456789abcdef'"}


@pytest.mark.parametrize(("field", "number"), [*product(FIELDS, (1, 2, 4)), ("previous ", 2)])
def test_an_altered_seal_is_named(ids: list[int], field: str, number: int) -> None:
    by_hand(f"UPDATE audit_seal SET {field} = {FIELDS.get(field, 'upper(previous)')} WHERE number = {number}")
    code, said = verified()
    assert (code, f"seal {number} " in said.partition("First bad row:")[2]) == (1, True), said


def test_a_chain_made_anew_with_another_key_is_named_where_it_begins(ids: list[int]) -> None:
    """Under the name of the site's key: every link fits, and no signature does."""
    by_hand(f"UPDATE audit_event SET reason = 'x' WHERE id = {ids[9]}")
    sealed_anew(2, Ed25519PrivateKey.generate())
    assert "signature: seal 2 does not bear a signature of the key" in verified()[1]
    assert "(events from number 8 on)" in verified()[1]


def test_a_chain_made_anew_with_a_key_that_names_itself_is_named_where_it_begins(ids: list[int]) -> None:
    key = Ed25519PrivateKey.generate()
    sealed_anew(3, key, keys.key_id(key.public_key().public_bytes_raw()))
    assert "signature: seal 3 is signed with the key" in verified()[1]


def test_a_chain_made_anew_with_the_stolen_key_is_seen_against_a_published_head(ids: list[int], kept: Path) -> None:
    by_hand(f"UPDATE audit_event SET reason = 'x' WHERE id = {ids[9]}")
    sealed_anew(2)
    assert verified()[0] == 0
    code, said = verified(kept)
    assert (code, "rewritten: seal 4 is not the one that was published" in said) == (1, True)


def test_a_database_set_back_and_continued_is_seen_against_a_published_head(ids: list[int], kept: Path) -> None:
    by_hand("DELETE FROM audit_seal WHERE number > 2", f"DELETE FROM audit_event WHERE id >= {ids[12]}")
    for count in (3, 3, 3):
        recorded(count)
        seal()
    code, said = verified(kept)
    assert (code, "rewritten: seal 4 is not the one that was published" in said) == (1, True)


def test_a_published_head_that_nobody_here_signed_is_not_believed(ids: list[int], tmp_path: Path) -> None:
    statement = newest_head().statement
    forged = Head(statement, Ed25519PrivateKey.generate().sign(statement.signed_bytes()).hex())
    (tmp_path / "1.json").write_bytes(forged.line())
    assert "the published head 4 is not signed with a key of this site" in verified(tmp_path)[1]


def test_what_is_no_head_is_not_taken_for_one(ids: list[int], tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text("{}")
    with pytest.raises(ValueError, match="holds no head"):
        verifying.published([tmp_path])


def test_a_key_may_be_changed_and_what_it_signed_goes_on_being_believed(ids: list[int], settings: Any, kept: Path) -> None:
    old = keys.own_public_key()
    settings.MFA_SEAL_KEY = keys.base64.b64encode(b"n" * 32).decode()
    settings.MFA_SEAL_OLD_KEYS = [keys.base64.b64encode(old).decode()]
    recorded(3)
    assert seal() == 3
    assert verified(kept)[0] == 0
    settings.MFA_SEAL_OLD_KEYS = []
    assert "seal 1 is signed with the key" in verified()[1]


def test_what_the_old_key_had_not_signed_is_not_believed_after_a_change(ids: list[int], settings: Any) -> None:
    """Who has only the new key cannot make seals of the old one."""
    by_hand(f"UPDATE audit_event SET reason = 'x' WHERE id = {ids[9]}")
    sealed_anew(2, Ed25519PrivateKey.generate())
    settings.MFA_SEAL_OLD_KEYS = [keys.base64.b64encode(keys.own_public_key()).decode()]
    settings.MFA_SEAL_KEY = keys.base64.b64encode(b"n" * 32).decode()
    recorded(3)
    seal()
    assert "signature: seal 2 does not bear a signature of the key" in verified()[1]
