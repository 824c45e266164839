"""A sealed secret opens where it was sealed, with its key, unaltered, and nowhere else (R-190)."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from vault.keyring import CannotOpen, Keyring, parse

OLD, NEW = b"o" * 32, b"n" * 32
RING = Keyring({"new": NEW, "old": OLD})
secrets, places = st.binary(max_size=200), st.text(max_size=40)


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


@given(secrets, places)
def test_what_was_sealed_opens_again(secret: bytes, place: str) -> None:
    assert RING.open(RING.seal(secret, place=place), place=place) == secret


@given(secrets, places, places)
def test_it_opens_at_no_other_place(secret: bytes, place: str, elsewhere: str) -> None:
    token = RING.seal(secret, place=place)
    if place != elsewhere:
        with pytest.raises(CannotOpen):
            RING.open(token, place=elsewhere)


@given(secrets, st.data())
def test_a_single_altered_byte_is_noticed(secret: bytes, data: st.DataObject) -> None:
    token = RING.seal(secret, place="here")
    head, text = token.rsplit(".", 1)
    sealed = bytearray(base64.urlsafe_b64decode(text))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CannotOpen):
        RING.open(f"{head}.{base64.urlsafe_b64encode(bytes(sealed)).decode()}", place="here")


@given(st.one_of(st.text(max_size=60), st.text(max_size=60).map("v1.new.{}".format), st.text(max_size=60).map("v2.new.{}".format)))
def test_what_is_no_token_is_refused_in_the_same_way(token: str) -> None:
    with pytest.raises(CannotOpen):
        RING.open(token, place="here")


@given(secrets)
def test_the_secret_is_not_in_the_token_and_no_token_comes_twice(secret: bytes) -> None:
    tokens = {RING.seal(secret, place="here") for _ in range(3)}
    assert len(tokens) == 3
    bodies = [base64.urlsafe_b64decode(token.rsplit(".", 1)[1]) for token in tokens]
    assert len(secret) < 4 or not any(secret in body for body in bodies)


def test_the_first_key_seals_and_every_key_opens() -> None:
    token = Keyring({"old": OLD}).seal(b"seed", place="here")
    assert RING.open(token, place="here") == b"seed"
    assert RING.seal(b"seed", place="here").startswith("v1.new.")


def test_without_its_key_a_secret_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        Keyring({"new": NEW}).open(Keyring({"old": OLD}).seal(b"seed", place="here"), place="here")


def test_a_key_under_anothers_name_opens_nothing() -> None:
    token = Keyring({"same": OLD}).seal(b"seed", place="here")
    with pytest.raises(CannotOpen):
        Keyring({"same": NEW}).open(token, place="here")


def test_keys_are_read_in_order() -> None:
    ring = parse(f" b:{encoded(NEW)} , a:{encoded(OLD)},")
    assert (ring.current, list(ring.ciphers)) == ("b", ["b", "a"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ",
        encoded(NEW),
        f":{encoded(NEW)}",
        f"a.b:{encoded(NEW)}",
        "a:" + encoded(b"short"),
        "a:" + encoded(NEW + b"x"),
        "a:****",
        f"a:{encoded(NEW)},a:{encoded(OLD)}",
    ],
)
def test_a_broken_list_of_keys_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="MFA_KEYS"):
        parse(text)
