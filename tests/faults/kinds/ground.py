"""What the site stands on breaks: database, broker, power, clocks."""

import shutil
import signal

import psutil
import redis
from celery import current_app

from tests.faults.oracle import is_quiet
from tests.faults.scene import DOWN_SECONDS, QUIET_SECONDS, Fault, Scene
from tests.faults.site import SYSTEMS


def database_restarts(scene: Scene) -> None:
    """The database stops as if the power had failed, in the middle of commits, twice."""
    scene.live()
    for _time in range(2):
        scene.wait(0.2, 1.5)
        scene.site.database.stop(signal.SIGQUIT)
        scene.wait(0, 1)
        scene.site.database.start()


def broker_flushed(scene: Scene) -> None:
    """Every hint is gone, several times."""
    scene.live()
    with redis.Redis.from_url(scene.site.place.url) as client:
        for _time in range(5):
            client.flushall()
            scene.wait(0.1, 0.5)


def broker_killed(*, keeps: bool) -> Fault:
    """The broker is killed and starts again, with or without what it held."""

    def fault(scene: Scene) -> None:
        broker = scene.site.mortals["broker"]
        command = list(broker.command)
        if not keeps:
            broker.command = ["no" if before == "--appendonly" else word for before, word in zip(["", *command], command, strict=False)]
        broker.end(kindly=False)
        scene.live()
        broker.start()
        scene.wait(1)
        broker.signal(signal.SIGKILL)
        scene.wait(DOWN_SECONDS)
        broker.command = command

    return fault


def broker_sleeps(scene: Scene) -> None:
    """The broker takes connections and answers nobody for a while."""
    broker = scene.site.mortals["broker"]
    broker.signal(signal.SIGSTOP)
    scene.live()
    scene.wait(DOWN_SECONDS, 2 * DOWN_SECONDS)
    broker.signal(signal.SIGCONT)


def power_cut(*, broker_keeps: bool) -> Fault:
    """Everything at once: web, workers, beat, broker, with or without what it held, and the database with all its processes."""

    def fault(scene: Scene) -> None:
        scene.live()
        scene.wait(0.2, 2)
        database = scene.site.database
        assert database.process
        server = psutil.Process(database.process.pid)
        server.suspend()  # it makes no other process meanwhile
        others = server.children(recursive=True)
        scene.site.kill([server, *others, *scene.site.everybody()])
        psutil.wait_procs(others, timeout=30)
        if not broker_keeps:
            shutil.rmtree(scene.site.folder / "valkey" / "appendonlydir")
        database.stop(signal.SIGKILL)
        database.start()

    return fault


def wrong_clocks(*hours: float) -> Fault:
    """The clocks of the two workers and of beat are so many hours ahead, until all is quiet."""

    def fault(scene: Scene) -> None:
        clocks = (*scene.site.workers, scene.site.mortals["beat"])
        for mortal, ahead in zip(clocks, hours, strict=True):
            mortal.end(kindly=False)
            mortal.start(FAULT_CLOCK_HOURS=str(ahead))
        scene.live()
        scene.wait(DOWN_SECONDS * 2)
        try:
            scene.site.eventually("quiet", is_quiet, QUIET_SECONDS)
        finally:
            for mortal in clocks:
                mortal.end(kindly=False)
                mortal.start()

    return fault


def many_hints(scene: Scene) -> None:
    """Every hint ten times, in another order, before and after it is of use; and some that were forged."""
    scene.live()
    codes = ["local", *SYSTEMS, "no-such-system"] * 10
    for _time in range(3):
        scene.chance.shuffle(codes)
        for code in codes:
            current_app.send_task("policies.tasks.release_system", (code,), queue="propagation")
        for _hint in range(5):
            current_app.send_task("policies.tasks.release", queue="propagation")
        scene.wait(0.2, 1)
