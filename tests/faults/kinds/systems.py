"""Connected systems misbehave, are away, or cannot be reached."""

import signal
import time
from datetime import timedelta
from functools import partial

from django.db import models
from django.db.models import F

from accounts.models import Account
from policies.models import Application, ConnectedSystem, Delivery, Termination
from policies.models.deliveries import PAYLOAD_VERSION, DeliveryState
from policies.propagation import retry
from tests.faults.scene import DOWN_SECONDS, Fault, Scene
from tests.faults.site import LEASE_SECONDS, SYSTEMS, WINDOW_SECONDS

MISBEHAVING = ("busy", "busy-until", "broken", "hangs", "drips", "done-and-hangs", "done-and-gone", "half", "page", "somebody-else")
BAD_LINES = ("refused", "swallowed", "answer-lost", "half-closed", "cut", "reset", "trickles")
DEADLY_SECONDS = 240  # six workers die at each of seven systems, each missed after a lease and started anew
LATE_SECONDS = 5.0  # after which even a late request has arrived
OUTAGE, STEP = timedelta(hours=3), timedelta(minutes=20)
WITH_TIMES = (Delivery, ConnectedSystem, Application, Termination)


def answers(*moods: str) -> Fault:
    """The systems misbehave, each request in one of these ways or not at all."""

    def fault(scene: Scene) -> None:
        scene.site.moods(
            {system: list(moods) for system in ("keyed", "batches", "optional", "tenant")},
            share=scene.chance.uniform(0.4, 1),
            seed=scene.seed(),
        )
        scene.live()
        scene.wait(DOWN_SECONDS)
        scene.site.moods()

    return fault


def nobody_behind_the_proxy(scene: Scene) -> None:
    """Receivers are installed anew: their proxy finds nobody for a while, whatever it is asked."""
    scene.site.moods({system: ["nobody"] for system in ("keyed", "batches", "optional")}, seed=scene.seed())
    scene.live()
    scene.wait(2 * DOWN_SECONDS)
    scene.site.moods()


def bad_lines(*moods: str) -> Fault:
    """The lines to all systems are bad, whatever is spoken over them."""

    def fault(scene: Scene) -> None:
        scene.site.moods(lines={system: list(moods) for system in SYSTEMS}, share=scene.chance.uniform(0.3, 0.9), seed=scene.seed())
        scene.live()
        scene.wait(2 * DOWN_SECONDS)
        scene.site.moods()

    return fault


def bad_lines_and_deaths(scene: Scene) -> None:
    """While the lines are bad, processes are killed, too."""
    scene.site.moods(lines={system: list(BAD_LINES) for system in SYSTEMS}, share=0.5, seed=scene.seed())
    scene.live()
    for _time in range(3):
        scene.site.kill([scene.chance.choice(scene.site.everybody())])
        scene.wait(0.3, 1)
    scene.site.moods()


def late_requests(scene: Scene) -> None:
    """What systems that know no revisions are asked reaches them late: when they have learnt something newer."""
    scene.site.moods({"states": ["late"], "tenant": ["late"]}, share=scene.chance.uniform(0.3, 0.7), seed=scene.seed())
    scene.live()
    scene.wait(WINDOW_SECONDS)
    scene.people.change_their_minds()
    scene.wait(WINDOW_SECONDS)
    scene.site.moods()
    scene.wait(LATE_SECONDS)


def directory_killed(scene: Scene) -> None:
    """The directory dies in the middle of changes, and a worker with it."""
    scene.live()
    for _time in range(2):
        scene.wait(0.2, 1)
        scene.site.directory.stop(signal.SIGKILL)
        scene.site.kill([scene.chance.choice(scene.site.everybody())])
        scene.wait(0.5, 1.5)
        scene.site.directory.start()


def directory_sleeps(scene: Scene) -> None:
    """The directory takes connections and answers nobody, past all leases; then does what it had been asked."""
    scene.live()
    scene.wait(0.5, 1.5)
    assert scene.site.directory.process
    scene.site.directory.process.send_signal(signal.SIGSTOP)
    scene.wait(LEASE_SECONDS + 1)
    scene.site.directory.process.send_signal(signal.SIGCONT)


def three_hours_away(scene: Scene) -> None:
    """A system of each kind is away for three hours, in which the others go on."""
    scene.site.moods({"keyed": ["broken"], "optional": ["broken"], "tenant": ["broken"]}, lines={"directory": ["refused"]})
    scene.live()
    scene.wait(WINDOW_SECONDS)
    for _step in range(OUTAGE // STEP):
        _pass(scene, STEP)
        scene.wait(0.6, 1.2)
    scene.site.moods()
    _pass(scene, STEP)


def _pass(scene: Scene, time_passed: timedelta) -> None:
    """For whatever has a time in the database it is that much later; what a worker has in hand keeps its lease."""
    scene.site.moved.append((time.time(), time_passed.total_seconds()))
    for model in WITH_TIMES:
        names = [one.name for one in model._meta.get_fields() if isinstance(one, models.DateTimeField) and one.name != "lease_until"]
        scene.people.insist(partial(model.objects.update, **{name: F(name) - time_passed for name in names}))


def unknown_version(scene: Scene) -> None:
    """Some rows are of a version that no worker knows: they wait, the others do not, until there are workers who know it."""
    scene.live()
    newer = Delivery.objects.filter(state=DeliveryState.WAITING, attempt=0)
    chosen = list(newer.values_list("pk", flat=True)[: scene.chance.randint(3, 12)])
    theirs = newer.filter(pk__in=chosen)
    theirs.update(payload_version=PAYLOAD_VERSION + 1)
    waiting = Delivery.objects.filter(pk__in=chosen, payload_version=PAYLOAD_VERSION + 1)
    scene.wait(WINDOW_SECONDS + DOWN_SECONDS)
    scene.found["version not awaited"] = waiting.exclude(state__in=[DeliveryState.WAITING, DeliveryState.SUPERSEDED]).count()
    waiting.update(payload_version=PAYLOAD_VERSION)


def poison(scene: Scene) -> None:
    """One account kills every worker that takes it in hand: it is put aside for a person, and nobody else is."""
    victim = scene.people.ready(1)[0]
    (scene.site.folder / "poison").write_text(victim.common_id)
    scene.people.have_applied(victim)
    scene.live()
    theirs = Delivery.objects.filter(account=victim)
    aside, in_hand = theirs.filter(state=DeliveryState.FAILED), theirs.filter(state=DeliveryState.SENT)
    try:
        scene.site.eventually("the poison is put aside", lambda: aside.count() == ConnectedSystem.objects.count(), DEADLY_SECONDS)
    finally:  # what comes after is judged for itself
        (scene.site.folder / "poison").unlink()
        scene.site.eventually("the last that died of it is missed", lambda: not in_hand.exists())
        _have_it_retried(victim)


def _have_it_retried(victim: Account) -> None:
    for delivery in Delivery.objects.filter(account=victim, state=DeliveryState.FAILED):
        retry(delivery, actor=None)
