"""How many events a second are sealed, and how long it takes to verify all of them, in the database and from an export.

`.venv/bin/python benchmarks/audit_seals.py [EVENTS]` runs in a folder of its own with SQLite, or on the empty database named by
DATABASE_URL (with FILLED=1 on the one that audit_events.py has filled); the result is kept in benchmarks/results/audit_seals.txt, one paragraph for each kind of database.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.keeping import keep  # noqa: E402
from tools.deployment import demo  # noqa: E402

YEAR = 10_000_000
FILL = "from benchmarks.many_events import fill\nfill(%d)"
SEAL = "from audit.seals.sealing import seal\nwhile seal():\n    pass"


def measured(folder: Path, count: int) -> list[tuple[str, float, float]]:
    """Fill a database with so many events; seconds on the clock and of a processor for each step (without those of a database server)."""
    chosen = {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
    environment = demo(str(folder / "data"), **chosen) | {"PYTHONPATH": str(ROOT)}

    def run(*arguments: str | Path) -> None:
        subprocess.run([sys.executable, *map(str, arguments)], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

    def timed(step: Callable[[], None]) -> tuple[float, float]:
        began, spent = time.perf_counter(), _processor()
        step()
        return time.perf_counter() - began, _processor() - spent

    export = folder / "export.jsonl"
    if "FILLED" not in os.environ:
        run("manage.py", "migrate", "-v", "0", "--skip-checks")
        run("manage.py", "shell", "--no-imports", "-c", FILL % count)
    return [
        ("sealed", *timed(lambda: run("manage.py", "shell", "--no-imports", "-c", SEAL))),
        ("verified in the database", *timed(lambda: run("manage.py", "audit_verify", "--skip-checks"))),
        ("exported", *timed(lambda: run("manage.py", "audit_export", "--skip-checks", "--output", export))),
        ("verified from the export", *timed(lambda: run("tools/verify_audit.py", export))),
    ]


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, print, keep."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as name:
        steps = measured(Path(name), count)
    lines = [f"{'':<28}{'seconds':>10}{'a second':>12}{'processor':>12}{'a second of it':>16}{'10,000,000 take':>18}"]
    lines += [
        f"{step:<28}{clock:>10.1f}{count / clock:>12,.0f}{spent:>12.1f}{count / spent:>16,.0f}{YEAR * clock / count:>16.0f} s"
        for step, clock, spent in steps
    ]
    keep("audit_seals", f"{count:,} events", "\n".join(lines))


if __name__ == "__main__":
    main()
