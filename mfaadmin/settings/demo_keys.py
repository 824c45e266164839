"""Secrets of the demo: made once with the system's random source, kept in a file only its owner reads."""

import base64
import fcntl
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
        "seal_key": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def keys_in(folder: Path) -> dict[str, str]:
    """The keys kept in `folder`, made when there are none; ImproperlyConfigured when it cannot be used."""
    path = folder / "keys.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path)
        return _whole(path, json.loads(path.read_text()))
    except OSError as error:
        raise ImproperlyConfigured(f"The folder {folder} cannot be used: {error.strerror}. Choose another with MFA_DATA_DIR.") from None
    except ValueError:
        raise ImproperlyConfigured(f"The key file {path} is damaged. Put back a copy, or remove {folder} to start afresh.") from None


def _whole(path: Path, kept: Any) -> dict[str, str]:
    """What the file held; ValueError unless it is a text for every key. A newer version adds the keys that it needs beside those."""
    if not isinstance(kept, dict) or not kept or not all(isinstance(value, str) for value in kept.values()):
        raise ValueError
    if _made().keys() <= kept.keys():
        return kept
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two starts at once agree on what is added
        whole: dict[str, str] = _made() | json.load(file)
        file.seek(0)
        json.dump(whole, file)
    return whole


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
