"""Campaigns from the draft to the end: who decides, who is entered, what the door hears, and that whoever has finished is left alone."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.models import Event
from campaigns.counting import Counts, counted, days_of
from campaigns.drafting import Content, discard, edit
from campaigns.enrolling import mark
from campaigns.models import Campaign, CampaignState, DayCount, Member, Wish
from campaigns.running import look_after
from campaigns.schedule import today
from campaigns.starting import approve, ask, refuse
from policies.applications import TEXT_VERSION, submit
from policies.models.applications import TerminationState
from policies.requirements import OVERDUE
from tests.campaigns.people import a_draft, somebody, started
from tests.factories import a_phone, a_totp_app, an_affiliation
from tests.policies.books import in_force
from tests.signin.door import attempt_of, enter_password

pytestmark = pytest.mark.django_db
FREE = {"id": "free", "asks": "none"}
ACCOUNT = "/my-account/"


def after(days: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=False)


def names() -> list[str]:
    return list(Event.objects.filter(name__startswith="campaign:").order_by("pk").values_list("name", flat=True))


def test_one_that_only_asks_is_started_by_one_person_and_one_that_requires_by_two(ada: Account, eva: Account) -> None:
    somebody()
    asks = ask(a_draft(ada), Wish.START, 0, actor=ada, reason="Spring")
    assert asks.state == CampaignState.RUNNING
    requires = ask(a_draft(ada, requires=True), Wish.START, 0, actor=ada, reason="Spring")
    assert (requires.state, requires.wish) == (CampaignState.DRAFT, Wish.START)
    with pytest.raises(Refused, match="campaign-own"):
        approve(requires, requires.edits, actor=ada)
    assert approve(requires, requires.edits, actor=eva).state == CampaignState.RUNNING
    assert names() == ["campaign:drafted", "campaign:started", "campaign:drafted", "campaign:requested", "campaign:started"]
    assert Event.objects.filter(name=EventName.CAMPAIGN_STARTED).latest("pk").after["requested_by"] == ada.common_id


def test_who_has_read_a_request_has_not_agreed_to_the_next_one(ada: Account, eva: Account) -> None:
    somebody()
    first = ask(a_draft(ada, requires=True), Wish.START, 0, actor=ada, reason="Spring")
    again = refuse(first, actor=ada)
    second = ask(again, Wish.START, again.edits, actor=ada, reason="Tomorrow")
    with pytest.raises(Refused, match="campaign-changed"):
        approve(second, first.edits, actor=eva)
    assert approve(second, second.edits, actor=eva).state == CampaignState.RUNNING


def test_the_database_takes_no_requiring_campaign_that_one_person_started(ada: Account, eva: Account) -> None:
    somebody()
    running = started(ada, eva, requires=True)
    with pytest.raises(IntegrityError):
        Campaign.objects.filter(pk=running.pk).update(started_by=ada)


def test_a_request_can_be_taken_back_and_ends_after_a_day(ada: Account, eva: Account) -> None:
    somebody()
    waits = ask(a_draft(ada, requires=True), Wish.START, 0, actor=ada, reason="Spring")
    Campaign.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(Refused, match="campaign-nothing-waits"):
        approve(waits, waits.edits, actor=eva)
    assert refuse(waits, actor=ada).wish == Wish.NONE
    with pytest.raises(Refused, match="campaign-nothing-waits"):
        refuse(waits, actor=ada)
    assert names()[-1] == "campaign:refused"


def test_nothing_is_started_that_asks_nobody_or_is_too_late_or_has_changed(ada: Account) -> None:
    empty = a_draft(ada, affiliations=[an_affiliation("letters")])
    with pytest.raises(Refused, match="campaign-empty"):
        ask(empty, Wish.START, 0, actor=ada, reason="x")
    somebody()
    late = a_draft(ada)
    Campaign.objects.filter(pk=late.pk).update(due_on=today())
    with pytest.raises(Refused, match="campaign-too-late"):
        ask(late, Wish.START, 0, actor=ada, reason="x")
    with pytest.raises(Refused, match="campaign-changed"):
        ask(late, Wish.START, 7, actor=ada, reason="x")
    with pytest.raises(Refused, match="reason-missing"):
        ask(late, Wish.START, 0, actor=ada, reason=" ")
    with pytest.raises(Refused, match="campaign-not-running"):
        ask(late, Wish.END, 0, actor=ada, reason="x")


def test_only_administrators_touch_campaigns(ada: Account, sato: Account) -> None:
    content = Content("A", "B", today() + timedelta(days=2), affiliations=[an_affiliation()])
    mine = a_draft(ada)
    for verb in (lambda: edit(mine, 0, content, actor=sato), lambda: discard(mine, actor=sato), lambda: a_draft(sato)):
        with pytest.raises(Refused, match="not-allowed"):
            verb()
    with pytest.raises(Refused, match="not-allowed"):
        ask(mine, Wish.START, 0, actor=sato, reason="x")


def test_a_draft_is_changed_with_an_eye_on_who_else_did_and_not_once_it_runs(ada: Account) -> None:
    somebody()
    mine, content = a_draft(ada), Content("A", "B", today() + timedelta(days=2), affiliations=[an_affiliation("letters")])
    edit(mine, 0, content, actor=ada)
    with pytest.raises(Refused, match="campaign-changed"):
        edit(mine, 0, content, actor=ada)
    running = ask(a_draft(ada), Wish.START, 0, actor=ada, reason="x")
    for verb in (lambda: edit(running, 0, content, actor=ada), lambda: discard(running, actor=ada)):
        with pytest.raises(Refused, match="campaign-not-draft"):
            verb()
    discard(mine, actor=ada)
    assert {"campaign:edited", "campaign:discarded"} <= set(names())


def test_a_list_of_accounts_is_asked_instead_of_affiliations(ada: Account, hana: Account, ken: Account) -> None:
    running = ask(a_draft(ada, accounts=[ken.common_id]), Wish.START, 0, actor=ada, reason="x")
    look_after()
    assert list(Member.objects.filter(campaign=running).values_list("account", flat=True)) == [ken.pk]


def test_whoever_joins_before_the_last_day_is_asked_and_nobody_afterwards(ada: Account, eva: Account) -> None:
    somebody()
    running = started(ada, eva, requires=True, days=3)
    somebody()
    look_after()
    assert running.members.count() == 2
    with after(4):
        somebody()
        look_after()
        assert running.members.count() == 2


@pytest.mark.covers("S-16")
def test_people_are_counted_by_step_in_one_statement(ada: Account, django_assert_num_queries: Any) -> None:
    for step in ("none", "registered", "tested", "second", "applied", "finished"):
        somebody(step)
    somebody("finished", affiliation=an_affiliation("letters"))
    somebody(left_at=timezone.now())
    draft = a_draft(ada)
    with django_assert_num_queries(2):  # one says which policy is in force
        found = counted(draft)
    assert found == {"science": Counts(people=6, registered=5, second=2, tested=4, applied=2, in_effect=0, finished=1)}


def test_an_approved_exception_is_left_alone(ada: Account, eva: Account) -> None:
    free = somebody("finished")
    application = free.applications.get()
    application.terminations.create(reason="x", state=TerminationState.APPROVED, **_termination(ada))
    free.applications.update(state="terminated")
    Account.objects.update(methods_needed=False)
    somebody("registered")
    started(ada, eva, requires=True)
    free.refresh_from_db()
    assert free.campaign_until is None
    assert Account.objects.filter(campaign_until__isnull=False).count() == 1


def _termination(actor: Account) -> dict[str, Any]:
    now = timezone.now()
    return {"requested_by": actor, "requested_at": now, "expires_at": now, "snapshot": {}, "days": 90, "ends_at": now + timedelta(days=90)}


@pytest.mark.covers("S-101", "S-102")
def test_after_the_last_day_the_password_alone_is_not_enough_until_one_applies(ada: Account, eva: Account) -> None:
    in_force(FREE)
    person = somebody("second")
    started(ada, eva, requires=True, days=2)
    assert _signs_in(person) == "/campaign/?next=%2Fmy-account%2F"
    with after(2):
        assert _signs_in(person).startswith("/campaign/"), "the last day itself is still free"
    with after(3):
        client = Client()
        assert enter_password(client, person, next_path=ACCOUNT)["Location"] == "/signin/verify/"
        assert attempt_of(client).rule == OVERDUE
        assert attempt_of(client).facts["overdue"] is True
        a_totp_app(person, name="fresh", last_signin_at=timezone.now())
        submit(Account.objects.get(pk=person.pk), actor=person, text_version=TEXT_VERSION)
        assert _signs_in(person) == ACCOUNT, "at once, whatever the worker has done"


def _signs_in(person: Account) -> str:
    return str(enter_password(Client(), Account.objects.get(pk=person.pk), next_path=ACCOUNT)["Location"])


@pytest.mark.covers("S-102")
def test_whoever_has_no_method_registers_one_and_is_never_locked_out_by_a_campaign(ada: Account, eva: Account) -> None:
    in_force(FREE, {"part": "registration", "asks": "open"})
    person = somebody("none")
    started(ada, eva, requires=True, days=2)
    with after(5):
        assert _signs_in(person) == "/signin/more-information/"


def test_a_campaign_that_only_asks_requires_nothing_and_is_over_after_its_last_day(ada: Account, eva: Account) -> None:
    in_force(FREE)
    person = somebody("second")
    running = started(ada, eva, days=2)
    with after(3):
        look_after()
        assert _signs_in(person) == ACCOUNT
        running.refresh_from_db()
        assert (running.state, running.ended_by) == (CampaignState.ENDED, None)
        look_after()
        assert not Account.objects.filter(campaign_until__isnull=False).exists()
    assert names()[-1] == "campaign:ended"


def test_ending_one_that_requires_something_already_takes_two_people(ada: Account, eva: Account) -> None:
    in_force(FREE)
    person = somebody("second")
    running = started(ada, eva, requires=True, days=2)
    with after(3):
        held = ask(running, Wish.END, running.edits, actor=ada, reason="Too early")
        assert held.state == CampaignState.RUNNING
        assert _signs_in(person) == "/signin/verify/"
        assert approve(held, held.edits, actor=eva).state == CampaignState.ENDED
        look_after()
        assert _signs_in(person) == ACCOUNT


def test_before_the_last_day_one_person_stops_it(ada: Account, eva: Account) -> None:
    somebody()
    running = started(ada, eva, requires=True)
    assert ask(running, Wish.END, running.edits, actor=eva, reason="Wrong list").state == CampaignState.ENDED
    assert mark() == 1
    assert not Account.objects.filter(campaign_until__isnull=False).exists()


def test_of_two_campaigns_the_one_that_requires_says_the_day(ada: Account, eva: Account) -> None:
    person = somebody("second")
    started(ada, eva, days=3)
    strict = started(ada, eva, days=9, requires=True)
    person.refresh_from_db()
    assert (person.campaign_until, person.campaign_requires) == (strict.due_on, True)


def test_each_day_is_kept_once_and_the_newest_is_brought_up_to_date(ada: Account, eva: Account) -> None:
    somebody("registered")
    running = started(ada, eva, days=9)
    somebody("finished")
    Campaign.objects.update(count_after=None)
    look_after()
    with after(1):
        Campaign.objects.update(count_after=None)
        look_after()
    assert [(day - today(), of.people, of.finished) for day, of in days_of(running)] == [(timedelta(0), 2, 1), (timedelta(1), 2, 1)]
    assert DayCount.objects.count() == 2


def test_marking_goes_in_portions_until_nothing_is_wrong(ada: Account, eva: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.enrolling.PORTION", 2)
    for _ in range(5):
        somebody()
    running = started(ada, eva, requires=True)
    assert running.enrolled
    assert running.members.count() == 5
    assert Account.objects.filter(campaign_until=running.due_on, campaign_requires=True).count() == 5
    assert mark() == 0


def test_whoever_has_applied_but_lacks_a_second_method_is_asked_for_it_where_that_is_wanted(ada: Account, eva: Account) -> None:
    person = somebody("applied")
    started(ada, eva, second_method=False)
    person.refresh_from_db()
    assert person.campaign_until is None
    started(ada, eva, second_method=True)
    person.refresh_from_db()
    assert person.campaign_until is not None
    assert _signs_in(person) == "/signin/verify/"
    a_phone(person)
    mark()
    person.refresh_from_db()
    assert person.campaign_until is None
