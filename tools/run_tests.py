"""Every test, where it belongs: all but the browser's with SQLite, those that use a database with PostgreSQL too, the browser's once.

What is not given by DATABASE_URL and REDIS_URL is started from the wheels. Arguments go on to pytest.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.harness.chromium import find_chromium  # noqa: E402
from tests.harness.directory import find_slapd  # noqa: E402
from tools.postgres import embedded  # noqa: E402

RESULTS = ROOT / "test-results"
NO_TESTS_COLLECTED = 5


@dataclass(frozen=True)
class Part:
    """One run of pytest: on what, how many tests, how long."""

    name: str
    passed: int
    failed: int
    seconds: float
    finished: bool


def _count(report: Path) -> tuple[int, int]:
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314  pytest wrote it
    counts = [(int(suite.get("tests", 0)), int(suite.get("failures", 0)) + int(suite.get("errors", 0))) for suite in suites]
    total, failed = sum(total for total, _ in counts), sum(failed for _, failed in counts)
    return total - failed, failed


def run(name: str, selection: str, environment: dict[str, str]) -> Part:
    """Run the selected tests with these variables set, and only these of the services."""
    print(f"\n── {name}", flush=True)
    report, started = RESULTS / f"{name.split(maxsplit=1)[0].lower()}.xml", time.monotonic()
    report.unlink(missing_ok=True)
    inherited = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    options = ["-m", selection, "-n", "auto", "--maxprocesses", "8", "-q", f"--junitxml={report}"]
    code = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *sys.argv[1:]], cwd=ROOT, env=inherited | environment, check=False
    ).returncode
    passed, failed = _count(report) if report.exists() else (0, 0)
    return Part(name, passed, failed, time.monotonic() - started, finished=code in {0, 1, NO_TESTS_COLLECTED})


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
    """Install the LDAP server where that is possible, without a directory of its own that would be started."""
    if find_slapd() is None and os.geteuid() == 0 and shutil.which("debconf-set-selections"):
        subprocess.run(["debconf-set-selections"], input=b"slapd slapd/no_configuration boolean true\n", check=False)
        _installed_by_root("slapd")


def summary(parts: list[Part]) -> int:
    """Print what ran where; 0 when everything passed."""
    broker = "REDIS_URL" if os.environ.get("REDIS_URL") else "embedded Valkey"
    print(f"\n── Summary (broker: {broker})")
    for part in parts:
        end = "" if part.finished else "  did not finish"
        print(f"{part.name:<28}{part.passed:>6} passed {part.failed:>4} failed {part.seconds:>6.0f} s{end}")
    passed, failed = sum(part.passed for part in parts), sum(part.failed for part in parts)
    broken = sum(not part.finished for part in parts)
    print(f"\n{passed} passed, {failed + broken} failed")
    return int(bool(failed or broken or not passed))


def main() -> int:
    """Run the three parts, whatever becomes of each."""
    RESULTS.mkdir(exist_ok=True)
    provide_slapd()
    parts = [run("SQLite", "not browser", {})]
    with postgresql() as (name, url):
        parts.append(run(name, "database and not browser", {"DATABASE_URL": url}))
    provide_chromium()
    parts.append(run("Browser", "browser", {}))
    return summary(parts)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped either way
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
