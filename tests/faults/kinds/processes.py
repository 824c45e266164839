"""Programs of the site die, sleep, are replaced, are missing, or are there twice."""

import signal
from contextlib import suppress

from tests.faults.oracle import is_quiet
from tests.faults.orders import order
from tests.faults.scene import DOWN_SECONDS, QUIET_SECONDS, Fault, Scene
from tests.faults.site import LEASE_SECONDS

SOME = 3


def at_point(point: str) -> Fault:
    """Workers die at a named point."""

    def fault(scene: Scene) -> None:
        order(point, times=scene.chance.randint(1, 3), share=scene.chance.uniform(0.3, 1))
        scene.live()

    return fault


def sleeping(point: str, what: str = "sleeps", *, minds_change: float = 0.5) -> Fault:
    """A worker sleeps at a named point until another has done its work, then goes on; `sleeps-and-dies`: only with what it was about to do.

    `minds_change`: how probably people have changed their minds meanwhile.
    """

    def fault(scene: Scene) -> None:
        order(point, what=what)
        scene.live()
        with suppress(AssertionError):
            scene.site.eventually("a sleeper", scene.site.sleepers, 10)
        if scene.chance.random() < minds_change:
            scene.people.change_their_minds()
        scene.wait(LEASE_SECONDS + 0.5, LEASE_SECONDS + 2)
        for sleeper in scene.site.sleepers():
            sleeper.send_signal(signal.SIGCONT)

    return fault


def frozen(scene: Scene) -> None:
    """A worker freezes in a transaction, with the rows of many in hand: all becomes quiet without it, and then it goes on."""
    scene.live()
    order("before-commit", what="sleeps")
    for account in scene.people.ready(SOME):
        scene.people.have_applied(account)
    scene.site.eventually("a sleeper", scene.site.sleepers)
    try:
        scene.site.eventually("quiet", is_quiet, QUIET_SECONDS)
    finally:
        for sleeper in scene.site.sleepers():
            sleeper.send_signal(signal.SIGCONT)


def stopped_workers(scene: Scene) -> None:
    """A whole worker sleeps past its leases and goes on."""
    scene.live()
    worker = scene.chance.choice(scene.site.workers)
    scene.wait(0.5, 2)
    worker.signal(signal.SIGSTOP)
    scene.wait(LEASE_SECONDS + 1)
    worker.signal(signal.SIGCONT)


def kill_somebody(scene: Scene) -> None:
    """Any process of the site, children of pools included, three times."""
    scene.live()
    for _time in range(3):
        scene.site.kill([scene.chance.choice(scene.site.everybody())])
        scene.wait(0.1, 1)


def deploy(scene: Scene) -> None:
    """Every program is asked to end, one after another, and started again."""
    scene.live()
    for mortal in (*scene.site.workers, scene.site.mortals["beat"], scene.site.mortals["web"]):
        mortal.signal(signal.SIGTERM, children=False)
        scene.wait(0, 1)


def deploy_in_haste(scene: Scene) -> None:
    """Workers are asked to end while they have batches in hand, and killed when they do not end at once."""
    scene.site.moods(lines={"keyed": ["trickles"], "states": ["trickles"]}, share=0.5, seed=scene.seed())
    scene.live()
    scene.wait(1, 2)
    for worker in scene.site.workers:
        worker.signal(signal.SIGTERM, children=False)
        scene.wait(0, 1)
        worker.signal(signal.SIGKILL)
        scene.wait(0, 1)
    scene.site.moods()


def no_workers(scene: Scene) -> None:
    """Nobody works for a while."""
    for worker in scene.site.workers:
        worker.end(kindly=scene.chance.random() < 0.5)
    scene.live()
    scene.wait(DOWN_SECONDS)
    for worker in scene.site.workers:
        worker.start()


def no_beat(scene: Scene) -> None:
    """No beat for a while: nothing is passed on, and nothing is forgotten."""
    scene.site.mortals["beat"].end(kindly=False)
    scene.live()
    scene.wait(DOWN_SECONDS)
    scene.site.mortals["beat"].start()


def two_beats(scene: Scene) -> None:
    """A second beat beside the first."""
    second = scene.site.mortal("beat-2", scene.site.mortals["beat"].command)
    second.start()
    scene.live()
    scene.wait(DOWN_SECONDS)
    second.end(kindly=False)


def two_dispatchers(scene: Scene) -> None:
    """Two programs that pass on whatever is due, without a pause, beside the workers; one of them is killed."""
    pair = [scene.site.manage(f"dispatcher-{number}", "tests.faults.dispatcher") for number in (1, 2)]
    for one in pair:
        one.start()
    scene.live()
    scene.wait(0.5, 2)
    pair[0].signal(signal.SIGKILL)
    scene.wait(DOWN_SECONDS)
    for one in pair:
        one.end(kindly=False)
