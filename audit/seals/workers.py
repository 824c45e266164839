"""Processes that share a verification. This module is read by each of them before Django is set up, and so imports no model."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import django
from django.db import connection, connections

LOOK = "SELECT pg_catalog.set_config('search_path', %s, false)"
SCHEMA = """SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE c.oid OPERATOR(pg_catalog.=) 'audit_event'::pg_catalog.regclass"""


def workers(count: int) -> ProcessPoolExecutor:
    """So many processes that speak to the same databases as this one."""
    given = {alias: connections[alias].settings_dict for alias in connections}
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _prepare, (given,))


def _prepare(databases: dict[str, Any]) -> None:
    django.setup()
    for alias, given in databases.items():
        connections[alias].settings_dict.update(given)
    own_names_only()


def own_names_only() -> str:
    """From now on nothing in PostgreSQL stands for something else by its name; returns where it looked before.

    Whoever owns the database can have it look for tables and functions among his own first.
    """
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_catalog.current_setting('search_path')")
        [before] = cursor.fetchone()
        cursor.execute(SCHEMA)
        cursor.execute(LOOK, ["pg_catalog, " + connection.ops.quote_name(cursor.fetchone()[0])])
    return str(before)


def names_as_before(before: str) -> None:
    """Look again where it looked before."""
    if before:
        with connection.cursor() as cursor:
            cursor.execute(LOOK, [before])
