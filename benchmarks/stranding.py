"""Whom a draft would leave without any usable method, among 100,000 accounts under 200 rules about methods: what its page waits for.

`.venv/bin/python benchmarks/stranding.py [ACCOUNTS]` runs on the empty database named by DATABASE_URL, or with SQLite in a folder of its own; the
result is kept in benchmarks/results/stranding.txt.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.keeping import keep, site

ACCOUNTS = 100_000


def main() -> None:
    """Measure in a process of the site, print, keep."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as folder:
        manage = site(folder)
        manage("migrate", "-v", "0", "--skip-checks")
        said = manage("shell", "--no-imports", "-c", f"from benchmarks.stranding_inside import inside\ninside({count})")
    keep("stranding", f"{count:,} accounts", said)


if __name__ == "__main__":
    main()
