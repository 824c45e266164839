"""`manage.py make_seal_key`: a new MFA_SEAL_KEY, and the public key that belongs to it."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management.base import BaseCommand

from audit.seals.keys import key_id


class Command(BaseCommand):
    """Keep the private key apart from the database; give the public one to whoever checks the audit."""

    help = "Make one key for MFA_SEAL_KEY."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        self.stdout.write(f"MFA_SEAL_KEY={base64.b64encode(key.private_bytes_raw()).decode()}")
        self.stdout.write(f"public key {base64.b64encode(public).decode()} (id {key_id(public)})")
