"""One import at a time: a lock that dies with the process, so that a killed run never stands in the way of the next."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused, explain

ADVISORY_KEY = 5_114_207_301  # any number, as long as nothing else in this database uses it

explain({"import-running": _("Another import is running. Wait until it has ended; nothing was changed.")})


@contextmanager
def alone() -> Iterator[None]:
    """Within the block no other import runs against this database; Refused when one does already."""
    with _advisory_lock() if connection.vendor == "postgresql" else _file_lock():
        yield


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """One transaction, which may idle while passwords are hashed: that may take longer than a transaction is let idle otherwise."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield


@contextmanager
def _advisory_lock() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_KEY])
        if cursor.fetchone() != (True,):
            raise Refused("import-running")
    try:
        yield
    finally:
        # A connection that broke took the lock with it.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_KEY])


@contextmanager
def _file_lock() -> Iterator[None]:
    with open(f"{connection.settings_dict['NAME']}.import-lock", "w") as lock:  # noqa: PTH123  the name may be a string
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("import-running") from None
        yield
