"""Administrators change what the systems are like while changes are on their way to them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState
from tests.faults.oracle import is_quiet
from tests.faults.people import CREDENTIALS
from tests.faults.scene import DOWN_SECONDS, LIVING_SECONDS, QUIET_SECONDS, Scene
from tests.faults.site import LEASE_SECONDS, SYSTEMS, WINDOW_SECONDS

USUAL = {"window_minutes": None, "batch_size": 50, "per_minute": None}
PER_REQUEST = {"keyed": 1, "batches": 20, "optional": 1}  # the webhooks: what is in hand by another number counts for nothing
TIMES = 12


def settings_change(scene: Scene) -> None:
    """How a system is spoken to, window, batch, rate, and whether it is waited for, again and again, in the middle; in the end as before."""
    change = scene.people.administrator.change
    acts = list(scene.acts)
    for _time in range(TIMES):
        code = scene.chance.choice(SYSTEMS)
        acts.insert(scene.chance.randint(0, len(acts)), _insisted(scene, change, code, **_settings(scene, code)))
    scene.people.live(acts, 2 * LIVING_SECONDS)
    scene.wait(0, 2 * WINDOW_SECONDS)
    for code in SYSTEMS:
        many = {"option_per_request": PER_REQUEST[code]} if code in PER_REQUEST else {}
        _insisted(scene, change, code, **USUAL, **many, required=code != "optional")()


def _settings(scene: Scene, code: str) -> dict[str, Any]:
    """One or more of them, each anything that the form takes."""
    possible = {
        "window_minutes": scene.chance.uniform(0, 3 * WINDOW_SECONDS / 60),
        "batch_size": scene.chance.choice([1, 2, 7, 200]),
        "per_minute": scene.chance.choice([120, 600, 6000]),
        "required": scene.chance.random() < 0.5,
    }
    if code in PER_REQUEST:
        possible["option_per_request"] = scene.chance.randint(1, 20)
    return {name: possible[name] for name in scene.chance.sample(sorted(possible), scene.chance.randint(1, len(possible)))}


def system_switched_off(scene: Scene) -> None:
    """A system is switched off and on again while people apply; what it was not told of it learns when somebody has it compared."""
    administrator, code = scene.people.administrator, scene.chance.choice(SYSTEMS)
    off, on = (_insisted(scene, administrator.change, code, enabled=enabled) for enabled in (False, True))
    acts = list(scene.acts)
    first = scene.chance.randint(0, len(acts) // 2)
    acts.insert(first, off)
    acts.insert(scene.chance.randint(first + 1, len(acts)), on)
    scene.people.live(acts, LIVING_SECONDS)
    scene.site.eventually("quiet", is_quiet, QUIET_SECONDS)
    _insisted(scene, administrator.bring_up_to_date, code)()


def system_stopped_by_hand(scene: Scene) -> None:
    """An administrator stops a system in the middle, and resumes it."""
    administrator, code = scene.people.administrator, scene.chance.choice(SYSTEMS)
    acts = list(scene.acts)
    acts.insert(scene.chance.randint(0, len(acts)), _insisted(scene, administrator.stop, code))
    scene.people.live(acts, LIVING_SECONDS)
    scene.wait(DOWN_SECONDS, 2 * DOWN_SECONDS)
    _insisted(scene, administrator.resume, code)()


def wrong_credentials(scene: Scene) -> None:
    """Wrong credentials are entered, the system is stopped over them, the right ones are entered, and it is resumed."""
    code = scene.chance.choice(sorted(CREDENTIALS))
    _enter(scene, code, "mistyped")
    scene.live()
    stopped = ConnectedSystem.objects.filter(code=code).exclude(stopped_reason="")
    scene.site.eventually("the system is stopped", stopped.exists)
    _enter(scene, code, CREDENTIALS[code])
    _insisted(scene, scene.people.administrator.resume, code)()


def wrong_for_a_moment(scene: Scene) -> None:
    """The right credentials are entered while a worker speaks to the system by wrong ones: it stops nothing any more."""
    code = scene.chance.choice(sorted(CREDENTIALS))
    scene.site.moods(lines={code: ["slow"]}, seed=scene.seed())
    for account in scene.people.newcomers:
        scene.people.have_applied(account)
    _enter(scene, code, "mistyped")
    in_hand = Delivery.objects.filter(system__code=code, state=DeliveryState.SENT)
    scene.site.eventually("a worker has it in hand", in_hand.exists)
    _enter(scene, code, CREDENTIALS[code])
    _insisted(scene, scene.people.administrator.resume, code)()
    scene.wait(LEASE_SECONDS)
    scene.found["stopped after it was corrected"] = ConnectedSystem.objects.filter(code=code).exclude(stopped_reason="").count()
    scene.site.moods()
    scene.live()


def _enter(scene: Scene, code: str, credentials: str) -> None:
    _insisted(scene, scene.people.administrator.change, code, new_credentials=credentials)()


def _insisted(scene: Scene, do: Callable[..., object], *args: Any, **kwargs: Any) -> Callable[[], None]:
    return lambda: scene.people.insist(partial(do, *args, **kwargs))
