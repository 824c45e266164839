"""How many events a second are sealed, and how long it takes to verify all of them, in the database and from an export.

`.venv/bin/python benchmarks/audit_seals.py [EVENTS] [OF_A_SEAL]` runs in a folder of its own with SQLite, or on the empty database named by
DATABASE_URL (with FILLED=1 on the one that audit_events.py has filled); the result is kept in benchmarks/results/audit_seals.txt, one paragraph for
each kind of database. OF_A_SEAL is how many events a seal holds: 1,000 when many wait, two or three where they are sealed every few seconds.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.keeping import keep  # noqa: E402
from tools.deployment import demo  # noqa: E402

YEAR = 10_000_000
LARGEST = 1000  # events of one seal, as the site makes them
FILL = "from benchmarks.many_events import fill\nfill(%d)"
SEAL = """
from audit.seals import sealing
sealing.LARGEST = %d
while sealing.seal():
    pass
"""
ONE = """
import time
from audit.models import Event, Seal
from audit.seals import exporting
from audit.seals.verifying import young
spent = []
for event_id in Event.objects.filter(pk__lte=Seal.objects.latest("number").settled).order_by("pk").values_list("pk", flat=True)[:: max(1, %d // 200)]:
    began = time.perf_counter()
    assert exporting.seal_of(event_id)
    spent.append(time.perf_counter() - began)
began = time.perf_counter()
young()
print(f"the seal of an event is found in {sorted(spent)[len(spent) // 2] * 1000:.1f} ms, most {max(spent) * 1000:.1f} ms; "
      f"what no seal holds yet in {(time.perf_counter() - began) * 1000:.1f} ms; {Seal.objects.count():,} seals")
"""


Step = tuple[str, float, float, int]  # words, seconds on the clock, of a processor (without those of a database server), megabytes at most


def measured(folder: Path, count: int, of_a_seal: int) -> tuple[list[Step], str]:
    """Fill a database with so many events, and go through all steps."""
    chosen = {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
    environment = demo(str(folder / "data"), **chosen) | {"PYTHONPATH": str(ROOT)}

    def run(*arguments: str | Path) -> tuple[str, int]:
        command = [sys.executable, *map(str, arguments)]
        said = folder / "said"
        with said.open("w") as out:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, said.read_text())
        return said.read_text(), used.ru_maxrss // 1024

    def timed(words: str, *arguments: str | Path) -> Step:
        began, spent = time.perf_counter(), _processor()
        _said, most = run(*arguments)
        return words, time.perf_counter() - began, _processor() - spent, most

    export = folder / "export.jsonl"
    if "FILLED" not in os.environ:
        run("manage.py", "migrate", "-v", "0", "--skip-checks")
        run("manage.py", "shell", "--no-imports", "-c", FILL % count)
    steps = [
        timed("sealed", "manage.py", "shell", "--no-imports", "-c", SEAL % of_a_seal),
        timed("verified in the database", "manage.py", "audit_verify", "--skip-checks"),
        timed("exported", "manage.py", "audit_export", "--skip-checks", "--output", export),
        timed("verified from the export", "tools/verify_audit.py", export),
    ]
    return steps, run("manage.py", "shell", "--no-imports", "-c", ONE % count)[0].strip()


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, print, keep."""
    given = [int(one) for one in sys.argv[1:]] or [1_000_000]
    count, of_a_seal = given[0], given[1] if given[1:] else LARGEST
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as name:
        steps, found = measured(Path(name), count, of_a_seal)
    lines = [f"{'':<28}{'seconds':>10}{'a second':>12}{'processor':>12}{'a second of it':>16}{'10,000,000 take':>18}{'megabytes':>12}"]
    lines += [
        f"{step:<28}{clock:>10.1f}{count / clock:>12,.0f}{spent:>12.1f}{count / spent:>16,.0f}{YEAR * clock / count:>16.0f} s{most:>12,}"
        for step, clock, spent, most in steps
    ]
    small = f" in seals of {of_a_seal}" if of_a_seal != LARGEST else ""
    keep("audit_seals", f"{count:,} events{small}", "\n".join([*lines, found]))


if __name__ == "__main__":
    main()
