"""How long each detector takes to find what was planted among many events, and the report of a month.

`DATABASE_URL=postgres://… .venv/bin/python benchmarks/audit_review.py [EVENTS]` fills the empty database that is named; with FILLED=1 it takes
the events that are there, and plants among them, once. The result is kept in benchmarks/results/audit_review.txt.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.keeping import keep, site

FILL = "from benchmarks.many_events import fill\nfill(%d)"
INSIDE = """
import time
from django.db import connection
from django.utils import timezone
from benchmarks.planted import planted
from review.detectors.base import detectors
from review.month import Month, MonthReport
from review.thresholds import limits_of

def timed(words, work, owed=0):
    began = time.perf_counter()
    found = work()
    print(f"{words:<28}{time.perf_counter() - began:>10.2f}{found:>12,}{owed:>12,}")
    assert found >= owed, words

owes = planted()
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
now = timezone.now()
for code, detector in detectors().items():
    timed(code, lambda: sum(1 for _ in detector.find(limits_of(detector), now)), owes.get(code, 0))
report = MonthReport(Month(now.year, now.month).previous)
timed("report of last month", lambda: len(report.by_change()) + len(report.by_kind()) + len(report.by_affiliation()))
"""


def main() -> None:
    """Measure in a process of the site, print, keep."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as folder:
        manage = site(folder)
        if "FILLED" not in os.environ:
            manage("migrate", "-v", "0", "--skip-checks")
            manage("shell", "--no-imports", "-c", FILL % count)
        said = manage("shell", "--no-imports", "-c", INSIDE)
    keep("audit_review", f"{count:,} events", f"{'':<28}{'seconds':>10}{'found':>12}{'planted':>12}\n{said}")


if __name__ == "__main__":
    main()
