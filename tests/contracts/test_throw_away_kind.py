"""Adding a kind touches its folder and one line of the settings; then it is offered, asked, and held to the contract."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
PAPER = HERE / "throw_away"


def test_a_kind_that_nobody_knows_inherits_every_proof() -> None:
    tests = [str(HERE / "test_kinds.py"), str(HERE / "test_attacks.py"), str(PAPER / "paper_walk.py")]
    command = [sys.executable, "-m", "pytest", *tests, "-k", "paper", "-q"]
    plugin = ["-p", "tests.contracts.throw_away.knows", "--ds", "tests.contracts.throw_away.settings", "--no-header"]
    known = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(command + plugin, cwd=ROOT, env=known, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " skipped" not in done.stdout
