"""`python -m tests.faults.run [--rounds N] [--seed N] [--fault NAME]…`: breaks a running site, round after round, and asks the oracle.

Every round prints its seed; `--fault NAME --seed N` repeats one. Exit code 1 when a promise was broken. `--json` is for the tests.
"""

import argparse
import json
import logging
import random
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.faults.site import Site, open_site

QUIET_SECONDS = 90


def main() -> int:
    """Open a site, run the rounds, tell what was found."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--fault", action="append", default=[])
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mfaadmin-faults-"))
    with open_site(folder) as site:
        _prepare(site)
        from tests.faults.faults import FAULTS

        names = chosen.fault or list(FAULTS)
        return _report(rounds(site, names, chosen.rounds, chosen.seed), as_json=chosen.json)


def _prepare(site: Site) -> None:
    (site.folder / "site").mkdir(exist_ok=True)
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    for mortal in site.mortals.values():
        if mortal.process is None:
            mortal.start()


def rounds(site: Site, names: list[str], how_many: int, seed: int) -> Iterable[dict[str, Any]]:
    """One result after another; a round begins when the one before has become quiet."""
    from tests.faults.people import People

    people = People(site, random.Random(seed))
    people.arrive()
    yield one_round(site, people, "nothing", seed)
    for number in range(how_many):
        for name in names:
            yield one_round(site, people, name, seed + number)


def one_round(site: Site, people: Any, name: str, seed: int) -> dict[str, Any]:
    """People live, something breaks, all becomes quiet, the oracle is asked."""
    from django.db import connection

    from tests.faults.faults import FAULTS
    from tests.faults.oracle import is_quiet, judge

    chance = people.chance = random.Random(f"{name} {seed}")
    acts, began = people.prepare(), time.monotonic()
    FAULTS[name](site, people, chance, lambda: people.live(acts, 2))
    connection.close()
    broken: dict[str, int] = {}
    try:
        site.eventually("quiet", is_quiet, QUIET_SECONDS)
    except AssertionError:
        broken["not quiet"] = 1
    return {
        "fault": name,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
        "happened": site.forget_orders(),
        "broken": broken | dict(judge(site, people)),
    }


def _report(results: Iterable[dict[str, Any]], *, as_json: bool) -> int:
    failed = 0
    for result in results:
        failed += bool(result["broken"])
        if as_json:
            print(json.dumps(result), flush=True)
        else:
            said = ", ".join(f"{what}: {times}" for what, times in result["broken"].items()) or "nothing broken"
            reached = f", hook point reached {result['happened']} times" if result["happened"] else ""
            print(f"{result['fault']:<28} seed {result['seed']:<8} {result['seconds']:>6.1f} s  {said}{reached}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
