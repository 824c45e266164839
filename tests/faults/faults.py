"""The faults, one function each: what breaks while people apply. Whatever it is, the oracle is asked afterwards."""

import random
import signal
from collections.abc import Callable
from contextlib import suppress

import psutil
import redis
from celery import current_app

from accounts.models import Account
from policies.models import Delivery
from policies.models.deliveries import DeliveryState
from policies.propagation import retry
from tests.faults.people import People
from tests.faults.site import LEASE_SECONDS, Site

Fault = Callable[[Site, People, random.Random, Callable[[], None]], None]
DOWN_SECONDS = 2.0
MISBEHAVING = ["busy", "busy-until", "broken", "hangs", "drips", "done-and-hangs", "done-and-gone", "half", "page", "somebody-else"]


def at_point(point: str) -> Fault:
    """Workers die at a named point."""

    def fault(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
        site.order(point, times=chance.randint(1, 3), share=chance.uniform(0.3, 1))
        live()

    return fault


def sleeping(point: str) -> Fault:
    """A worker sleeps at a named point until another has done its work, then goes on."""

    def fault(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
        site.order(point, what="sleep")
        live()
        with suppress(AssertionError):
            site.eventually("a sleeper", site.sleepers, 10)
        site.wait(LEASE_SECONDS + chance.uniform(0.5, 2))
        for sleeper in site.sleepers():
            sleeper.send_signal(signal.SIGCONT)

    return fault


def answers(*moods: str) -> Fault:
    """The systems misbehave, each request in one of these ways or not at all."""

    def fault(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
        site.moods({"keyed": list(moods), "batches": list(moods)}, share=chance.uniform(0.4, 1), seed=chance.randrange(10**6))
        live()
        site.wait(DOWN_SECONDS)
        site.moods()

    return fault


def kill_somebody(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """Any process of the site, children of pools included, three times."""
    live()
    for _time in range(3):
        family = [one for mortal in site.mortals.values() for one in mortal.family()]
        with suppress(psutil.NoSuchProcess):
            chance.choice(family).kill()
        site.wait(chance.uniform(0.1, 1))


def deploy(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """Every program is asked to end, one after another, and started again."""
    live()
    for mortal in (*site.workers, site.mortals["beat"], site.mortals["web"]):
        mortal.signal(signal.SIGTERM, children=False)
        site.wait(chance.uniform(0, 1))


def no_workers(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """Nobody works for a while."""
    for worker in site.workers:
        worker.end(kindly=chance.random() < 0.5)
    live()
    site.wait(DOWN_SECONDS)
    for worker in site.workers:
        worker.start()


def no_beat(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """No beat for a while: nothing is passed on, and nothing is forgotten."""
    site.mortals["beat"].end(kindly=False)
    live()
    site.wait(DOWN_SECONDS)
    site.mortals["beat"].start()


def two_beats(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """A second beat beside the first."""
    second = site.mortals.setdefault(
        "beat-2", type(site.mortals["beat"])("beat-2", site.mortals["beat"].command, site.environment, site.folder / "beat-2.log")
    )
    second.start()
    live()
    site.wait(DOWN_SECONDS)
    second.end(kindly=False)


def stopped_workers(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """A whole worker sleeps past its leases and goes on."""
    live()
    worker = chance.choice(site.workers)
    site.wait(chance.uniform(0.5, 2))
    worker.signal(signal.SIGSTOP)
    site.wait(LEASE_SECONDS + 1)
    worker.signal(signal.SIGCONT)


def database_restarts(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """The database stops as if the power had failed, in the middle of commits, twice."""
    live()
    for _time in range(2):
        site.wait(chance.uniform(0.2, 1.5))
        site.database.stop(signal.SIGQUIT)
        site.wait(chance.uniform(0, 1))
        site.database.start()


def broker_flushed(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """Every hint is gone, several times."""
    live()
    with redis.Redis.from_url(site.place.url) as client:
        for _time in range(5):
            client.flushall()
            site.wait(chance.uniform(0.1, 0.5))


def broker_killed(*, keeps: bool) -> Fault:
    """The broker is killed and starts again, with or without what it held."""

    def fault(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
        broker = site.mortals["broker"]
        command = list(broker.command)
        if not keeps:
            broker.command = ["no" if before == "--appendonly" else word for before, word in zip(["", *command], command, strict=False)]
        broker.end(kindly=False)
        live()
        broker.start()
        site.wait(1)
        broker.signal(signal.SIGKILL)
        site.wait(DOWN_SECONDS)
        broker.command = command

    return fault


def power_cut(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """Everything at once: web, workers, beat, broker and the database with all its processes."""
    live()
    site.wait(chance.uniform(0.2, 2))
    assert site.database.process
    server = psutil.Process(site.database.process.pid)
    for one in [server, *server.children(recursive=True), *(one for mortal in site.mortals.values() for one in mortal.family())]:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    site.database.stop(signal.SIGKILL)
    site.database.start()


def wrong_clocks(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """One worker is an hour ahead, the other one behind, beat somewhere else."""
    for mortal, hours in zip((*site.workers, site.mortals["beat"]), ("1", "-1", "0.5"), strict=True):
        mortal.end(kindly=False)
        mortal.start(FAULT_CLOCK_HOURS=hours)
    live()
    site.wait(DOWN_SECONDS * 2)
    for mortal in (*site.workers, site.mortals["beat"]):
        mortal.end(kindly=False)
        mortal.start()


def many_hints(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """Every hint ten times, in another order, before and after it is of use; and some that were forged."""
    live()
    codes = ["local", "keyed", "batches", "states", "no-such-system"] * 10
    for _time in range(3):
        chance.shuffle(codes)
        for code in codes:
            current_app.send_task("policies.tasks.release_system", (code,), queue="propagation")
        for _hint in range(5):
            current_app.send_task("policies.tasks.release", queue="propagation")
        site.wait(chance.uniform(0.2, 1))


def poison(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """One account kills every worker that takes it in hand: it is put aside for a person, and nobody else is."""
    victim = people.ready(1)[0]
    (site.folder / "poison").write_text(victim.common_id)
    people._insist(people._apply, victim)
    live()
    aside = Delivery.objects.filter(account=victim, state=DeliveryState.FAILED)
    site.eventually("the poison is put aside", lambda: aside.count() == 4)
    (site.folder / "poison").unlink()
    _have_it_retried(victim)


def _have_it_retried(victim: Account) -> None:
    for delivery in Delivery.objects.filter(account=victim, state=DeliveryState.FAILED):
        retry(delivery, actor=None)


def nothing(site: Site, people: People, chance: random.Random, live: Callable[[], None]) -> None:
    """Nothing breaks."""
    live()


FAULTS: dict[str, Fault] = {
    "nothing": nothing,
    "worker dies after claim": at_point("after-claim"),
    "worker dies before request": at_point("before-request"),
    "worker dies after request": at_point("after-request"),
    "worker dies before commit": at_point("before-commit"),
    "worker sleeps after claim": sleeping("after-claim"),
    "worker sleeps before request": sleeping("before-request"),
    "worker sleeps after request": sleeping("after-request"),
    "whole worker sleeps": stopped_workers,
    "any process is killed": kill_somebody,
    "deploy": deploy,
    "no workers": no_workers,
    "no beat": no_beat,
    "two beats": two_beats,
    "database restarts": database_restarts,
    "broker flushed": broker_flushed,
    "broker killed, keeps": broker_killed(keeps=True),
    "broker killed, forgets": broker_killed(keeps=False),
    "power cut": power_cut,
    "clocks wrong by an hour": wrong_clocks,
    "hints doubled and forged": many_hints,
    "poison": poison,
    "system busy": answers("busy", "busy-until"),
    "system broken": answers("broken"),
    "system hangs or drips": answers("hangs", "drips"),
    "applied, answer lost": answers("done-and-hangs", "done-and-gone"),
    "half of a batch": answers("half"),
    "page, or somebody else": answers("page", "somebody-else"),
    "any misbehaviour": answers(*MISBEHAVING),
}
