"""The dry run of a million sign-ins, and one decision, under a policy of 200 rules and 2,000 ranges among 60,000 accounts.

`.venv/bin/python benchmarks/policies.py [SIGNINS]` runs on the empty database named by DATABASE_URL, or with SQLite in a folder of its own; the
result is kept in benchmarks/results/policies.txt. The dry run is worked on here as a worker does it, in its stretches.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.keeping import keep, site

ACCOUNTS = 60_000


def main() -> None:
    """Measure in a process of the site, print, keep."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as folder:
        manage = site(folder)
        people, affiliations = f"{folder}/people.csv", f"{folder}/affiliations.csv"
        manage("make_accounts", str(ACCOUNTS), "--output", people, "--affiliations", affiliations)
        manage("migrate", "-v", "0", "--skip-checks")
        manage("import_accounts", people, "--affiliations", affiliations)
        said = manage("shell", "--no-imports", "-c", f"from benchmarks.policies_inside import inside\ninside({count})")
    keep("policies", f"{count:,} sign-ins", said)


if __name__ == "__main__":
    main()
