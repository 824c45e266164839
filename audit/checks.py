"""Start-up checks of the audit: a key to seal with, heads that leave, and in the database the triggers that guard what happened."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004  Django's name
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from audit.retention import rules
from audit.seals.keys import public_keys

LONGEST_PAUSE = 300
GUARDED = ("audit_event", "audit_seal", "audit_retirement")
MONTHS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass('audit_event')"
AHEAD = "SELECT to_regclass('audit_event_' || to_char((now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYY_MM')) IS NOT NULL"
OWNED = "SELECT c.relname FROM pg_class c WHERE c.oid = ANY(%s::regclass[]) AND pg_has_role(current_user, c.relowner, 'USAGE')"
POSTGRESQL = """SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = c.relname || '_append_only' AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)"""
SQLITE = """SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name IN (tbl_name || '_no_update', tbl_name || '_no_delete')
    GROUP BY tbl_name HAVING count(*) = 2"""


def check_seals(**kwargs: Any) -> list[CheckMessage]:
    """Settings with which nothing could be sealed or sent."""
    found: list[CheckMessage] = []
    try:
        public_keys()
    except (ImproperlyConfigured, AttributeError) as error:
        found.append(Error(str(error), id="audit.E001"))
    try:
        rules.current()
    except rules.NoRule as error:
        found.append(Error(str(error), id="audit.E009"))
    if not 0 < settings.MFA_HEADS_SECONDS <= LONGEST_PAUSE:
        found.append(Error(f"MFA_HEADS_SECONDS must be between 1 and {LONGEST_PAUSE}.", id="audit.E002"))
    if bad := [url for url in settings.MFA_HEADS_URLS if not _is_https(url)]:
        found.append(Error(f"MFA_HEADS_URLS: {bad[0]} is not an https address without a user name.", id="audit.E003"))
    return found


def check_collectors(**kwargs: Any) -> list[CheckMessage]:
    """Events hold names and addresses of people: they leave encrypted, or stay on this machine."""
    found: list[CheckMessage] = []
    if settings.MFA_EVENTS_URL and not _is_https(settings.MFA_EVENTS_URL):
        found.append(Error("MFA_EVENTS_URL is not an https address without a user name.", id="audit.E005"))
    if settings.MFA_EVENTS_SYSLOG and not _is_syslog(settings.MFA_EVENTS_SYSLOG):
        text = "MFA_EVENTS_SYSLOG must be tls://host:port, or tcp://127.0.0.1:port on this machine."
        found.append(Error(text, id="audit.E006"))
    if settings.MFA_EVENTS_CA and not Path(settings.MFA_EVENTS_CA).is_file():
        found.append(Error("MFA_EVENTS_CA: there is no such file.", id="audit.E007"))
    if settings.MFA_EVENTS_SECONDS <= 0:
        found.append(Error("MFA_EVENTS_SECONDS must be above 0.", id="audit.E008"))
    return found


def check_heads_leave(**kwargs: Any) -> list[CheckMessage]:
    """Asked by `check --deploy`: a chain whose heads stay beside it can be replaced as a whole."""
    found: list[CheckMessage] = []
    if not (settings.MFA_HEADS_FOLDER or settings.MFA_HEADS_URLS or settings.MFA_HEADS_MAIL):
        text = "No head of the audit leaves this host: set MFA_HEADS_FOLDER, MFA_HEADS_URLS or MFA_HEADS_MAIL (R-183)."
        found.append(Warning(text, id="audit.W001"))
    return found


def check_guard(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Asked by `check --database default` and by migrate: the triggers stand (R-181)."""
    return [
        Error(f"{table}: the triggers that refuse changes are missing or switched off (R-181).", id="audit.E004")
        for alias in databases or ()
        for table in _unguarded(alias)
    ]


def check_role(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Asked by `check --deploy --database default`: the site came with a role that cannot lift the triggers, and months are ahead."""
    found: list[CheckMessage] = []
    for connection in (connections[alias] for alias in databases or () if connections[alias].vendor == "postgresql"):
        with connection.cursor() as cursor:
            cursor.execute(OWNED, [list(GUARDED)])
            if cursor.fetchall():
                text = "The database role of the site owns the tables of the audit and could lift their triggers (R-181): see docs/deployment.md."
                found.append(Warning(text, id="audit.W002"))
            cursor.execute(AHEAD)
            if not cursor.fetchone()[0]:
                found.append(Warning("No table was made for the events of the next month: is beat running?", id="audit.W003"))
    return found


def _unguarded(alias: str) -> list[str]:
    connection = connections[alias]
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        cursor.execute(POSTGRESQL if connection.vendor == "postgresql" else SQLITE)
        guarded = {row[0] for row in cursor.fetchall()}
        months = _months(connection, cursor)
    return [table for table in (*GUARDED, *months) if (table in present or table in months) and table not in guarded]


def _months(connection: Any, cursor: Any) -> list[str]:
    if connection.vendor != "postgresql":
        return []
    cursor.execute(MONTHS)
    return [row[0] for row in cursor.fetchall()]


def _is_syslog(address: str) -> bool:
    parts = urlsplit(address)
    try:
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0) and not (parts.path or parts.query or "@" in parts.netloc)
    except ValueError:  # the port is none
        return False
    return whole and (parts.scheme == "tls" or (parts.scheme == "tcp" and parts.hostname in {"127.0.0.1", "::1", "localhost"}))


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:  # the port is none, or the address
        return False
