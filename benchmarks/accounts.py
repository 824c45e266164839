"""`make bench`: an import of 100,000 accounts and the searches of the help desk among them, against what was promised.

Runs in a folder of its own with SQLite, or on the empty database named by DATABASE_URL. `make bench ARGS=10000` takes fewer.
"""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.deployment import demo  # noqa: E402

RESULTS = Path(__file__).resolve().parent / "results" / "accounts.txt"
SECONDS, MEGABYTES, SEARCH_MS = 60, 300, 100
SEARCHES = """
import time
from accounts.models import Account
from accounts.search import search
some = list(Account.objects.order_by("?").values_list("common_id", "name_en", "name_ja", "contact_address")[:40])
asked = [text for row in some for text in (row[0], row[0][:6], *row[1].split(), row[2].split(" ")[0], row[3]) if text]
spans = []
for text in asked:
    began = time.perf_counter()
    search(text)
    spans.append(1000 * (time.perf_counter() - began))
spans.sort()
print(len(spans), spans[len(spans) // 2], spans[len(spans) * 95 // 100], spans[-1])
"""


def processor_seconds() -> float:
    """What finished child processes have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Bench:
    """One run: remembers what was measured and whether it was promised better."""

    def __init__(self, folder: Path) -> None:
        chosen = {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
        self.environment = demo(str(folder / "data"), **chosen)
        self.lines: list[str] = []
        self.missed = 0

    def manage(self, *arguments: str | Path) -> str:
        """What a management command prints."""
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True).stdout

    def note(self, what: str, value: float, unit: str, promised: float, *, remark: str = "") -> None:
        """Print one measurement beside its promise."""
        self.missed += value > promised
        missed = "   MISSED" if value > promised else ""
        self.lines.append(f"{what:<54}{value:>8.1f} {unit:<3} promised {promised:g} {unit}{remark}{missed}")
        print(self.lines[-1], flush=True)

    def timed(self, what: str, promised: float, *arguments: str | Path) -> None:
        """Time a management command, and tell how much of it was its own work: the machine may be busy with other things."""
        began, worked = time.monotonic(), processor_seconds()
        self.manage(*arguments)
        remark = f", {processor_seconds() - worked:.1f} s of processor time"
        self.note(what, time.monotonic() - began, "s", promised, remark=remark)


def run(bench: Bench, folder: Path, count: int) -> None:
    """All measurements in the order in which an institution meets them."""
    people, affiliations = folder / "people.csv", folder / "affiliations.csv"
    bench.manage("make_accounts", str(count), "--output", people, "--affiliations", affiliations)
    bench.manage("migrate", "-v", "0")
    taken = ("import_accounts", people, "--affiliations", affiliations)
    bench.timed(f"check {count:,} accounts without applying", SECONDS, *taken, "--dry-run")
    bench.timed(f"import {count:,} new accounts", SECONDS, *taken)
    bench.timed("import the same file again", SECONDS, *taken)
    bench.note("most memory of a process", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, "MB", MEGABYTES)
    number, median, slow, slowest = map(float, bench.manage("shell", "--no-imports", "-c", SEARCHES).split())
    for name, value in (("median", median), ("95th percentile", slow), ("slowest", slowest)):
        bench.note(f"search by id, name or address, {name} of {number:.0f}", value, "ms", SEARCH_MS)


def main() -> int:
    """Measure, print, and keep the result of a full run."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as name:
        bench = Bench(Path(name))
        run(bench, Path(name), count)
    database = "DATABASE_URL" if "DATABASE_URL" in os.environ else "SQLite"
    machine = f"Python {platform.python_version()}, {database}, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}"
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join([machine, *bench.lines, ""]))
    return int(bool(bench.missed))


if __name__ == "__main__":
    sys.exit(main())
