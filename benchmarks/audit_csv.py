"""How fast a filter's events leave as signed CSV, and whether memory stays flat: the pieces that the page streams, until the digest is signed.

`DATABASE_URL=postgres://… .venv/bin/python benchmarks/audit_csv.py [EVENTS]` fills the empty database that is named; with FILLED=1 it takes
the events that are there. The result is kept in benchmarks/results/audit_csv.txt.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.keeping import keep, site

FILL = "from benchmarks.many_events import fill\nfill(%d)"


def main() -> None:
    """Measure in a process of the site, print, keep."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as folder:
        manage = site(folder)
        if "FILLED" not in os.environ:
            manage("migrate", "-v", "0", "--skip-checks")
            manage("shell", "--no-imports", "-c", FILL % count)
        said = manage("shell", "--no-imports", "-c", "from benchmarks.csv_inside import inside\ninside()")
    keep("audit_csv", f"{count:,} events", said)


if __name__ == "__main__":
    main()
