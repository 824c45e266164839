"""`python -m tests.faults.broken [NAME]…`: break the product on purpose, in each known way or in these, and see that the oracle says so.

Exit code 1 when it saw nothing.
"""

import json
import os
import subprocess
import sys
from collections import Counter

from tests.faults.mortals import ROOT

ROUNDS = "2"
# Which fault shows each of the ways that `breaking.py` knows.
SHOWN_BY = {
    "no fence on attempts": "worker sleeps after request",
    "speaks after its lease": "worker sleeps before writing",
    "what was never answered is forgotten": "requests arrive late",
    "SAVE answers before it writes": "SAVE, web dies after answer",
    "dead rows are never set aside": "poison",
    "dead rows are lost": "worker dies before request",
    "claims ignore when a change is due": "nothing",
    "another key at each attempt": "applied, answer lost",
    "some are confirmed without sending": "nothing",
    "set-state neither written nor read back": "nothing",
}


def main() -> int:
    """Each by itself, on a site of its own."""
    unseen = 0
    for name in sys.argv[1:] or SHOWN_BY:
        said = seen(name)
        unseen += not said
        print(f"{name:<42}", ", ".join(f"{what}: {times}" for what, times in said.items()) or "NOT SEEN", flush=True)
    return int(unseen > 0)


def seen(name: str) -> Counter[str]:
    """What the oracle said, over all rounds."""
    command = [sys.executable, "-m", "tests.faults.run", "--json", "--rounds", ROUNDS, "--fault", SHOWN_BY[name]]
    run = subprocess.run(command, cwd=ROOT, env=os.environ | {"FAULT_BROKEN": name}, stdout=subprocess.PIPE, text=True, check=False)
    return sum((Counter(json.loads(line)["broken"]) for line in run.stdout.splitlines()), Counter())


if __name__ == "__main__":
    sys.exit(main())
