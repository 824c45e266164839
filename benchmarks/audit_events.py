"""Reading and recording among many events: the first page of every filter and of every two together, and `record` beside an empty table.

`.venv/bin/python benchmarks/audit_events.py [EVENTS]` runs on the empty database named by DATABASE_URL, or with SQLite in a folder of its
own; the result is kept in benchmarks/results/audit_events.txt. A PostgreSQL database keeps its events: with FILLED=1 they are measured once more,
and `FILLED=1 audit_seals.py` goes on.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.keeping import keep, site


def main() -> None:
    """Measure in a process of the site, print, keep."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    is_filled = bool(os.environ.get("FILLED"))
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as folder:
        manage = site(folder)
        manage("migrate", "-v", "0", "--skip-checks")
        said = manage("shell", "--no-imports", "-c", f"from benchmarks.events_inside import inside\ninside({count}, is_filled={is_filled})")
    keep("audit_events", f"{count:,} events", f"{'first page, milliseconds':<34}{'median':>9}{'p95':>9}{'most':>9}\n{said}")


if __name__ == "__main__":
    main()
