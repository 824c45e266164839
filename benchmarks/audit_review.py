"""How long each detector takes among many events, and the report of a month.

`DATABASE_URL=postgres://… .venv/bin/python benchmarks/audit_review.py [EVENTS]` fills the empty database that is named; with FILLED=1 it takes
the events that are there. The result is kept in benchmarks/results/audit_review.txt.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.deployment import demo  # noqa: E402

RESULTS = Path(__file__).resolve().parent / "results" / "audit_review.txt"
FILL = "from benchmarks.many_events import fill\nfill(%d)"
INSIDE = """
import time
from django.utils import timezone
from review.detectors.base import detectors
from review.month import Month, MonthReport
from review.thresholds import limits_of

def timed(words, work):
    began = time.perf_counter()
    found = work()
    print(f"{words:<28}{time.perf_counter() - began:>10.2f}{found:>12,}")

now = timezone.now()
for code, detector in detectors().items():
    timed(code, lambda: sum(1 for _ in detector.find(limits_of(detector), now)))
report = MonthReport(Month(now.year, now.month).previous)
timed("report of last month", lambda: len(report.by_change()) + len(report.by_kind()) + len(report.by_affiliation()))
"""


def main() -> None:
    """Measure in a process of the site, print, keep."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    chosen = {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as folder:
        environment = demo(f"{folder}/data", **chosen) | {"PYTHONPATH": str(ROOT)}

        def run(*arguments: str) -> str:
            command = [sys.executable, "manage.py", *arguments]
            return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout.strip()

        if "FILLED" not in os.environ:
            run("migrate", "-v", "0", "--skip-checks")
            run("shell", "--no-imports", "-c", FILL % count)
        said = run("shell", "--no-imports", "-c", INSIDE)
    database = "PostgreSQL" if chosen.get("DATABASE_URL", "").startswith("postgres") else "SQLite"
    load = f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors"
    head = f"{database}, {count:,} events, Python {platform.python_version()}, {load}, {time.strftime('%Y-%m-%d')}"
    text = f"{head}\n{'':<28}{'seconds':>10}{'found':>12}\n{said}\n"
    kept = RESULTS.read_text().split("\n\n") if RESULTS.exists() else []
    others = [paragraph.rstrip("\n") for paragraph in kept if paragraph.strip() and not paragraph.startswith(f"{database}, {count:,}")]
    RESULTS.write_text("\n\n".join([*others, text]))
    print(text, end="")


if __name__ == "__main__":
    main()
