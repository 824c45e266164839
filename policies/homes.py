"""Whether this database is where it was, and as far as it was: a restored one, or a copy, must not speak for the site (R-240)."""

import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from audit.seals.outside import is_here, newest_outside
from policies.clock import database_now
from policies.models import Home

LOOK_SECONDS = 10.0
MAY_ASK = "SELECT has_function_privilege('pg_control_system()', 'execute')"
NAMED = "SELECT (SELECT system_identifier FROM pg_control_system()), oid FROM pg_database WHERE datname = current_database()"
# A dump that is put back makes its tables in another order than they were made in at first, and each has another number then.
NUMBERED = "SELECT 'oid ' || 'policies_home'::regclass::oid, oid FROM pg_database WHERE datname = current_database()"


@dataclass(frozen=True)
class Doubt:
    """Why it is not certain that this is the site; `missing` events are known outside and not here."""

    why: str
    missing: int = 0


class Looked:
    """When this process looked last, and over which connection: a database is not exchanged under an open one."""

    at = 0.0
    over: object = None


def place() -> str:
    """The server and the database, as the server itself names them; a restored or copied one has other names.

    Some servers do not let every role ask for theirs: there the numbers stand that this database gave to itself and its tables.
    """
    if connection.vendor != "postgresql":
        return str(Path(str(connection.settings_dict["NAME"])).resolve())
    with connection.cursor() as cursor:
        cursor.execute(MAY_ASK)
        cursor.execute(NAMED if cursor.fetchone()[0] else NUMBERED)
        server, database = cursor.fetchone()
    return f"{server}/{database}"


def home() -> Home:
    """The row; the first start makes it, and heads of whatever was there before mean nothing to it."""
    known = {"place": place(), "instance": settings.MFA_INSTANCE, "confirmed_at": database_now()}
    return Home.objects.get_or_create(pk=1, defaults=known)[0]


def doubt(row: Home) -> Doubt | None:
    """What speaks against this being the site as it was; None when nothing does."""
    if row.instance != settings.MFA_INSTANCE:
        return Doubt("renamed")
    head = newest_outside()
    if head and head.statement.sealed_at > row.confirmed_at and not is_here(head):
        return Doubt("set-back", missing=head.statement.last)
    return Doubt("moved") if row.place != place() else None


def only_reads() -> bool:
    """Whether connected systems are told nothing until an administrator has confirmed this site."""
    return Home.objects.exclude(unsure_since=None).exists()


def is_time_to_look() -> bool:
    """Once for each connection, and every few seconds."""
    connection.ensure_connection()
    over, now = connection.connection, time.monotonic()
    if Looked.over is over and now - Looked.at < LOOK_SECONDS:
        return False
    Looked.over, Looked.at = over, now
    return True
