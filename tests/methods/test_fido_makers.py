"""R-095, R-096: where the policy asks of which make a key is, only its maker's certificate says so."""

import hashlib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.checks import run_checks
from pytest_django import Settings

from accounts.models import Account
from methods.answers import Outcome
from methods.kinds.fido import makers
from methods.kinds.fido.models import FidoDevice
from methods.registrant import Registrant
from methods.registration import challenge_of, start
from methods.registry import kind
from tests.factories import a_totp_app
from tests.methods.security_key import SoftKey
from tests.methods.test_fido_answers import asked, options_of, register
from tests.policies.books import in_force, methods_of

pytestmark = pytest.mark.django_db
MODEL, ANOTHER = uuid.UUID("cb69481e-8ff7-4039-93ec-0a2729a154a8"), uuid.UUID("ee882879-721c-4913-9775-3dfcce97072a")
NOBODY = uuid.UUID(int=0)


class Maker:
    """Makes keys, and vouches for them with its own root."""

    def __init__(self, name: str = "Maker") -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        basic = x509.BasicConstraints(ca=True, path_length=None)
        self.root = self._builder(self.name, self.key).add_extension(basic, critical=True).sign(self.key, hashes.SHA256())

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - timedelta(days=3)).not_valid_after(now + timedelta(days=3))

    def pem(self) -> bytes:
        """What those need who believe this maker."""
        return self.root.public_bytes(serialization.Encoding.PEM)

    def vouching(self, named: uuid.UUID | None = None) -> Callable[[bytes, bytes], dict[str, Any]]:
        """A statement about a new key by a batch key, whose certificate may name a model."""
        batch = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "batch")]), batch)
        if named is not None:
            value = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4"), b"\x04\x10" + named.bytes)
            builder = builder.add_extension(value, critical=False)
        der = builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

        def state(data: bytes, client: bytes) -> dict[str, Any]:
            signature = batch.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
            return {"fmt": "packed", "attStmt": {"alg": -7, "sig": signature, "x5c": [der]}}

        return state


@pytest.fixture
def maker(tmp_path: Path, settings: Settings) -> Maker:
    """Whose root is known, after that of somebody else."""
    made = Maker()
    roots = tmp_path / "roots.pem"
    roots.write_bytes(Maker("Elsewhere").pem() + made.pem())
    settings.MFA_WEBAUTHN_ROOTS = str(roots)
    return made


@pytest.fixture
def person(hana: Account) -> Account:
    a_totp_app(hana)
    return hana


def policy(attestation: str, *models: uuid.UUID) -> None:
    in_force({"asks": "verify"}, methods=(methods_of("totp", "fido", attestation=attestation, authenticators=tuple(map(str, models))),))


def self_made(data: bytes, client: bytes) -> dict[str, Any]:
    """A certificate that nobody vouches for."""
    return Maker("Maker").vouching(MODEL)(data, client)


@pytest.mark.covers("S-13")
@pytest.mark.parametrize("named", [None, MODEL], ids=["of a batch", "of a model"])
@pytest.mark.parametrize("attestation", ["any", "listed"])
def test_a_key_whose_maker_vouches_for_it_is_registered(person: Account, maker: Maker, attestation: str, named: uuid.UUID | None) -> None:
    policy(attestation, ANOTHER, MODEL)
    assert register(person, SoftKey(aaguid=MODEL), statement=maker.vouching(named)).outcome is Outcome.PASSED
    assert FidoDevice.objects.get().aaguid == MODEL


@pytest.mark.parametrize(
    ("attestation", "aaguid", "named", "why"),
    [
        ("listed", ANOTHER, ANOTHER, "a model that is not listed"),
        ("listed", MODEL, ANOTHER, "a certificate of another model"),
        ("any", MODEL, ANOTHER, "a certificate of another model"),
        ("any", NOBODY, None, "no model"),
        ("listed", NOBODY, None, "no model"),
    ],
)
def test_others_are_not(person: Account, maker: Maker, attestation: str, aaguid: uuid.UUID, named: uuid.UUID | None, why: str) -> None:
    policy(attestation, MODEL)
    assert register(person, SoftKey(aaguid=aaguid), statement=maker.vouching(named)).outcome is Outcome.WRONG, why


@pytest.mark.parametrize("attestation", ["any", "listed"])
def test_the_word_of_the_key_or_of_somebody_unknown_is_nothing(person: Account, maker: Maker, attestation: str) -> None:
    policy(attestation, MODEL)
    assert register(person, SoftKey(aaguid=MODEL)).outcome is Outcome.WRONG
    assert register(person, SoftKey(aaguid=MODEL), statement=self_made).outcome is Outcome.WRONG
    forged = maker.vouching(MODEL)
    assert register(person, SoftKey(aaguid=MODEL), statement=lambda data, client: forged(data, client + b" ")).outcome is Outcome.WRONG


def test_without_the_makers_certificates_nothing_is_believed(person: Account, maker: Maker, settings: Settings) -> None:
    settings.MFA_WEBAUTHN_ROOTS = ""
    policy("any")
    assert register(person, SoftKey(aaguid=MODEL), statement=maker.vouching(MODEL)).outcome is Outcome.WRONG


def test_keys_that_are_registered_stay(person: Account, maker: Maker) -> None:
    key = SoftKey()
    assert register(person, key).outcome is Outcome.PASSED
    policy("listed", MODEL)
    account = Account.objects.get(pk=person.pk)
    _question, challenge = asked(account)
    assert options_of(challenge)["allowCredentials"]


def test_the_browser_is_asked_for_the_statement_only_where_it_counts(person: Account, maker: Maker) -> None:
    for attestation, said in (("none", "none"), ("any", "direct")):
        policy(attestation)
        registrant = Registrant(
            Account.objects.get(pk=person.pk), f"session:{attestation}", first=False, done_url="/", on_registered=lambda *_: None
        )
        device = start(registrant, FidoDevice())
        assert options_of(challenge_of(registrant, device))["attestation"] == said
    assert kind("fido").phishing_resistant


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_start_is_stopped_by_a_file_that_cannot_be_meant(tmp_path: Path, settings: Settings, content: bytes | None) -> None:
    roots = tmp_path / "roots.pem"
    if content is not None:
        roots.write_bytes(content)
    settings.MFA_WEBAUTHN_ROOTS = str(roots)
    assert any(problem.id == "fido.E004" for problem in run_checks())
    roots.write_bytes(Maker().pem())
    makers._read.cache_clear()
    assert not any(problem.id == "fido.E004" for problem in run_checks())
