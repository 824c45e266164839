"""What a sign-in costs beside the hash of the password: both steps, their statements, and signing in all at once.

`.venv/bin/python benchmarks/signin.py [SIGN-INS] [--keep]` runs in a folder of its own with SQLite, or on the empty database
named by DATABASE_URL. The hash is made as small as it can be; the last line says what the usual one takes.
"""

import logging
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django  # noqa: E402

from tools.deployment import demo  # noqa: E402

FOLDER = tempfile.TemporaryDirectory()
DATABASE = {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
os.environ.update(demo(FOLDER.name, MFA_ARGON2_MEMORY_KIB="8", MFA_ARGON2_PASSES="1", **DATABASE))
django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402  the settings come first
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from tests.factories import PASSWORD, a_totp_app, an_account, app_code  # noqa: E402

RESULTS = Path(__file__).resolve().parent / "results" / "signin.txt"
THREADS = 8


class Walk:
    """One person's way through the door, step by step."""

    def __init__(self, number: int) -> None:
        self.account, self.key = an_account(), f"benchmark key {number:06}".encode()
        a_totp_app(self.account, key=self.key)
        self.client = Client(headers={"host": "127.0.0.1"})
        self.client.get("/signin/")  # a server loads its middleware once, a test client each time

    def password(self) -> Any:
        return self.client.post("/signin/password/", {"common_id": self.account.common_id, "password": PASSWORD})

    def verify(self) -> Any:
        return self.client.post("/signin/verify/", {"code": app_code(self.key)})

    def security_info(self) -> Any:
        return self.client.get("/security-info/")


STEPS: dict[str, tuple[Callable[[Walk], Any], int, int]] = {
    "password step": (Walk.password, 302, 12),
    "verify step": (Walk.verify, 302, 14),
    "security info": (Walk.security_info, 200, 8),
}


def timed(step: Callable[[], Any], expected: int) -> tuple[float, float, int]:
    """Milliseconds by the clock and of the processor, and statements, of one request."""
    with CaptureQueriesContext(connection) as captured:
        began, busy = time.perf_counter(), time.process_time()
        answer = step()
        spent, worked = 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - busy)
    if answer.status_code != expected:
        sys.exit(f"a step answered {answer.status_code}: {answer.content.decode()[:500]}")
    return spent, worked, len(captured)


def one_after_another(walks: list[Walk]) -> Iterator[str]:
    """Each step on its own, as one browser sees it."""
    for name, (step, expected, promised) in STEPS.items():
        spans, work, counts = zip(*(timed(lambda walk=walk, step=step: step(walk), expected) for walk in walks), strict=True)
        middle, late = statistics.median(spans), sorted(spans)[len(spans) * 95 // 100]
        figures = f"{middle:>7.1f} ms median {late:>7.1f} ms 95th percentile {statistics.median(work):>7.1f} ms of the processor"
        yield f"{name:<16}{figures}   {max(counts)} statements, promised {promised}"


def all_at_once(walks: list[Walk]) -> str:
    """Whole sign-ins by many people, in threads of one process."""

    def sign_in(walk: Walk) -> None:
        walk.password()
        walk.verify()
        connections.close_all()

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(sign_in, walks))
    return f"{'at once':<16}{len(walks) / (time.perf_counter() - began):>7.1f} sign-ins a second in {THREADS} threads of one process"


def hash_cost() -> str:
    """What the usual hash takes beside all this."""
    spans = []
    with override_settings(MFA_ARGON2_MEMORY_KIB=19456, MFA_ARGON2_PASSES=2):
        for _ in range(10):
            began = time.perf_counter()
            make_password(PASSWORD)
            spans.append(1000 * (time.perf_counter() - began))
    return f"{'hash':<16}{statistics.median(spans):>7.1f} ms median with 19 MiB and 2 passes"


def main() -> None:
    """Prepare, measure, print; `--keep` writes the figures to the results."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()] or [200]
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    walks = [Walk(n) for n in range(2 * numbers[0])]
    lines = [f"Python {platform.python_version()}, {connection.display_name}, {os.cpu_count()} processors, {numbers[0]} sign-ins"]
    lines += [*one_after_another(walks[: numbers[0]]), all_at_once(walks[numbers[0] :]), hash_cost()]
    print("\n".join(lines))
    if "--keep" in sys.argv:
        RESULTS.write_text("\n".join(lines) + "\n")
    connections.close_all()
    FOLDER.cleanup()


if __name__ == "__main__":
    main()
