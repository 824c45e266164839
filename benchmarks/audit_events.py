"""Reading and recording among many events: the first page of every filter and of every two together, and `record` beside an empty table.

`.venv/bin/python benchmarks/audit_events.py [EVENTS]` runs on the empty database named by DATABASE_URL, or with SQLite in a folder of its
own; the result is kept in benchmarks/results/audit_events.txt. A PostgreSQL database keeps its events: `FILLED=1 audit_seals.py` goes on.
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

RESULTS = Path(__file__).resolve().parent / "results" / "audit_events.txt"


def main() -> None:
    """Measure in a process of the site, print, keep."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    chosen = {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as folder:
        environment = demo(f"{folder}/data", **chosen) | {"PYTHONPATH": str(ROOT)}
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "-v", "0", "--skip-checks"], cwd=ROOT, env=environment, check=True)
        code = f"from benchmarks.events_inside import inside\ninside({count})"
        done = subprocess.run(
            [*manage, "shell", "--no-imports", "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        )
    database = "PostgreSQL" if chosen.get("DATABASE_URL", "").startswith("postgres") else "SQLite"
    load = f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors"
    head = f"{database}, {count:,} events, Python {platform.python_version()}, {load}, {time.strftime('%Y-%m-%d')}"
    text = f"{head}\n{'first page, milliseconds':<34}{'median':>9}{'p95':>9}{'most':>9}\n{done.stdout.strip()}\n"
    kept = RESULTS.read_text().split("\n\n") if RESULTS.exists() else []
    others = [paragraph.rstrip("\n") for paragraph in kept if paragraph.strip() and not paragraph.startswith(f"{database}, {count:,}")]
    RESULTS.write_text("\n\n".join([*others, text]))
    print(text, end="")


if __name__ == "__main__":
    main()
