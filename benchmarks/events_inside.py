"""The part of audit_events.py that runs within the site: fill, read, record; a line for each figure."""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from random import Random
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from audit.search import Wanted, read
from benchmarks import many_events

TURNS, ROUNDS, INSERTS = 40, 12, 3000
Chosen = dict[str, Any]


def inside(count: int, *, is_filled: bool) -> None:
    """Fill, unless that was done before, and measure."""
    if is_filled:
        empty = _beside()
    else:
        _people()
        empty = _copy()
        began = time.perf_counter()
        many_events.fill(count)
        print(f"filled with {count:,} events in {time.perf_counter() - began:,.0f} s")
    if empty:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE audit_event")
    for words, seconds in measured():
        ordered = sorted(seconds)
        p95 = ordered[int(len(ordered) * 0.95) - 1]
        print(f"{words:<34}{statistics.median(ordered) * 1000:>9.1f}{p95 * 1000:>9.1f}{ordered[-1] * 1000:>9.1f}")
    if empty:
        _say_inserts(empty)


def _people() -> None:
    users = get_user_model()
    ids = (*range(2000), *range(100_000, 100_040))
    users._default_manager.bulk_create([users(pk=number, common_id=f"{number:010d}") for number in ids])


def _beside() -> str:
    """On PostgreSQL: a second database with the same tables, and nobody's events in them."""
    if connection.vendor != "postgresql":
        return ""
    here = connection.settings_dict["NAME"]
    _run_beside(f'CREATE DATABASE "{here}_empty"')
    connection.settings_dict["NAME"] = f"{here}_empty"
    call_command("migrate", verbosity=0, skip_checks=True)
    _people()
    connection.close()
    connection.settings_dict["NAME"] = here
    return f"{here}_empty"


def _copy() -> str:
    """On PostgreSQL: a second database, as empty as this one is now."""
    if connection.vendor != "postgresql":
        return ""
    here = connection.settings_dict["NAME"]
    _run_beside(f'CREATE DATABASE "{here}_empty" TEMPLATE "{here}"')
    return f"{here}_empty"


def _run_beside(statement: str) -> None:
    connection.close()
    with connection._nodb_cursor() as cursor:  # noqa: SLF001  there is no other way beside a database
        cursor.execute(statement)


def _say_inserts(empty: str) -> None:
    """Both in turn, so that whatever else the machine does slows down both."""
    full = connection.settings_dict["NAME"]
    last = Event.objects.latest("pk").pk
    rates: dict[str, list[float]] = {full: [], empty: []}
    for _ in range(ROUNDS):
        for name, found in rates.items():
            connection.close()
            connection.settings_dict["NAME"] = name
            found.append(inserted())
    connection.settings_dict["NAME"] = full
    _run_beside(f'DROP DATABASE "{empty}"')
    _forget_after(last)
    in_full, in_empty = (statistics.median(rates[name]) for name in (full, empty))
    ratio = statistics.median(one / other for one, other in zip(rates[full], rates[empty], strict=True))
    print(
        f"record, each committed: {in_full:,.0f} a second, {in_empty:,.0f} in an empty table; {ratio:.2f} of it, median of {ROUNDS} turns"
    )


def _forget_after(last: int) -> None:
    """Leave the filled database as it was found, for the next who measures."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # lifts the guard of the events
        cursor.execute("DELETE FROM audit_event WHERE id > %s", [last])
        cursor.execute("VACUUM ANALYZE audit_event")
    connection.close()


def inserted() -> float:
    """How many events a second are recorded, each in a transaction of its own."""
    record(EventName.CHALLENGE_PASSED, after={"kind": "totp"})
    began = time.perf_counter()
    for _ in range(INSERTS):
        record(EventName.CHALLENGE_PASSED, after={"kind": "totp"})
    return INSERTS / (time.perf_counter() - began)


def choices(dice: Random) -> dict[str, Callable[[], Chosen]]:
    """A value of each filter, by chance."""

    def period() -> Chosen:
        since = timezone.now() - timedelta(days=dice.randint(8, 360))
        return {"since": since, "until": since + timedelta(days=dice.choice([1, 7]))}

    networks = ["192.0.{}.0/24", "10.3.{}.0/24", "195.0.{}.7/32", "10.{}.0.0/16"]
    return {
        "account": lambda: {"account": f"{dice.randrange(2000):010d}"},
        "actor": lambda: {"actor": f"{dice.choice([dice.randrange(2000), 100_000 + dice.randrange(40)]):010d}"},
        "event": lambda: {"name": dice.choice(many_events.NAMES)[1]},
        "kind": lambda: {"kind": dice.choice(["totp", "push", "sms", "voice", "fido", "email"])},
        "network": lambda: {"network": ip_network(dice.choice(networks).format(dice.randrange(16)), strict=False)},
        "case": lambda: {"case": f"C-{dice.randrange(500)}"},
        "approver": lambda: {"approver": f"{100_000 + dice.randrange(7):010d}"},
        "period": period,
    }


def measured() -> Iterator[tuple[str, list[float]]]:
    """Seconds of reading the first page for each filter, and for each two."""
    made = choices(Random(7))
    for names in (*((name,) for name in made), *itertools.combinations(made, 2)):
        seconds = []
        for _ in range(TURNS):
            wanted = Wanted(**{key: value for name in names for key, value in made[name]().items()})
            began = time.perf_counter()
            read(wanted)
            seconds.append(time.perf_counter() - began)
        yield " and ".join(names), seconds
