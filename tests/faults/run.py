"""`python -m tests.faults.run [--rounds N] [--seed N] [--fault NAME]…`: breaks a running site, round after round, and asks the oracle.

Every round prints its seed; `--fault NAME --seed N` repeats one. Exit code 1 when a promise was broken. `--json` is for machines.
"""

import argparse
import json
import logging
import random
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command

from tests.faults.site import Site, open_site


def main() -> int:
    """Open a site, run the rounds, tell what was found."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--fault", action="append", default=[])
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    with open_site(Path(tempfile.mkdtemp(prefix="mfaadmin-faults-"))) as site:
        prepare(site)
        from tests.faults.rounds import rounds  # noqa: PLC0415  the settings come first

        broken = 0
        for result in rounds(site, chosen.fault, chosen.rounds, chosen.seed):
            broken += bool(result.broken)
            print(json.dumps(result.facts()) if chosen.json else "\n".join([result.line(), *result.story]), flush=True)
    return int(broken > 0)


def prepare(site: Site) -> None:
    """Tables and static files, then the programs."""
    (site.folder / "site").mkdir(exist_ok=True)
    django.setup()
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    for mortal in site.mortals.values():
        if mortal.process is None:
            mortal.start()


if __name__ == "__main__":
    sys.exit(main())
