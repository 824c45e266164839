"""Secrets of the demo: made once with the system's random source, kept in a file only its owner reads."""

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def _made() -> dict[str, str]:
    return {
        "secret_key": secrets.token_urlsafe(64),
        "mfa_keys": "demo:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "vapid_private_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="),
        "webhook_secret": "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "twilio_token": secrets.token_hex(16),
    }


def keys_in(folder: Path) -> dict[str, str]:
    """The keys kept in `folder`, made when there are none; ImproperlyConfigured when it cannot be used."""
    path = folder / "keys.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path)
        return _whole(json.loads(path.read_text()))
    except OSError as error:
        raise ImproperlyConfigured(f"The folder {folder} cannot be used: {error.strerror}. Choose another with MFA_DATA_DIR.") from None
    except ValueError:
        raise ImproperlyConfigured(f"The key file {path} is damaged. Put back a copy, or remove {folder} to start afresh.") from None


def _whole(kept: Any) -> dict[str, str]:
    """What the file held; ValueError unless it is a text for every key."""
    if not isinstance(kept, dict) or not all(isinstance(kept.get(name), str) for name in _made()):
        raise ValueError
    return kept


def _write_once(path: Path) -> None:
    """Write beside and link, so that two first starts at once agree on one set of keys."""
    beside = path.with_suffix(f".{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(_made(), file)
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
