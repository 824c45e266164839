"""How long the help desk's search takes among 100,000 accounts, by id, name in either script, and address.

`.venv/bin/python benchmarks/search.py [ACCOUNTS]` runs in a folder of its own with SQLite, or on the empty database named by
DATABASE_URL; the result is kept in benchmarks/results/search.txt.
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

RESULTS = Path(__file__).resolve().parent / "results" / "search.txt"
SEARCHES = """
import time
from accounts.models import Account
from accounts.search import search
some = list(Account.objects.order_by("?").values_list("common_id", "name_en", "name_ja", "contact_address")[:40])
kinds = {
    "whole id": [row[0] for row in some],
    "beginning of an id": [row[0][:5] for row in some],
    "English name": [row[1] for row in some],
    "Japanese surname": [row[2].split(" ")[0] for row in some],
    "address": [row[3] for row in some],
}
for kind, asked in kinds.items():
    spans = []
    for text in filter(None, asked):
        began = time.perf_counter()
        search(text)
        spans.append(1000 * (time.perf_counter() - began))
    spans.sort()
    print(f"{kind:<24}{spans[len(spans) // 2]:>10.1f}{spans[len(spans) * 95 // 100]:>10.1f}{spans[-1]:>10.1f}")
"""


def measured(folder: Path, count: int) -> str:
    """Fill a database with so many people and search it: median, 95th percentile and slowest in milliseconds."""
    chosen = {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
    environment = demo(str(folder / "data"), **chosen)

    def manage(*arguments: str | Path) -> str:
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout

    people, affiliations = folder / "people.csv", folder / "affiliations.csv"
    manage("make_accounts", str(count), "--output", people, "--affiliations", affiliations)
    manage("migrate", "-v", "0")
    manage("import_accounts", people, "--affiliations", affiliations)
    return manage("shell", "--no-imports", "-c", SEARCHES)


def main() -> None:
    """Measure, print, keep."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as name:
        table = measured(Path(name), count)
    database = "DATABASE_URL" if "DATABASE_URL" in os.environ else "SQLite"
    head = f"{count:,} accounts, {database}, Python {platform.python_version()}, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}"
    text = f"{head}\n{'milliseconds':<24}{'median':>10}{'95 %':>10}{'slowest':>10}\n{table}"
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
