"""Files in a folder that somebody else reads: whole or not there at all, signed, and their receipts."""

import base64
import binascii
import csv
import hmac
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from policies.connectors.base import Configuration, Transient

FEWEST_BYTES = 32
LONGEST_RECEIPT = 4 * 1024 * 1024
_MOMENT = "%Y%m%dT%H%M%S.%fZ"
Signer = Callable[[bytes], str]


def signer(kind: str, secret: str) -> Signer:
    """What signs the content of a file: Ed25519 (base64 of 32 bytes as the key) or HMAC-SHA256 (32 characters or more)."""
    if kind == "hmac":
        if len(secret.encode()) < FEWEST_BYTES:
            raise Configuration("the secret is too short")
        return lambda content: "hmac-sha256 " + hmac.new(secret.encode(), content, "sha256").hexdigest()
    try:
        key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret, validate=True))
    except (ValueError, binascii.Error):
        raise Configuration("the secret is not an Ed25519 key") from None
    return lambda content: "ed25519 " + base64.b64encode(key.sign(content)).decode()


class Folder:
    """The folder of one system, inside one of MFA_DROP_FOLDERS."""

    def __init__(self, path: str, system: str, sign: Signer) -> None:
        self.path, self.system, self.sign = _allowed(path), system, sign

    def write(self, content: bytes, *, at: datetime) -> Path:
        """Put a file of this moment there: its signature first, then the file itself, each by renaming what is complete."""
        target = self.path / f"mfa-{self.system}-{at.astimezone(UTC):{_MOMENT}}-{token_hex(4)}.csv"
        try:
            _put(target.with_name(f"{target.name}.sig"), f"{self.sign(content)}\n".encode())
            _put(target, content)
            _remember(self.path)
        except OSError as error:
            raise Transient(f"the file could not be written: {type(error).__name__}") from None
        return target

    def written(self) -> dict[str, datetime]:
        """When each key that lies in files there was written last; in files with the signature of now, for the receiver takes no others."""
        return {row["key"]: at for at, row in self._rows(".csv", self._is_signed_otherwise) if row.get("key")}

    def _is_signed_otherwise(self, path: Path) -> bool:
        signature = path.with_name(f"{path.name}.sig")
        return signature.exists() and signature.read_text(errors="replace").strip() != self.sign(path.read_bytes())

    def receipts(self) -> dict[str, tuple[datetime, str]]:
        """What the receiver says last of each key (applied, unknown-account, outdated), and when the file it speaks of was written."""
        return {row["key"]: (at, row.get("outcome") or "") for at, row in self._rows(".csv.receipt") if row.get("key")}

    def _rows(self, ending: str, leaves_out: Callable[[Path], bool] = lambda path: False) -> Iterator[tuple[datetime, dict[str, str]]]:
        try:
            for path in sorted(self.path.glob(f"mfa-{self.system}-*{ending}")):
                at = _written_at(path.name.removeprefix(f"mfa-{self.system}-").removesuffix(ending))
                if at is None or path.is_symlink() or path.stat().st_size > LONGEST_RECEIPT or leaves_out(path):
                    continue
                with path.open(encoding="utf-8", errors="replace", newline="") as file:
                    for row in csv.DictReader(file):
                        yield at, row
        except (OSError, csv.Error) as error:
            raise Transient(f"the folder could not be read: {type(error).__name__}") from None

    def must_be_writable(self) -> None:
        """Configuration unless a file can be made and taken away there."""
        probe = self.path / f".mfa-{self.system}-{token_hex(4)}"
        try:
            _put(probe, b"")
            probe.unlink()
        except OSError as error:
            raise Configuration(f"the folder cannot be written to: {type(error).__name__}") from None


def _allowed(path: str) -> Path:
    """The folder itself, links followed; Configuration unless it is, or lies in, one of MFA_DROP_FOLDERS."""
    folder = Path(path)
    if not folder.is_absolute():
        raise Configuration("the folder is not on the list of allowed ones")
    folder = folder.resolve()
    if not any(folder.is_relative_to(Path(root).resolve()) for root in settings.MFA_DROP_FOLDERS):
        raise Configuration("the folder is not on the list of allowed ones")
    if not folder.is_dir():
        raise Configuration("the folder is not there")
    return folder


def _written_at(name: str) -> datetime | None:
    """The moment in the name of a file; None: the name is none that the site gives."""
    with suppress(ValueError):
        return datetime.strptime(name.partition("-")[0], _MOMENT).replace(tzinfo=UTC)
    return None


def _put(target: Path, content: bytes) -> None:
    """Complete or not at all, also when the machine stops in between."""
    half = target.with_name(f".{target.name}.part")
    try:
        with os.fdopen(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(target)
    except OSError:
        with suppress(OSError):
            half.unlink()
        raise


def _remember(folder: Path) -> None:
    """Have the renaming itself on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
