"""What is known of the chain outside the database: the newest head in the folder for heads, and in a file of this machine (R-240)."""

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from audit.models import Seal
from audit.seals.heads import Head, parsed
from audit.seals.keys import public_keys
from audit.seals.sealing import newest


def newest_outside() -> Head | None:
    """The newest head that this site has signed and that is kept outside; None when none is."""
    kept = [head for head in (_in_folder(), _in_file()) if head and head.is_signed_by(public_keys())]
    return max(kept, key=lambda head: (head.statement.sealed_at, head.statement.number), default=None)


def is_here(head: Head) -> bool:
    """Whether the chain in the database holds this very head."""
    seal = Seal.objects.filter(number=head.statement.number).first()
    return seal is not None and seal.head.digest() == head.digest()


def remember() -> None:
    """Keep the newest head in the file of this machine, complete or not at all."""
    seal = newest()
    if seal is None or not settings.MFA_MARK_FILE:
        return
    path = Path(settings.MFA_MARK_FILE)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(OSError):
        beside.write_bytes(seal.head.line())
        beside.replace(path)


def _in_file() -> Head | None:
    return _read(Path(settings.MFA_MARK_FILE)) if settings.MFA_MARK_FILE else None


def _in_folder() -> Head | None:
    """By the name alone, so that a folder with many heads is listed and only one file read."""
    try:
        names = [name for name in os.listdir(settings.MFA_HEADS_FOLDER or "/nowhere") if name.startswith("head-")]  # noqa: PTH208  names alone
    except OSError:
        return None
    return _read(Path(settings.MFA_HEADS_FOLDER) / max(names)) if names else None


def _read(path: Path) -> Head | None:
    try:
        return parsed(path.read_bytes())
    except (OSError, ValueError):
        return None
