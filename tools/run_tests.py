"""Every test, where it belongs: those that use a database with PostgreSQL, all but the browser's with SQLite, the browser's once.

Deployments have PostgreSQL, so of a test with many cases that uses the database SQLite, which demos have, sees six.

The browser's part waits much of the time, so it runs beside the other two. What is not given by DATABASE_URL and REDIS_URL is started from
the wheels. Arguments go on to pytest.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.harness.chromium import find_chromium  # noqa: E402
from tests.harness.directory import find_slapd  # noqa: E402
from tools.postgres import embedded  # noqa: E402
from tools.side_by_side import Outcome, Part, run  # noqa: E402


@contextmanager
def postgresql() -> Iterator[tuple[str, str]]:
    """Name and address of the PostgreSQL to use."""
    if given := os.environ.get("DATABASE_URL"):
        yield "PostgreSQL (DATABASE_URL)", given
        return
    with embedded() as url:
        yield "PostgreSQL (embedded)", url


APT = ("apt-get", "--quiet=2")


def _installed(*command: str) -> bool:
    print("A program for the tests is missing; trying:", *command, flush=True)
    try:
        return subprocess.run(command, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}).returncode == 0
    except FileNotFoundError:
        return False


def provide_chromium() -> None:
    """Install Chromium where that is possible; where it is not, the tests that need it fail and say so."""
    with sync_playwright() as playwright:
        if find_chromium(playwright.chromium):
            return
    if not _installed_by_root("chromium"):
        _installed(sys.executable, "-m", "playwright", "install", "chromium")


def _installed_by_root(package: str) -> bool:
    install = (*APT, "install", "--yes", "--no-install-recommends", package)
    return os.geteuid() == 0 and _installed(*APT, "update") and _installed(*install)


def provide_slapd() -> None:
    """Install the LDAP server, and the client that reads from it, where that is possible, without a directory of its own that would be started."""
    if find_slapd() is None and os.geteuid() == 0 and shutil.which("debconf-set-selections"):
        subprocess.run(["debconf-set-selections"], input=b"slapd slapd/no_configuration boolean true\n", check=False)
        _installed_by_root("slapd")
    if shutil.which("ldapsearch") is None:
        _installed_by_root("ldap-utils")


@contextmanager
def compiling() -> Iterator[None]:
    """Compiles every test beside the block: once, where each of many processes would do it for itself."""
    command = (sys.executable, "-m", "pytest", "--collect-only", "-q", *sys.argv[1:])
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
            process.wait()  # what it found is said by the parts
        finally:
            process.kill()


def summary(outcomes: list[Outcome], seconds: float) -> int:
    """Print what ran where; 0 when everything passed."""
    broker = "REDIS_URL" if os.environ.get("REDIS_URL") else "embedded Valkey"
    print(f"\n── Summary (broker: {broker})")
    for one in outcomes:
        end = "" if one.finished else "  did not finish"
        print(f"{one.part.name:<28}{one.passed:>6} passed {one.failed:>4} failed {one.seconds:>6.0f} s{end}")
    passed, failed = sum(one.passed for one in outcomes), sum(one.failed for one in outcomes)
    broken = sum(not one.finished for one in outcomes)
    print(f"\n{passed} passed, {failed + broken} failed in {seconds / 60:.1f} minutes")
    return int(bool(failed or broken or not passed))


def main() -> int:
    """Run the three parts, whatever becomes of each."""
    began = time.monotonic()
    with compiling():
        provide_slapd()
        provide_chromium()
    with postgresql() as (name, url):
        sqlite = Part("SQLite", "not browser and not further_case", processes=8)
        server = Part(name, "database and not browser", processes=8, environment={"DATABASE_URL": url})
        browser = Part("Browser", "browser", processes=4)
        outcomes = run([sqlite, server], [browser])
    return summary(outcomes, time.monotonic() - began)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):  # what was started is stopped either way
        signal.signal(number, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup: tests that hang up on what they start need the default there
        signal.signal(signal.SIGHUP, lambda number, frame: None)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
