"""R-090 to R-098: each step of WebAuthn 7.1 and 7.2 refuses what lies in that one respect, and nothing else does."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.utils import timezone
from pytest_django import Settings
from webauthn.helpers import bytes_to_base64url

from accounts.models import Account, RoleGrant
from audit.models import Event
from methods.answers import Judged, Outcome, Question, answer
from methods.challenges import ask, method
from methods.kinds.fido import judging
from methods.kinds.fido.models import FidoDevice, UserHandle
from methods.models import Challenge, ChallengeState, Message, Purpose, RegisteredMethod
from methods.registrant import Registrant
from methods.registration import challenge_of, prove, start
from methods.registry import kind
from tests.factories import a_totp_app
from tests.methods.security_key import AT, BE, BS, UP, UV, SoftKey, flipped

BINDING = "session:of a test"
Lies = dict[str, Any]


def options_of(challenge: Challenge) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kind("fido").facts(challenge)["key"]["options"])
    return found


def register(account: Account, key: SoftKey, **lies: Any) -> Judged:
    """A whole registration by `key`, which lies as told."""
    registrant = Registrant(account, BINDING, first=False, done_url="/", on_registered=lambda *_: None)
    device = start(registrant, FidoDevice())
    return prove(registrant, device, key.create(options_of(challenge_of(registrant, device)), **lies))


def asked(account: Account) -> tuple[Question, Challenge]:
    registered = RegisteredMethod.objects.get(account=account, kind="fido")
    question = Question(Purpose.STEP_UP, BINDING, method(registered))
    return question, ask(account, question.asked, purpose=Purpose.STEP_UP, binding=BINDING)


def verify(account: Account, key: SoftKey, **lies: Any) -> Judged:
    """A whole verification by `key`, which lies as told."""
    question, challenge = asked(account)
    return answer(account.pk, key.get(options_of(challenge), **lies), question)


@pytest.fixture
def key(hana: Account) -> SoftKey:
    """Registered on hana's account."""
    a_totp_app(hana)
    key = SoftKey()
    assert register(hana, key).outcome == Outcome.PASSED
    return key


@pytest.mark.covers("S-13")
@pytest.mark.parametrize(
    "private",
    [
        lambda: ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate,
        lambda: rsa.generate_private_key(65537, 2048),
    ],
    ids=["ES256", "EdDSA", "RS256"],
)
def test_each_offered_algorithm_registers_and_verifies(hana: Account, private: Callable[[], Any]) -> None:
    key = SoftKey(private=private())
    assert register(hana, key).outcome == Outcome.PASSED
    assert verify(hana, key).outcome == Outcome.PASSED
    device = FidoDevice.objects.get()
    assert (bytes(device.credential_id), device.sign_count, device.transports) == (key.credential_id, 1, ["usb", "nfc"])


def test_a_passkey_that_counts_nothing_is_used_again_and_again(hana: Account) -> None:
    key = SoftKey(flags=UP | UV | BE | BS, counts=False)
    assert register(hana, key).outcome == Outcome.PASSED
    assert [verify(hana, key, userHandle=key.handle).outcome for _ in range(3)] == [Outcome.PASSED] * 3
    device = FidoDevice.objects.get()
    assert (device.backup_eligible, device.backed_up, device.user_verified) == (True, True, True)


REGISTRATION_LIES: dict[str, Lies] = {
    "type": {"type": "webauthn.get"},
    "challenge": {"challenge": flipped("AAAA")},
    "origin": {"origin": "https://mfa.example.ac.jp.evil.example"},
    "origin with another scheme": {"origin": "http://mfa.example.ac.jp"},
    "origin with a port": {"origin": "https://mfa.example.ac.jp:8443"},
    "origin that is no text": {"origin": ["https://mfa.example.ac.jp"]},
    "cross origin": {"client": {"crossOrigin": True}},
    "cross origin in other words": {"client": {"crossOrigin": 1}},
    "top origin": {"client": {"topOrigin": "https://evil.example"}},
    "rp id": {"rp_id": "evil.example"},
    "user presence": {"flags": UV},
    "backed up without being eligible": {"flags": UP | BS},
    "id and raw id": {"rawId": bytes_to_base64url(b"another" * 5)},
    "credential type": {"credential_type": "password"},
    "attestation format": {"statement": {"fmt": "tpm", "attStmt": {}}},
    "attestation statement": {"statement": {"fmt": "none", "attStmt": {"sig": b"x"}}},
    "attestation signature": {"statement": {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"x" * 70}}},
    "extensions that are not there": {"flags": UP | 128},
}


@pytest.mark.parametrize("lie", REGISTRATION_LIES)
def test_a_registration_that_lies_is_refused(hana: Account, lie: str) -> None:
    a_totp_app(hana)
    key = SoftKey()
    assert register(hana, key, **REGISTRATION_LIES[lie]).outcome == Outcome.WRONG
    assert not FidoDevice.objects.filter(confirmed=True).exists()
    assert not FidoDevice.objects.exclude(credential_id=None).exists()
    assert register(hana, key).outcome == Outcome.PASSED, "it was nothing else"


@pytest.mark.parametrize("length", [15, 1024])
def test_an_id_that_is_too_short_or_too_long_is_refused(hana: Account, length: int) -> None:
    """R-093."""
    assert register(hana, SoftKey(credential_id=b"i" * length)).outcome == Outcome.WRONG
    assert register(hana, SoftKey(credential_id=b"i" * 1023)).outcome == Outcome.PASSED


def test_an_algorithm_that_was_not_offered_is_refused(hana: Account) -> None:
    """R-095: the page's offer is not what decides."""
    assert register(hana, SoftKey(private=ec.generate_private_key(ec.SECP384R1()))).outcome == Outcome.WRONG


VERIFICATION_LIES: dict[str, Lies] = {
    "type": {"type": "webauthn.create"},
    "challenge": {"challenge": flipped("AAAA")},
    "origin": {"origin": "https://mfa.example.ac.jp.evil.example"},
    "cross origin": {"client": {"crossOrigin": True}},
    "top origin": {"client": {"topOrigin": "https://mfa.example.ac.jp"}},
    "rp id": {"rp_id": "example.ac.jp"},
    "user presence": {"flags": 0},
    "backed up without being eligible": {"flags": UP | BS},
    "eligible all of a sudden": {"flags": UP | BE},
    "signature": {"signature": b"no signature at all"},
    "id and raw id": {"rawId": bytes_to_base64url(b"another" * 5)},
    "another key": {"credential_id": b"another" * 5},
    "credential type": {"credential_type": "password"},
    "another account's handle": {"userHandle": bytes_to_base64url(b"h" * 32)},
    "a handle that is no text": {"userHandle": 7},
    "a credential that is not there": {"flags": UP | AT},
}


@pytest.mark.parametrize("lie", VERIFICATION_LIES)
def test_an_answer_that_lies_is_refused(hana: Account, key: SoftKey, lie: str) -> None:
    assert verify(hana, key, **VERIFICATION_LIES[lie]).outcome == Outcome.WRONG
    hana.refresh_from_db()
    assert hana.failures == 1
    assert FidoDevice.objects.get().sign_count == 0
    assert not Event.objects.filter(name="method:cloned").exists()
    assert verify(hana, key).outcome == Outcome.PASSED, "it was nothing else"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "7", '"x"', "{", '{"id": "x"}', "[" * 4000, "x" * 9000, "\0", '{"response": []}'])
def test_what_is_no_answer_at_all_is_a_wrong_one(hana: Account, key: SoftKey, text: str) -> None:
    """R-098."""
    question, _ = asked(hana)
    assert answer(hana.pk, text, question).outcome == Outcome.WRONG


@pytest.mark.parametrize("result", [None, False, 0, ValueError("x"), RecursionError(), KeyError()], ids=repr)
def test_whatever_else_comes_from_the_library_is_no_proof(hana: Account, key: SoftKey, monkeypatch: Any, result: object) -> None:
    """R-098."""

    def broken(**_: Any) -> Any:
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(judging, "verify_authentication_response", broken)
    assert verify(hana, key).outcome == Outcome.WRONG
    monkeypatch.setattr(judging, "verify_registration_response", broken)
    assert register(hana, SoftKey()).outcome == Outcome.WRONG


@pytest.mark.parametrize("fmt", ["tpm", "android-key", "android-safetynet", "apple", "fido-u2f", "other", None])
def test_certificates_that_nobody_asked_for_are_not_read(hana: Account, monkeypatch: Any, fmt: str | None) -> None:
    monkeypatch.setattr(judging, "verify_registration_response", lambda **_: pytest.fail("it was read"))
    assert register(hana, SoftKey(), statement={"fmt": fmt, "attStmt": {}}).outcome == Outcome.WRONG


def test_what_is_longer_than_any_answer_is_not_read() -> None:
    known = kind("fido")
    assert known.read(known.way(""), "x" * 8192)
    assert known.read(known.way(""), "x" * 8193) == ""


def test_a_challenge_is_spent_by_its_first_answer_right_or_wrong(hana: Account, key: SoftKey) -> None:
    """R-090."""
    question, challenge = asked(hana)
    right = key.get(options_of(challenge))
    assert answer(hana.pk, key.get(options_of(challenge), signature=b"x"), question).outcome == Outcome.WRONG
    assert answer(hana.pk, right, question).outcome == Outcome.OVER
    assert Challenge.objects.get(pk=challenge.pk).state == ChallengeState.FAILED
    question, challenge = asked(hana)
    right = key.get(options_of(challenge))
    assert [answer(hana.pk, right, question).outcome for _ in range(2)] == [Outcome.PASSED, Outcome.OVER]


def test_an_answer_to_one_challenge_is_none_to_another(hana: Account, key: SoftKey) -> None:
    """R-090, R-008: not of an earlier one, nor of a registration."""
    _, first = asked(hana)
    old = key.get(options_of(first))
    Challenge.objects.filter(pk=first.pk).update(state=ChallengeState.CLOSED)
    question, second = asked(hana)
    assert options_of(first)["challenge"] != options_of(second)["challenge"]
    assert answer(hana.pk, old, question).outcome == Outcome.WRONG
    question, third = asked(hana)
    assert answer(hana.pk, key.create(options_of(third) | {"user": {"id": key.handle}}), question).outcome == Outcome.WRONG


def test_a_challenge_of_five_minutes_ago_is_over(hana: Account, key: SoftKey) -> None:
    question, challenge = asked(hana)
    assert (challenge.expires_at - challenge.issued_at).total_seconds() == pytest.approx(300, abs=1)
    Challenge.objects.filter(pk=challenge.pk).update(expires_at=timezone.now())
    assert answer(hana.pk, key.get(options_of(challenge)), question).outcome == Outcome.OVER


@pytest.mark.parametrize("count", [0, 4, 5])
def test_a_counter_that_does_not_go_on_is_refused_recorded_and_told(hana: Account, key: SoftKey, count: int) -> None:
    """R-094: somebody may have a copy."""
    assert verify(hana, key, count=5).outcome == Outcome.PASSED
    assert verify(hana, key, count=count).outcome == Outcome.WRONG
    [event] = Event.objects.filter(name="method:cloned")
    assert (event.account_id, event.after["name"], event.after["purpose"]) == (hana.pk, "Security key", "step-up")
    assert Message.objects.filter(template="method-cloned").count() == 1
    assert FidoDevice.objects.get().sign_count == 5
    assert verify(hana, key, count=6).outcome == Outcome.PASSED


def test_a_forged_answer_with_an_old_counter_is_no_sign_of_a_copy(hana: Account, key: SoftKey) -> None:
    """The counter is looked at when everything else was right."""
    assert verify(hana, key, count=5).outcome == Outcome.PASSED
    assert verify(hana, key, count=1, signature=b"forged").outcome == Outcome.WRONG
    assert not Event.objects.filter(name="method:cloned").exists()


def test_a_key_stands_on_one_account_alone(hana: Account, ken: Account, key: SoftKey) -> None:
    """R-093: neither on another account nor twice on one, and what is there is not overwritten."""
    a_totp_app(ken)
    before = FidoDevice.objects.values().get()
    for account in (ken, hana):
        copy = SoftKey(credential_id=key.credential_id)
        assert register(account, copy).outcome == Outcome.WRONG
    assert FidoDevice.objects.filter(confirmed=True).values().get() == before
    assert verify(hana, key).outcome == Outcome.PASSED


def test_the_key_of_somebody_else_is_wrong(hana: Account, ken: Account, key: SoftKey) -> None:
    """R-092."""
    theirs = SoftKey()
    register(ken, theirs)
    assert verify(hana, theirs).outcome == Outcome.WRONG
    assert verify(hana, theirs, credential_id=key.credential_id).outcome == Outcome.WRONG


def test_the_user_handle_is_random_and_of_the_account(hana: Account, ken: Account, key: SoftKey) -> None:
    register(ken, SoftKey())
    mine, theirs = (bytes(UserHandle.objects.get(account=account).handle) for account in (hana, ken))
    assert len(mine) == 32
    assert mine != theirs
    assert hana.common_id.encode() not in mine
    assert verify(hana, key, userHandle=bytes_to_base64url(theirs)).outcome == Outcome.WRONG
    assert verify(hana, key, userHandle=bytes_to_base64url(mine)).outcome == Outcome.PASSED
    assert verify(hana, key, userHandle="").outcome == Outcome.PASSED


def test_a_pin_is_asked_for_where_the_institution_wants_it(hana: Account, key: SoftKey, settings: Settings) -> None:
    """R-091, R-095: at registration as well as at sign-in, on the server."""
    settings.MFA_WEBAUTHN_USER_VERIFICATION = True
    _, challenge = asked(hana)
    assert options_of(challenge)["userVerification"] == "required"
    assert verify(hana, key).outcome == Outcome.WRONG
    assert register(hana, SoftKey()).outcome == Outcome.WRONG
    assert verify(hana, key, flags=UP | UV).outcome == Outcome.PASSED
    assert register(hana, SoftKey(flags=UP | UV)).outcome == Outcome.PASSED


def test_a_pin_is_always_asked_of_people_with_a_role(hana: Account, key: SoftKey) -> None:
    """R-095: also of a key from the time before the role."""
    RoleGrant.objects.create(account=hana, role="helpdesk")
    assert verify(hana, key).outcome == Outcome.WRONG
    assert register(hana, SoftKey()).outcome == Outcome.WRONG
    assert verify(hana, key, flags=UP | UV).outcome == Outcome.PASSED


def test_the_browser_is_told_to_ask_for_one_key_of_this_site(hana: Account, key: SoftKey) -> None:
    """R-092, R-097."""
    _, challenge = asked(hana)
    options = options_of(challenge)
    assert options["rpId"] == "mfa.example.ac.jp"
    assert options["allowCredentials"] == [
        {"id": bytes_to_base64url(key.credential_id), "type": "public-key", "transports": ["usb", "nfc"]}
    ]
    assert len(options["challenge"]) == 43
    assert not Challenge.objects.exclude(code_digest="").exists(), "nothing of it is stored"


def test_the_address_comes_from_the_settings(hana: Account, settings: Settings) -> None:
    """R-097."""
    settings.MFA_WEBAUTHN_RP_ID = "example.ac.jp"
    settings.MFA_WEBAUTHN_ORIGINS = ["https://login.example.ac.jp", "https://mfa.example.ac.jp"]
    key = SoftKey(rp_id="example.ac.jp", origin="https://login.example.ac.jp")
    assert register(hana, key).outcome == Outcome.PASSED
    assert verify(hana, key).outcome == Outcome.PASSED
    assert verify(hana, key, origin="https://mfa.example.ac.jp").outcome == Outcome.PASSED
    assert verify(hana, key, origin="https://other.example.ac.jp").outcome == Outcome.WRONG


def test_a_key_is_called_what_it_is_unless_its_owner_names_it(hana: Account) -> None:
    yubikey = uuid.UUID("2fc0579f-8113-47ea-b116-bb5a8db9202a")
    for aaguid in (yubikey, yubikey, uuid.UUID(int=0), uuid.UUID(int=7)):
        assert register(hana, SoftKey(aaguid=aaguid)).outcome == Outcome.PASSED
    names = RegisteredMethod.objects.order_by("bound_at").values_list("name", flat=True)
    assert list(names) == ["YubiKey 5", "YubiKey 5 2", "Security key", "Security key 2"]


def test_a_removed_key_may_come_back(hana: Account, key: SoftKey) -> None:
    FidoDevice.objects.all().delete()
    RegisteredMethod.objects.filter(kind="fido").delete()
    assert register(hana, key).outcome == Outcome.PASSED
