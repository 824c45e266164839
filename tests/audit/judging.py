"""What tests of exports and removals share: making them, and what the verifier says of a file."""

import base64
import hashlib
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from audit.seals import keys, sealing, tree
from tools import verify_audit

EVENTS = (7, 5, 1, 9)  # of each seal of an export
Lines = list[bytes]


def own_key() -> str:
    return base64.b64encode(keys.own_public_key()).decode()


def judged(path: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """What the verifier says of a file, given the site's public key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["verify_audit.py", str(path), "--key", own_key(), *options])
        code = verify_audit.main()
    said = capsys.readouterr()
    return code, said.out + said.err


Judge = Callable[..., tuple[int, str]]


def lines_of(export: Path) -> Lines:
    return export.read_bytes().splitlines()


def place_of(lines: Lines, number: int) -> int:
    return next(place for place, line in enumerate(lines) if line.endswith(b'"number":%d}' % number))


def sealed_anew(lines: Lines, key: Ed25519PrivateKey, name: str, *, previous: str = "0" * 64) -> Lines:
    """The same events, or others, under heads that somebody else signed."""
    made = [lines[0]]
    for place, line in enumerate(lines[1:], 1):
        if not line.startswith(b'{"head"'):
            made.append(line)
            continue
        said = json.loads(line)["head"]
        events = lines[place + 1 : place + 2 + said["last"] - said["first"]]
        forms = [one.removeprefix(b'{"event":').rpartition(b',"leaf":"')[0] for one in events]
        said |= {"root": tree.root([tree.leaf(form) for form in forms]).hex(), "previous": previous, "key": name}
        del said["signature"]
        said["signature"] = key.sign(verify_audit.SUBJECT + verify_audit.compact(said)).hex()
        previous = hashlib.sha256(verify_audit.compact(said)).hexdigest()
        made.append(b'{"head":' + verify_audit.compact(said) + b"}")
    return made


def sealed(monkeypatch: pytest.MonkeyPatch, days_ago: int, names_: list[EventName], account: Account | None = None) -> None:
    """Events of that day, and their seal."""
    then = timezone.now() - timedelta(days=days_ago)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: then)
        for name in names_:
            record(name, account=account, after={"number": days_ago})
        sealing.seal()


def retired(**options: Any) -> str:
    out = StringIO()
    call_command("audit_retire", stdout=out, **options)
    return out.getvalue()


def exported(folder: Path) -> Path:
    path = folder / f"export-{timezone.now():%f}.jsonl"
    call_command("audit_export", output=path, stdout=StringIO())
    return path
