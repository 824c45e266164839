"""A complete environment of a deployment, for checks that need one. Nothing in it is anybody's secret."""

import base64
import os

REQUIRED = {
    "SECRET_KEY": "".join(chr(code) for code in range(48, 120)),
    "MFA_KEYS": "check:" + base64.b64encode(bytes(range(32))).decode(),
    "MFA_VAPID_PRIVATE_KEY": base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("="),
    "MFA_SEAL_KEY": base64.b64encode(bytes(range(32))).decode(),
    "ALLOWED_HOSTS": "mfa.example.ac.jp",
    "MFA_PUBLIC_URL": "https://mfa.example.ac.jp",
    "DATABASE_URL": "postgres://mfa:secret@127.0.0.1:5432/mfa",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}
CHOSEN = {
    "MFA_HEADS_URLS": "https://heads.example.ac.jp/mfa",
    "MFA_CAMPUS_NETWORKS": "192.0.2.0/24",
    "TRUSTED_PROXIES": "unix",
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_CALLER_ID": "+81300000000",
}


def bare(**changes: str) -> dict[str, str]:
    """The environment of somebody who has set nothing of ours."""
    return {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ} | changes


def production(**changes: str | None) -> dict[str, str]:
    """The environment of a deployment and nothing else; a change to None leaves the setting out."""
    complete = bare() | REQUIRED | CHOSEN | {"DJANGO_SETTINGS_MODULE": "mfaadmin.settings.production"} | changes
    return {key: value for key, value in complete.items() if value is not None}


def demo(folder: str, **changes: str) -> dict[str, str]:
    """The environment of a demo that keeps its data in `folder`."""
    return bare() | {"DJANGO_SETTINGS_MODULE": "mfaadmin.settings.demo", "MFA_DATA_DIR": folder} | changes
