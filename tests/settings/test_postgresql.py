"""How the site is connected to PostgreSQL: nobody who stands still holds up the others, and what the address says goes before."""

from typing import Any

import psycopg
import pytest
from django.db import connection

from mfaadmin.settings import postgresql

ADDRESS = "postgres://mfa:secret@127.0.0.1:5432/mfa"


def options(address: str = ADDRESS) -> dict[str, Any]:
    return dict(postgresql.postgresql("DATABASE_URL", address)["OPTIONS"])


def test_a_transaction_that_idles_ends_and_both_sides_notice_when_the_other_is_gone() -> None:
    known = options()
    assert {known[f"keepalives_{what}"] for what in ("idle", "interval", "count")} == {30, 10, 3}
    assert "-c idle_in_transaction_session_timeout=60000" in known["options"]
    assert "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3" in known["options"]


def test_what_the_address_says_goes_before() -> None:
    known = options(f"{ADDRESS}?sslmode=require&keepalives_idle=7&options=-c%20idle_in_transaction_session_timeout%3D5min")
    assert (known["sslmode"], known["keepalives_idle"]) == ("require", 7)
    assert known["options"].endswith(" -c idle_in_transaction_session_timeout=5min")


def test_nothing_is_asked_of_a_server_that_is_to_decide_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "MFA_DATABASE_IDLE_SECONDS", 0)
    assert "options" not in options()
    assert options(f"{ADDRESS}?options=-c%20statement_timeout%3D5s")["options"] == "-c statement_timeout=5s"


def test_an_address_of_another_database_is_left_as_it_is() -> None:
    assert "OPTIONS" not in postgresql.postgresql("DATABASE_URL", "sqlite:////tmp/some.sqlite3")


def test_the_server_takes_all_of_it(db: None) -> None:
    if connection.vendor != "postgresql":
        return
    own = connection.get_connection_params()
    place = {name: own[name] for name in ("host", "port", "user", "password", "dbname") if own.get(name)}
    with psycopg.connect(**place, **options()) as line:
        assert line.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("1min",)
