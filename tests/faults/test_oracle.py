"""The oracle sees: a true story has no fault, and each way in which it can be untrue is called by its name."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from audit.seals import sealing
from policies.clock import database_now
from policies.models import Application, ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState
from policies.states import ApplicationState
from tests.faults.directory import turns
from tests.faults.oracle import Promised, Record, is_quiet, judge
from tests.faults.turns import story as telling
from tests.harness.append_only import triggers_lifted

HANA = "1000000001"
CODES = ("local", "keyed", "states")  # the second knows revisions, the third holds a state
pytestmark = [pytest.mark.django_db, pytest.mark.covers("S-91", "S-144")]


class Story:
    """Hana has applied, every system has been told in time, her MFA use is in effect: the rows, and the systems' own record."""

    def __init__(self, hana: Account) -> None:
        self.hana, self.now = hana, database_now()
        for code in CODES[1:]:
            ConnectedSystem.objects.create(code=code, connector="webhook", name_en=code, name_ja=code)
        ConnectedSystem.objects.filter(code="local").update(name_en="local")
        self.record: Record = {"effects": [], "turns": [], "holds": [], "requests": {}}
        record(EventName.APPLICATION_SUBMITTED, account=hana, actor=hana)
        self.application = self.applied(1, "on", seconds_ago=20)
        self.promised = Promised([str(self.application.uid)], [HANA])
        Account.objects.update(mfa_asked_here=True)

    def at(self, seconds_ago: float) -> datetime:
        return self.now - timedelta(seconds=seconds_ago)

    def applied(self, revision: int, state: str, *, seconds_ago: float) -> Application:
        """A revision that has reached every system a second after it was due; `seconds_ago` it was due."""
        due, done = self.at(seconds_ago), self.at(seconds_ago - 1)
        application = Application.objects.create(
            account=self.hana, revision=revision, state=ApplicationState.IN_EFFECT if state == "on" else ApplicationState.WITHDRAWN,
            text_version="x", tested_at=due, submitted_at=due, settled_at=done if state == "on" else None,
        )  # fmt: skip
        for system in ConnectedSystem.objects.all():
            Delivery.objects.create(
                account=self.hana, application=application, system=system, revision=revision, desired=state,
                state=DeliveryState.CONFIRMED, planned_at=due, due_at=due, next_try_at=due, confirmed_at=done,
            )  # fmt: skip
            with time_machine.travel(done, tick=False):
                self.confirmed(system.code, revision, state)
        record(EventName.APPLICATION_IN_EFFECT if state == "on" else EventName.APPLICATION_WITHDRAWN, account=self.hana)
        self.effect(revision, state, seconds_ago=seconds_ago - 1)
        self.turn(state, seconds_ago=seconds_ago - 1)
        self.record["holds"] = [[code, HANA, state] for code in CODES[1:]]
        return application

    def confirmed(self, system: str, revision: int, state: str) -> None:
        record(EventName.DELIVERY_CONFIRMED, account=self.hana, after={"system": system, "revision": revision, "state": state})

    def told(self, seconds_ago: float) -> dict[str, Any]:
        return {"account": HANA, "at": self.at(seconds_ago).timestamp()}

    def effect(self, revision: int, state: str, *, seconds_ago: float) -> None:
        self.record["effects"].append(self.told(seconds_ago) | {"system": "keyed", "revision": revision, "state": state, "key": "k"})

    def turn(self, state: str, *, seconds_ago: float, asked: float | None = None) -> None:
        """A change of state; `asked` for so many seconds ago, which is when it was carried out unless it was late."""
        when = self.at(seconds_ago if asked is None else asked).timestamp()
        self.record["turns"].append(self.told(seconds_ago) | {"system": "states", "state": state, "asked": when})

    def deliveries(self, code: str = "keyed") -> Any:
        return Delivery.objects.filter(system__code=code)

    def broken(self) -> dict[str, int]:
        return dict(judge(self.record, self.promised))


@pytest.fixture
def story(hana: Account) -> Story:
    return Story(hana)


def test_a_true_story_has_no_fault(story: Story) -> None:
    assert story.broken() == {}
    assert is_quiet()


def test_also_when_one_change_follows_another(story: Story) -> None:
    Application.objects.update(state=ApplicationState.TERMINATED)
    record(EventName.APPLICATION_TERMINATED, account=story.hana)
    story.applied(2, "off", seconds_ago=10)
    story.applied(3, "on", seconds_ago=5)
    assert story.broken() == {}


def test_an_accepted_application_that_is_not_there_any_more_is_lost(story: Story) -> None:
    story.promised = replace(story.promised, applications=[*story.promised.applications, "another"])
    assert story.broken() == {"lost": 1}


def test_whoever_was_told_so_by_the_page_and_has_no_application_has_lost_it(story: Story) -> None:
    story.promised = replace(story.promised, accounts=[HANA, "1000000009"])
    assert story.broken() == {"lost": 1}


def test_an_application_without_an_end_is_lost(story: Story) -> None:
    Application.objects.update(state=ApplicationState.APPLIED)
    assert story.broken()["lost"] >= 1
    assert not is_quiet()


@pytest.mark.parametrize("system", CODES)
def test_what_was_marked_as_confirmed_and_never_sent_is_lost(story: Story, system: str) -> None:
    story.record["holds"] = [one for one in story.record["holds"] if one[0] != system]
    Account.objects.update(mfa_asked_here=system != "local")
    assert story.broken() == {"lost": 1}


def test_the_same_revision_under_another_key_is_twice(story: Story) -> None:
    story.effect(1, "on", seconds_ago=3)
    assert story.broken() == {"twice": 1}


def test_two_applications_by_one_double_click_are_twice(story: Story) -> None:
    record(EventName.APPLICATION_SUBMITTED, account=story.hana, actor=story.hana)
    assert story.broken() == {"twice": 1}


@pytest.mark.parametrize("told", ["effects", "turns"])
def test_what_a_system_learns_before_it_is_due_is_early(story: Story, told: str) -> None:
    for when in {"at", "asked"} & story.record[told][0].keys():
        story.record[told][0][when] -= 2
    assert story.broken() == {"early": 1}


def test_what_is_confirmed_before_it_is_due_is_early(story: Story) -> None:
    story.deliveries().update(confirmed_at=story.at(30))
    assert story.broken() == {"early": 1}


@pytest.mark.parametrize(("seconds_late", "broken"), [(1, {}), (-1, {"early": 2})])
def test_the_time_is_that_of_the_rows_at_that_moment(story: Story, seconds_late: int, broken: dict[str, int]) -> None:
    for told in (*story.record["effects"], *story.record["turns"]):
        told.update(dict.fromkeys({"at", "asked"} & told.keys(), story.at(20 - seconds_late).timestamp()))
    hour = timedelta(hours=1)
    Delivery.objects.update(due_at=story.at(20) - hour)
    story.promised = replace(story.promised, moved=[(story.at(5).timestamp(), hour.total_seconds())])
    assert story.broken() == broken


def test_an_older_revision_after_a_newer_one_is_stale(story: Story) -> None:
    story.applied(2, "off", seconds_ago=10)
    story.effect(1, "on", seconds_ago=1)
    assert story.broken()["stale"] == 1


def test_a_state_that_no_newer_revision_explains_is_stale(story: Story) -> None:
    story.turn("off", seconds_ago=5)
    story.turn("on", seconds_ago=4)
    assert story.broken() == {"stale": 2}


def test_a_state_that_comes_after_the_system_has_confirmed_a_newer_one_is_stale(story: Story) -> None:
    story.applied(2, "off", seconds_ago=10)
    story.record["turns"] = []
    story.turn("on", seconds_ago=5)
    assert story.broken()["stale"] == 1


def test_what_was_overtaken_before_it_was_told_explains_nothing_later(story: Story) -> None:
    story.deliveries("states").update(state=DeliveryState.SUPERSEDED, confirmed_at=None)
    Application.objects.update(state=ApplicationState.TERMINATED)
    story.applied(2, "off", seconds_ago=10)
    story.record["turns"] = []
    story.applied(3, "on", seconds_ago=5)
    assert not {"stale", "early"} & story.broken().keys()


@pytest.mark.parametrize(("asked", "stale"), [(15, 0), (7, 2)])
def test_what_was_asked_for_before_something_newer_was_confirmed_is_late_and_put_right(story: Story, asked: float, stale: int) -> None:
    story.applied(2, "off", seconds_ago=10)
    story.turn("on", seconds_ago=6, asked=asked)
    story.turn("off", seconds_ago=4)
    assert story.broken().get("stale", 0) == stale
    assert bool(list(telling(story.record, ()))) is bool(stale)


def test_that_a_system_was_told_once_more_hides_nothing_that_was_stale(story: Story) -> None:
    story.applied(2, "off", seconds_ago=10)
    story.turn("on", seconds_ago=6)
    story.deliveries("states").filter(revision=2).update(confirmed_at=story.at(3))
    record(EventName.DELIVERY_REPEATED, account=story.hana, after={"system": "states", "revision": 2, "state": "off"})
    story.confirmed("states", 2, "off")
    assert story.broken()["stale"] == 1


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.UNSURE])
def test_what_waits_for_a_person_is_stuck(story: Story, state: DeliveryState) -> None:
    story.deliveries().update(state=state)
    assert story.broken()["stuck"] == 1


def test_a_system_that_was_stopped_waits_for_a_person(story: Story) -> None:
    ConnectedSystem.objects.filter(code="states").update(stopped_reason="HTTP 403")
    assert story.broken() == {"stopped": 1}


def test_a_change_of_state_without_its_event_or_with_two_is_seen(story: Story) -> None:
    record(EventName.APPLICATION_IN_EFFECT, account=story.hana)
    story.confirmed("keyed", 1, "on")
    assert story.broken() == {"events": 2}


def test_what_a_comparison_found_missing_is_told_for_the_first_time(story: Story) -> None:
    system = ConnectedSystem.objects.create(code="later", connector="webhook", name_en="later", name_ja="later")
    row = story.deliveries().get()
    row.pk, row.uid, row.system = None, uuid.uuid4(), system
    row.save()
    record(EventName.DELIVERY_REPEATED, account=story.hana, after={"system": "later", "revision": 1, "state": "on"})
    story.confirmed("later", 1, "on")
    story.record["effects"].append(story.record["effects"][0] | {"system": "later"})
    story.record["holds"].append(["later", HANA, "on"])
    assert story.broken() == {}
    story.confirmed("later", 1, "on")
    assert story.broken() == {"events": 1}


def test_an_altered_record_breaks_the_chain(story: Story) -> None:
    sealing.seal()
    with triggers_lifted(connection):
        Event.objects.filter(name=EventName.DELIVERY_CONFIRMED).update(address="192.0.2.1")
    assert "chain" in story.broken()


def test_the_journal_of_the_directory_is_read_as_turns() -> None:
    def entry(value: str, second: int) -> str:
        return (
            f"# modify 17 dc=example cn=mfa,dc=example IP=127.0.0.1:1 conn=1\ndn: uid={HANA},ou=people,dc=example\nchangetype: modify\n"
            f"replace: mfaUse\n{value}-\nreplace: entryCSN\nentryCSN: 202611260125{second:02}.920211Z#000000#000#000000\n-\n# end modify 17\n\n"
        )

    on, off = "mfaUse: TRUE\n", ""
    journal = entry(off, 1) + entry(on, 2) + entry(on, 3) + entry(off, 4)
    assert [(one["system"], one["account"], one["state"]) for one in turns(journal)] == [
        ("directory", HANA, "on"),
        ("directory", HANA, "off"),
    ]
    first, second = turns(journal)
    assert second["at"] - first["at"] == 2
