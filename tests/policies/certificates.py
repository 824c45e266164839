"""An authority of our own, and certificates that it issues: right ones and wrong ones."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Issues certificates into a folder; `certificate` is what those who believe it need."""

    def __init__(self, folder: Path, name: str = "Test authority") -> None:
        self.folder, self.name = folder, _name(name)
        self.key = ec.generate_private_key(ec.SECP256R1())
        basic = x509.BasicConstraints(ca=True, path_length=0)
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        own = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        builder = self._builder(self.name, self.key).add_extension(basic, critical=True).add_extension(usage, critical=True)
        self.root = builder.add_extension(own, critical=False).sign(self.key, hashes.SHA256())
        self.certificate = self.root.public_bytes(serialization.Encoding.PEM).decode()

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int = 1) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=3))
        return builder.not_valid_after(now + timedelta(days=days))

    def issue(self, file: str, *, host: str = "", address: str = "127.0.0.1", days: int = 1) -> tuple[Path, Path]:
        """Certificate and key for a host or an address, as files."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.DNSName(host) if host else x509.IPAddress(ipaddress.ip_address(address))
        names, own = x509.SubjectAlternativeName([name]), x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = self._builder(_name(file), key, days).add_extension(names, critical=False).add_extension(own, critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        paths = self.folder / f"{file}.pem", self.folder / f"{file}.key"
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private = serialization.PrivateFormat.PKCS8
        paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
        return paths
