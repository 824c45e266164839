"""Django's session store over `SessionRecord`: one row is session and badge (R-154, R-157).

A row comes into being only when the door gives the browser a badge, in the transaction that holds the evidence (I1);
visitors have no session. The row is found by a digest of the browser's key: whoever reads the table, or a copy of it, has no
session of anybody.
"""

import hashlib
from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import SessionRecord


def stored(key: str) -> str:
    """How the table knows the session with this key: 160 bits of its digest, as many as the column holds."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    """Loads only sessions that have not been ended, and keeps their rows when they are."""

    badge: SessionRecord | None = None
    kept: dict[str, Any] | None = None  # what the row holds already

    @classmethod
    def get_model_class(cls) -> type[SessionRecord]:
        """The model of the rows."""
        return SessionRecord

    def _rows(self, key: str | None) -> Any:
        return SessionRecord.objects.filter(session_key=stored(key or ""), ended_at=None)

    def _get_session_from_db(self) -> SessionRecord | None:
        self.badge = self._rows(self.session_key).filter(expire_date__gt=timezone.now()).first()
        if self.badge is None:
            self._session_key = None
        return self.badge

    def _get_new_session_key(self) -> str:
        """32 characters of 36: nobody else's, and the unique column would say so."""
        return get_random_string(32, VALID_KEY_CHARS)

    def start(self, badge: SessionRecord) -> None:
        """A new session for this badge, written by `keep`."""
        self.flush()
        self.badge = badge

    def keep(self) -> None:
        """Write the row of a new badge now; CreateError when that is not possible."""
        if self.badge is None:
            raise CreateError
        self.badge.session_key = stored(self._get_or_create_session_key())  # type: ignore[attr-defined]  # the stubs leave it out
        self.badge.session_data, self.badge.expire_date = self.encode(self._session), self.get_expiry_date()  # type: ignore[attr-defined]
        self.badge.save(force_insert=True)
        self.kept = dict(self._session)  # type: ignore[attr-defined]

    def cycle_key(self) -> None:
        """A new key for the same row: the old key is dead at once (R-150). SessionInterrupted when the session has just ended."""
        old, self._session_cache = self.session_key, self._session  # type: ignore[attr-defined]  # the stubs leave it out
        self._session_key = new = self._get_new_session_key()
        if old and not self._rows(old).update(session_key=stored(new)):
            raise SessionInterrupted("the session ended while it was used")
        if self.badge is not None:
            self.badge.session_key = stored(new)
        self.modified = True

    def create(self) -> None:
        """Only `start` makes sessions."""
        raise CreateError

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  Django's signature
        """Update the data of a session that has not been ended."""
        data = self._session  # type: ignore[attr-defined]  # the stubs leave it out
        if self.badge is None or self.kept == data:
            return
        if not self._rows(self.session_key).update(session_data=self.encode(data), expire_date=self.get_expiry_date()):
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        """End the session; its row stays as a record, with nothing in it."""
        key = session_key or self.session_key
        if key:
            self._rows(key).update(ended_at=timezone.now(), session_data="")
