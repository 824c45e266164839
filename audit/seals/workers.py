"""Processes that share a verification. This module is read by each of them before Django is set up, and so imports no model."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import django
from django.db import connections

from audit.seals.names import look_only_there


def workers(count: int) -> ProcessPoolExecutor:
    """So many processes that speak to the same databases as this one."""
    given = {alias: connections[alias].settings_dict for alias in connections}
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _prepare, (given,))


def _prepare(databases: dict[str, Any]) -> None:
    django.setup()
    for alias, given in databases.items():
        connections[alias].settings_dict.update(given)
    look_only_there()
