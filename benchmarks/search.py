"""How long the help desk's search takes among 100,000 accounts, through two web workers, as four people type and press Search.

`.venv/bin/python benchmarks/search.py [ACCOUNTS] [--keep]` runs in a folder of its own with SQLite, or on the empty database named by
DATABASE_URL; `--keep` writes the figures to benchmarks/results/search.txt.
"""

import http.client
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.journeys.stack import free_port  # noqa: E402
from tools.deployment import demo  # noqa: E402

RESULTS = Path(__file__).resolve().parent / "results" / "search.txt"
WORKERS, STAFF, ASKED = 2, 4, 60
PREPARE = f"""
import json, random
from django.db import connection
from django.contrib.auth import get_user_model
from django.test import Client
from methods.kinds.phone.models import PhoneDevice
from methods.models import RegisteredMethod
from tests.factories import an_account, signed_in
Account = get_user_model()
random.seed(1)
people = list(Account.objects.order_by("pk"))
for start in range(0, len(people), 5000):
    rows = [(one, f"+8190{{random.randrange(10**8):08}}") for one in people[start : start + 5000]]
    methods = RegisteredMethod.objects.bulk_create(RegisteredMethod(account=one, kind="phone", name="Phone") for one, _ in rows)
    PhoneDevice.objects.bulk_create(
        PhoneDevice(user=one, name="Phone", method=method, confirmed=True, number=number, ending=number[-4:])
        for (one, number), method in zip(rows, methods)
    )
with connection.cursor() as cursor:  # as autovacuum leaves it, and at once
    cursor.execute("VACUUM" if connection.vendor == "sqlite" else "VACUUM (ANALYZE)")
some = random.sample(people, 400)
numbers = PhoneDevice.objects.filter(user__in=some).values_list("ending", flat=True)
asked = {{
    "whole id": [one.common_id for one in some],
    "beginning of an id": [one.common_id[:4] for one in some],
    "name in Latin letters": [one.name_en for one in some],
    "two letters": [one.name_en[:2] for one in some],
    "surname as it sounds": [one.name_en.split(" ")[-1].replace("o", "ou") for one in some],
    "surname in kanji": [one.name_ja.split(" ")[0] for one in some if one.name_ja],
    "kana": ["さとう", "サトウ", "すずき", "わたなべ ゆうこ", "たなかしょうた", "やま", "じゅんいち", "すず", "さ"] * 8,
    "address": [one.contact_address for one in some if one.contact_address],
    "end of a phone number": list(numbers),
}}
cookies = []
for _ in range({STAFF}):
    client = Client()
    signed_in(client, an_account(roles=("helpdesk",)))
    cookies.append(client.cookies["session"].value)
print(json.dumps({{"asked": asked, "cookies": cookies}}))
"""


class Desk:
    """One member of staff at a browser."""

    def __init__(self, port: int, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Cookie": f"session={cookie}; language=en"}

    def ask(self, address: str, text: str) -> float:
        """Milliseconds until the whole answer is there."""
        began = time.perf_counter()
        self.connection.request("GET", f"{address}?q={quote(text)}", headers=self.headers)
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            sys.exit(f"{address} answered {answer.status} for {text}")
        return 1000 * (time.perf_counter() - began)


def spans(desks: list[Desk], address: str, texts: list[str]) -> list[float]:
    """Everybody searches at once; half a second's typing between two questions of one person."""

    def work(desk: Desk, mine: list[str]) -> list[float]:
        found = []
        for text in mine:
            time.sleep(random.uniform(0.25, 0.75))
            found.append(desk.ask(address, text))
        return found

    portions = [texts[at :: len(desks)] for at in range(len(desks))]
    with ThreadPoolExecutor(len(desks)) as pool:
        return sorted(span for part in pool.map(work, desks, portions) for span in part)


def line(kind: str, found: list[float]) -> str:
    """Median, 95th percentile and slowest."""
    return f"{kind:<36}{found[len(found) // 2]:>10.1f}{found[len(found) * 95 // 100]:>10.1f}{found[-1]:>10.1f}"


def measured(folder: Path, count: int) -> list[str]:
    """Fill a database with so many people, start the site, and search it."""
    chosen = {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
    port = free_port()
    environment = demo(str(folder / "data"), PORT=str(port), **chosen)

    def manage(*arguments: str | Path) -> str:
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout

    people, affiliations = folder / "people.csv", folder / "affiliations.csv"
    manage("make_accounts", str(count), "--output", people, "--affiliations", affiliations)
    manage("migrate", "-v", "0")
    manage("collectstatic", "-v", "0", "--noinput")
    manage("import_accounts", people, "--affiliations", affiliations)
    prepared = json.loads(manage("shell", "--no-imports", "-c", PREPARE).splitlines()[-1])
    command = [sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--bind", f"127.0.0.1:{port}", "mfaadmin.wsgi"]
    web = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(8)
        desks = [Desk(port, cookie) for cookie in prepared["cookies"]]
        for desk in desks * 3:
            desk.ask("/helpdesk/", "warm")
        return list(figures(desks, prepared["asked"]))
    finally:
        web.terminate()
        web.wait()


def figures(desks: list[Desk], asked: dict[str, list[str]]) -> "list[str]":
    """A line for each sort of question, as it is typed and when the form is sent, and one for all."""
    lines, everything = [], {}
    for name, address in (("as typed", "/helpdesk/suggestions/"), ("form sent", "/helpdesk/")):
        everything[name] = []
        for kind, texts in asked.items():
            found = spans(desks, address, texts[:ASKED])
            everything[name] += found
            lines.append(line(f"{kind}, {name}", found))
    return lines + [line(f"all, {name}", sorted(found)) for name, found in everything.items()]


def main() -> None:
    """Measure, print, keep."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()] or [100_000]
    with tempfile.TemporaryDirectory(prefix="mfaadmin-bench-") as name:
        lines = measured(Path(name), numbers[0])
    database = "PostgreSQL" if "DATABASE_URL" in os.environ else "SQLite"
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    head = f"{numbers[0]:,} accounts, {database}, {WORKERS} web workers, {STAFF} people at once, Python {platform.python_version()}, "
    head += f"{os.cpu_count()} processors, load {load}, {time.strftime('%Y-%m-%d')}"
    text = "\n".join([head, f"{'milliseconds':<36}{'median':>10}{'95 %':>10}{'slowest':>10}", *lines, ""])
    print(text, end="")
    if "--keep" in sys.argv:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
