"""The relying party: who asks, from which addresses, and with which challenge. All of it configuration, never the Host header (R-097)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac
from webauthn.helpers.cose import COSEAlgorithmIdentifier

from accounts.models import Account
from accounts.roles import powers
from methods.models import Challenge

ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,  # Windows Hello
]
LIFETIME_SECONDS = 300


def rp_id() -> str:
    """The domain that keys are bound to."""
    return settings.MFA_WEBAUTHN_RP_ID or urlsplit(settings.MFA_PUBLIC_URL).hostname or ""


def origins() -> list[str]:
    """The addresses, compared letter by letter, from which a key may be asked."""
    public = urlsplit(settings.MFA_PUBLIC_URL)
    return list(settings.MFA_WEBAUTHN_ORIGINS) or [f"{public.scheme}://{public.netloc}"]


def challenge_bytes(challenge: Challenge) -> bytes:
    """What the key signs for this challenge: 32 bytes that nobody can foretell and that are stored nowhere."""
    return salted_hmac("webauthn challenge", str(challenge.pk), algorithm="sha256").digest()


def needs_verified_user(account: Account) -> bool:
    """Whether the key must see a PIN, finger or face; always where the account has a role (R-095)."""
    return settings.MFA_WEBAUTHN_USER_VERIFICATION or powers(account).rank > 0
