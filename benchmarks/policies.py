"""The dry run of a million sign-ins, and one decision, under a policy of 200 rules and 2,000 ranges among 60,000 accounts.

`.venv/bin/python benchmarks/policies.py [SIGNINS]` runs on the empty database named by DATABASE_URL, or with SQLite in a folder of its own; the
result is kept in benchmarks/results/policies.txt. The dry run is worked on here as a worker does it, in its stretches.
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

RESULTS = Path(__file__).resolve().parent / "results" / "policies.txt"
ACCOUNTS = 60_000


def main() -> None:
    """Measure in a process of the site, print, keep."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    chosen = {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as folder:
        environment = demo(f"{folder}/data", **chosen) | {"PYTHONPATH": str(ROOT)}

        def manage(*arguments: str) -> str:
            command = [sys.executable, "manage.py", *arguments]
            return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

        people, affiliations = f"{folder}/people.csv", f"{folder}/affiliations.csv"
        manage("make_accounts", str(ACCOUNTS), "--output", people, "--affiliations", affiliations)
        manage("migrate", "-v", "0", "--skip-checks")
        manage("import_accounts", people, "--affiliations", affiliations)
        found = manage("shell", "--no-imports", "-c", f"from benchmarks.policies_inside import inside\ninside({count})")
    database = "PostgreSQL" if chosen.get("DATABASE_URL", "").startswith("postgres") else "SQLite"
    load = f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors"
    head = f"{database}, {count:,} sign-ins, Python {platform.python_version()}, {load}, {time.strftime('%Y-%m-%d')}"
    text = f"{head}\n{found.strip()}\n"
    kept = RESULTS.read_text().split("\n\n") if RESULTS.exists() else []
    others = [paragraph.rstrip("\n") for paragraph in kept if paragraph.strip() and not paragraph.startswith(f"{database}, {count:,}")]
    RESULTS.write_text("\n\n".join([*others, text]))
    print(text, end="")


if __name__ == "__main__":
    main()
