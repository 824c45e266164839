"""Many people at once: real threads with connections of their own, let go at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

PATIENCE = 60


@dataclass(frozen=True)
class Outcome:
    """What one thread's call returned, or what it raised."""

    value: Any = None
    error: Exception | None = None


def _once(function: Callable[[int], Any], number: int, start: Barrier) -> Outcome:
    try:
        start.wait(PATIENCE)
        return Outcome(value=function(number))
    except Exception as error:  # noqa: BLE001  the test judges what was raised
        return Outcome(error=error)
    finally:
        connections.close_all()


def run_parallel(n: int, function: Callable[[int], Any]) -> list[Outcome]:
    """Call `function(0)` … `function(n - 1)` in `n` threads that start together; outcomes in that order."""
    start = Barrier(n)
    with ThreadPoolExecutor(n) as pool:
        futures = [pool.submit(_once, function, number, start) for number in range(n)]
        return [future.result(PATIENCE * 2) for future in futures]


@pytest.fixture
def parallel(transactional_db: None) -> Callable[[int, Callable[[int], Any]], list[Outcome]]:
    """`parallel(n, function)`; the database is transactional, so that threads see each other's commits."""
    return run_parallel
