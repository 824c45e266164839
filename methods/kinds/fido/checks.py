"""Start-up checks of what security keys are bound to: once keys are registered, a mistake here locks their owners out."""

from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from django.core.checks import CheckMessage, Error

from methods.kinds.fido.makers import roots
from methods.kinds.fido.party import origins, rp_id


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """An error for each address from which no browser could ask a key, and for makers' certificates that cannot be read."""
    if problem := _problem_of_roots():
        return [Error(f"MFA_WEBAUTHN_ROOTS: {problem}", id="fido.E004")]
    wrong = [origin for origin in settings.MFA_WEBAUTHN_ORIGINS if not _is_origin(origin)]
    if wrong:
        text = f"MFA_WEBAUTHN_ORIGINS: {wrong[0]} is not an origin like https://mfa.example.ac.jp (without a path or a slash at the end)."
        return [Error(text, id="fido.E001")]
    elsewhere = [origin for origin in settings.MFA_WEBAUTHN_ORIGINS if not _belongs(urlsplit(origin).hostname or "", rp_id())]
    if elsewhere:
        text = f"MFA_WEBAUTHN_ORIGINS: {elsewhere[0]} is not within MFA_WEBAUTHN_RP_ID ({rp_id()})."
        return [Error(text, id="fido.E002")]
    if settings.MFA_WEBAUTHN_RP_ID and not all(_belongs(urlsplit(origin).hostname or "", rp_id()) for origin in origins()):
        text = f"MFA_WEBAUTHN_RP_ID: the host of MFA_PUBLIC_URL is not within {rp_id()}, and MFA_WEBAUTHN_ORIGINS names no other."
        return [Error(text, id="fido.E003")]
    return []


def _problem_of_roots() -> str:
    if not settings.MFA_WEBAUTHN_ROOTS:
        return ""
    try:
        known = [x509.load_pem_x509_certificate(one) for one in roots()]
    except (OSError, ValueError) as error:
        return f"{settings.MFA_WEBAUTHN_ROOTS} cannot be read ({type(error).__name__})."
    return "" if known else f"{settings.MFA_WEBAUTHN_ROOTS} holds no certificate."


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        plain = f"{parts.scheme}://{parts.netloc}" == text == text.lower()
        return plain and bool(parts.hostname) and "@" not in parts.netloc and _is_secure(parts.scheme, parts.hostname)
    except ValueError:
        return False


def _is_secure(scheme: str, host: str | None) -> bool:
    return scheme == "https" or (scheme == "http" and host == "localhost")


def _belongs(host: str, domain: str) -> bool:
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))
