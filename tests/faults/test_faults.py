"""The quick profile of `make faults`: one round of the faults that differ most, on a site of their own."""

import json
import random
import subprocess
import sys
from typing import Any

import pytest

from tests.faults.site import ROOT

QUICK = (
    "worker dies before commit",
    "worker sleeps before request",
    "power cut, broker forgets",
    "any misbehaviour",
    "line breaks in the answer",
    "directory killed",
    "SAVE while anything dies",
)
LONGEST_SECONDS = 900


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """What became of each, by name."""
    seed = random.randrange(10**6)
    chosen = [part for name in QUICK for part in ("--fault", name)]
    command = [sys.executable, "-m", "tests.faults.run", "--json", "--seed", str(seed), *chosen]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)
    rounds = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(rounds) == len(QUICK) + 1, f"seed {seed}\n{run.stdout}\n{run.stderr[-3000:]}"
    return {one["fault"]: one for one in rounds}


@pytest.mark.covers("S-91", "S-144")
@pytest.mark.parametrize("name", QUICK)
def test_nothing_is_lost_twice_early_or_stale_and_nobody_has_to_help(results: dict[str, Any], name: str) -> None:
    assert results[name]["broken"] == {}, results[name]


def test_the_named_points_were_reached_and_processes_died(results: dict[str, Any]) -> None:
    assert results["worker dies before commit"]["reached"] > 0
    assert all(results[name]["kills"] > 0 for name in ("worker dies before commit", "power cut, broker forgets", "directory killed"))
    assert all(results[name]["deliveries"] > 0 for name in QUICK)
