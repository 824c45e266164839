"""The last day of a running campaign is moved: told to whoever has not finished; to an earlier one by two people where it requires something."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.models import Event
from campaigns.asking import asked_of, snooze
from campaigns.models import Campaign, Member, Wish
from campaigns.moving import move
from campaigns.reminding import TEMPLATE
from campaigns.running import look_after
from campaigns.schedule import mail_days, today
from campaigns.starting import approve, ask, refuse
from methods.letters import written
from methods.models import Message
from tests.campaigns.days import on
from tests.campaigns.people import a_draft, somebody, started
from tests.factories import a_method, a_totp_app, a_verification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def again() -> None:
    Campaign.objects.update(mails_after=None)
    Message.objects.filter(template=TEMPLATE).update(state="sent")
    look_after()


def later(campaign: Campaign, days: int, actor: Account, *, seen: int | None = None, reason: str = "A holiday") -> Campaign:
    return move(campaign, campaign.edits if seen is None else seen, today() + timedelta(days=days), actor=actor, reason=reason)


@pytest.mark.parametrize("requires", [False, True])
def test_whoever_has_not_finished_is_told_at_once_and_reminded_anew(ada: Account, eva: Account, *, requires: bool) -> None:
    waits, _done = somebody(), somebody("finished")
    running = started(ada, eva, days=20, remind_before=[14, 3], requires=requires)
    assert Message.objects.filter(template=TEMPLATE).count() == 1
    with on(18):
        again()
        told = Message.objects.filter(template=TEMPLATE).count()
        moved = later(running, 22, ada)
        again()
        again()
        assert Message.objects.filter(template=TEMPLATE).count() == told + 1
        mail = Message.objects.get(template=TEMPLATE, facts__until=moved.due_on.isoformat())
        assert (mail.account_id, mail.facts["moved"]) == (waits.pk, True)
        assert [(day - today()).days for day in mail_days(moved)] == [0, 8, 19, 22]
    waits.refresh_from_db()
    assert waits.campaign_until == moved.due_on
    with on(26):
        again()
        assert Message.objects.filter(template=TEMPLATE).latest("due_at").facts["moved"] is False
    event = Event.objects.get(name=EventName.CAMPAIGN_MOVED)
    assert (event.before["until"], event.after["until"]) == (running.due_on.isoformat(), moved.due_on.isoformat())
    assert (event.actor_id, event.reason) == (ada.pk, "A holiday")


@pytest.mark.parametrize("days", [-1, 0, 20, 400])
def test_the_new_day_is_another_one_after_today_and_within_a_year(ada: Account, eva: Account, days: int) -> None:
    somebody()
    running = started(ada, eva, days=20)
    with pytest.raises(Refused, match="campaign-not-another-day"):
        later(running, days, ada)
    assert not Event.objects.filter(name=EventName.CAMPAIGN_MOVED).exists()


def test_an_earlier_day_ends_what_was_put_off_and_says_that_there_is_less_time(ada: Account, eva: Account) -> None:
    waits, _done = somebody(), somebody("finished")
    running = started(ada, eva, days=20, remind_before=[3], snooze_days=15)
    snooze(Account.objects.get(pk=waits.pk), actor=waits)
    with on(1):
        moved = later(running, 5, ada)
        asked = asked_of(Account.objects.get(pk=waits.pk))
        assert asked
        assert not asked.is_put_off
        again()
        mail = Message.objects.get(template=TEMPLATE, facts__until=moved.due_on.isoformat())
        assert (mail.account_id, mail.facts["moved"], mail.facts["earlier"]) == (waits.pk, True, True)
        _subject, body = written(waits, TEMPLATE, mail.facts)
        assert "You have less time than before" in body
        waits.refresh_from_db()
        assert waits.campaign_until == moved.due_on
        assert Member.objects.get(account=waits).snoozed == 1, "how often it was put off still counts"


def test_where_something_is_required_an_earlier_day_takes_two(ada: Account, eva: Account, sato: Account) -> None:
    waits = somebody()
    running = started(ada, eva, days=20, requires=True)
    asked = later(running, 5, ada, reason="A wave of phishing")
    assert (asked.wish, asked.due_on) == (Wish.MOVE, running.due_on), "nothing has changed yet"
    request = Event.objects.filter(name=EventName.CAMPAIGN_REQUESTED).latest("pk")
    assert asked.move_to
    assert (request.after["wish"], request.after["until"]) == ("move", asked.move_to.isoformat())
    with pytest.raises(Refused, match="campaign-own"):
        approve(asked, asked.edits, actor=ada)
    with pytest.raises(Refused, match="not-allowed"):
        approve(asked, asked.edits, actor=sato)
    with pytest.raises(Refused, match="campaign-changed"):
        later(asked, 9, eva)
    moved = approve(asked, asked.edits, actor=eva)
    assert (moved.wish, moved.due_on, moved.moved_from) == (Wish.NONE, today() + timedelta(days=5), running.due_on)
    event = Event.objects.get(name=EventName.CAMPAIGN_MOVED)
    assert (event.actor_id, event.reason, event.after["requested_by"]) == (eva.pk, "A wave of phishing", ada.common_id)
    again()
    waits.refresh_from_db()
    assert waits.campaign_until == moved.due_on


def test_an_earlier_day_that_has_come_meanwhile_or_was_refused_counts_for_nothing(ada: Account, eva: Account) -> None:
    somebody()
    running = started(ada, eva, days=20, requires=True)
    asked = later(running, 1, ada)
    with on(1), pytest.raises(Refused, match="campaign-not-another-day"):
        approve(asked, asked.edits, actor=eva)
    asked = refuse(asked, actor=ada)
    assert (asked.wish, asked.move_to, asked.due_on) == (Wish.NONE, None, running.due_on)
    assert later(asked, 30, ada).due_on == today() + timedelta(days=30), "a later one takes one person alone"


def test_one_that_requires_is_not_moved_after_its_last_day(ada: Account, eva: Account) -> None:
    somebody()
    running = started(ada, eva, days=3, requires=True)
    with on(4), pytest.raises(Refused, match="campaign-not-running"):
        later(running, 20, ada)


def test_nothing_else_is_moved(ada: Account, eva: Account, sato: Account) -> None:
    somebody()
    with pytest.raises(Refused, match="campaign-not-running"):
        later(a_draft(ada), 30, ada)
    running = started(ada, eva)
    for actor, seen, reason, code in (
        (sato, None, "x", "not-allowed"),
        (ada, 7, "x", "campaign-changed"),
        (ada, None, " ", "reason-missing"),
    ):
        with pytest.raises(Refused, match=code):
            later(running, 30, actor, seen=seen, reason=reason)
    ask(running, Wish.END, running.edits, actor=ada, reason="x")
    with pytest.raises(Refused, match="campaign-not-running"):
        later(running, 30, ada)


def test_a_page_that_was_open_before_ends_nothing_afterwards(ada: Account, eva: Account) -> None:
    somebody()
    running = started(ada, eva)
    later(running, 30, ada)
    with pytest.raises(Refused, match="campaign-changed"):
        ask(running, Wish.END, running.edits, actor=eva, reason="x")


def test_the_page_offers_it_and_says_what_is_wrong(ada: Account, eva: Account, browser_of: Callable[..., Client]) -> None:
    somebody()
    a_totp_app(ada)
    a_method(ada, "fido", name="key")
    running = started(ada, eva)
    client, path = browser_of(ada, verified=a_verification("fido")), f"/policies/campaigns/{running.uid}/"
    assert "Move the last day" in client.get(path).content.decode()
    form = {"seen": running.edits, "due_on": "soon", "reason": "A holiday"}
    assert "Enter a day and a reason." in client.post(f"{path}move/", form, follow=True).content.decode()
    same = form | {"due_on": running.due_on.isoformat()}
    assert "Choose another last day" in client.post(f"{path}move/", same, follow=True).content.decode()
    page = client.post(f"{path}move/", form | {"due_on": (today() + timedelta(days=40)).isoformat()}, follow=True).content.decode()
    assert "The last day is moved." in page


def test_the_page_says_that_an_earlier_day_waits_for_a_second_person(ada: Account, eva: Account, browser_of: Callable[..., Client]) -> None:
    somebody()
    for account in (ada, eva):
        a_totp_app(account)
        a_method(account, "fido", name="key")
    running = started(ada, eva, requires=True)
    client, path = browser_of(ada, verified=a_verification("fido")), f"/policies/campaigns/{running.uid}/"
    form = {"seen": running.edits, "due_on": (today() + timedelta(days=5)).isoformat(), "reason": "Phishing"}
    page = client.post(f"{path}move/", form, follow=True).content.decode()
    for words in ("Somebody else has to agree within a day.", "An earlier last day waits for a second person", "New last day"):
        assert words in page
    other = browser_of(eva, verified=a_verification("fido"))
    assert "Agree" in other.get(path).content.decode()
    other.post(f"{path}approve/", {"seen": Campaign.objects.get().edits})
    assert Campaign.objects.get().due_on == today() + timedelta(days=5)
