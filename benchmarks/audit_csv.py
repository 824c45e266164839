"""How fast a filter's events leave as signed CSV, and whether memory stays flat: the pieces that the page streams, until the digest is signed.

`DATABASE_URL=postgres://… .venv/bin/python benchmarks/audit_csv.py [EVENTS]` fills the empty database that is named; with FILLED=1 it takes
the events that are there. The result is kept in benchmarks/results/audit_csv.txt.
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

RESULTS = Path(__file__).resolve().parent / "results" / "audit_csv.txt"
FILL = "from benchmarks.many_events import fill\nfill(%d)"


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
        said = run("shell", "--no-imports", "-c", "from benchmarks.csv_inside import inside\ninside()")
    database = "PostgreSQL" if chosen.get("DATABASE_URL", "").startswith("postgres") else "SQLite"
    load = f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors"
    head = f"{database}, {count:,} events, Python {platform.python_version()}, {load}, {time.strftime('%Y-%m-%d')}"
    kept = RESULTS.read_text().split("\n\n") if RESULTS.exists() else []
    others = [paragraph.rstrip("\n") for paragraph in kept if paragraph.strip() and not paragraph.startswith(f"{database}, {count:,}")]
    RESULTS.write_text("\n\n".join([*others, f"{head}\n{said}\n"]))
    print(f"{head}\n{said}")


if __name__ == "__main__":
    main()
