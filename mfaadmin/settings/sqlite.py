"""The embedded database: SQLite in WAL mode whose transactions take the write lock at once."""

from pathlib import Path
from typing import Any


def sqlite(path: Path) -> dict[str, Any]:
    """Connection settings for the file at `path`; IMMEDIATE loses no update to "database is locked"."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
        },
    }
