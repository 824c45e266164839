"""People press SAVE in the browser while the site breaks: whatever they saw, they have applied once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.faults.browser import Browser
from tests.faults.orders import order
from tests.faults.scene import Fault, Scene
from tests.faults.site import NotInTime

SAVERS = 4
PRESSES = 40
Press = Callable[[Browser], bool]  # whether the site said that this was done
Breaks = Callable[[Scene], object]


def by_hand(press: Press, breaks: Breaks) -> Fault:
    """Some people save in this way, the site breaks in that way after each has begun, the others live as always."""

    def fault(scene: Scene) -> None:
        savers = [(account, Browser(scene.site.port, account)) for account in scene.people.ready(SAVERS)]
        for _account, browser in savers:
            scene.site.eventually("the page", lambda seen=browser: seen.has_applied() is False)
        with ThreadPoolExecutor(SAVERS) as hands:
            pressed = []
            for _account, browser in savers:
                pressed.append(hands.submit(press, browser))
                breaks(scene)
            scene.live()
            accepted = [one.result() for one in pressed]
        for (account, browser), was_told in zip(savers, accepted, strict=True):
            if not was_told:
                until_applied(scene, browser)
            scene.people.told.append(account.common_id)

    return fault


def until_applied(scene: Scene, browser: Browser) -> None:
    """Look at the page; press SAVE again as long as it asks the question."""
    for _press in range(PRESSES):
        seen = browser.has_applied()
        if seen:
            return
        if seen is False:
            browser.save()
        scene.wait(0.3)
    raise NotInTime("the page never said that the application had arrived")


def once(browser: Browser) -> bool:
    """As one should."""
    return browser.save()


def twice_at_once(browser: Browser) -> bool:
    """A double click, and the same in another tab."""
    with ThreadPoolExecutor(3) as fingers:
        pressed = [fingers.submit(browser.save) for _finger in range(3)]
        return any(one.result() for one in pressed)


def and_leave(browser: Browser) -> bool:
    """The connection is closed without waiting for the answer, three times."""
    for _time in range(3):
        browser.save_and_leave()
    return False


def somebody_dies(scene: Scene) -> None:
    """A process of the web server, of a worker or of beat."""
    scene.wait(0, 0.15)
    scene.site.kill([scene.chance.choice(scene.site.everybody())])


def web_dies(point: str) -> Breaks:
    """The web process that is at this point."""
    return lambda scene: (order(point), scene.wait(0.2, 0.6))


def nothing_breaks(scene: Scene) -> None:
    """All is well."""
