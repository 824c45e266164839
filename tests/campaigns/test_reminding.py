"""Reminders: on their days, each once per person, paced, in the person's language, and none to whoever has finished."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from accounts.models import Account
from audit.models import Event
from campaigns.asking import snooze
from campaigns.models import Campaign, Member
from campaigns.reminding import TEMPLATE, remind
from campaigns.running import look_after
from campaigns.schedule import mail_days
from methods import delivery
from methods.models import Message
from policies.clock import database_now
from tests.campaigns.days import NOON, on
from tests.campaigns.people import somebody, started
from tests.harness.parallel import run_parallel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def again() -> None:
    """As if a minute had passed by the database's clock, and the mails had gone out."""
    Campaign.objects.update(mails_after=None)
    Message.objects.filter(template=TEMPLATE).update(state="sent")
    look_after()


def planned() -> int:
    return Message.objects.filter(template=TEMPLATE).count()


def test_mails_go_out_at_the_start_before_the_last_day_and_on_it_each_once(ada: Account, eva: Account) -> None:
    somebody()
    running = started(ada, eva, days=20, remind_before=[14, 3, 30])
    assert [(day - NOON.date()).days for day in mail_days(running)] == [0, 6, 17, 20]
    for day, mails in ((0, 1), (1, 1), (5, 1), (6, 2), (7, 2), (17, 3), (20, 4), (21, 4)):
        with on(day):
            again()
            again()
        assert planned() == mails, day
    assert Event.objects.filter(name="campaign:reminded").count() == 4


def test_whoever_comes_late_or_was_missed_gets_one_mail_and_not_all(ada: Account, eva: Account) -> None:
    started_with = somebody()
    started(ada, eva, days=20)
    with on(18):
        late = somebody()
        again()
        assert set(Message.objects.filter(account=late).values_list("template", flat=True)) == {TEMPLATE}
    assert Message.objects.filter(account=late).count() == 1
    assert Message.objects.filter(account=started_with).count() == 2


def test_nobody_is_told_who_has_finished_left_or_has_no_address(ada: Account, eva: Account) -> None:
    somebody("finished")
    somebody(contact_address="")
    left = somebody()
    started(ada, eva, days=20)
    Message.objects.all().delete()
    Account.objects.filter(pk=left.pk).update(left_at=database_now())
    with on(7):
        again()
    assert planned() == 0
    assert set(Member.objects.values_list("reminded", flat=True)) == {2}, "and nobody is looked at again on that day"


def test_no_mail_is_planned_at_night(ada: Account, eva: Account) -> None:
    somebody()
    with on(0, hour=22):
        started(ada, eva, days=20)
        assert planned() == 0
    with on(1, hour=7):
        again()
        assert planned() == 0
    with on(1, hour=8):
        again()
    assert planned() == 1


def test_a_portion_a_minute_spread_over_it_and_none_while_others_wait(ada: Account, eva: Account, settings: Any) -> None:
    settings.MFA_CAMPAIGN_MAILS_PER_MINUTE = 4
    for _ in range(10):
        somebody()
    running = started(ada, eva, days=20)
    assert planned() == 4
    remind(running)
    assert planned() == 4, "not twice in a minute"
    Campaign.objects.update(mails_after=None)
    remind(running)
    assert planned() == 4, "nor while the mails before have not gone out"
    due = list(Message.objects.order_by("due_at").values_list("due_at", flat=True))
    assert [round((one - due[0]).total_seconds()) for one in due] == [0, 14, 28, 41]
    again()
    again()
    assert planned() == 10
    assert Message.objects.values("account").distinct().count() == 10


def test_the_pace_counts_mails_and_not_those_who_have_finished(
    ada: Account, eva: Account, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MFA_CAMPAIGN_MAILS_PER_MINUTE = 2
    monkeypatch.setattr("campaigns.reminding.PORTION", 2)
    steps = ("finished", "finished", "finished", "none", "none", "none", "finished", "none")
    people = [somebody(step).pk for step in steps]
    started(ada, eva, days=20)
    assert planned() == 2
    looked_at = Member.objects.filter(reminded=1).order_by("account_id")
    assert list(looked_at.values_list("account_id", flat=True)) == people[:5], "and nobody behind the last who is told"
    assert list(looked_at.exclude(mailed_at=None).values_list("account_id", flat=True)) == people[3:5]
    again()
    assert (planned(), looked_at.count()) == (4, 8)


def test_one_turn_looks_at_so_many_and_the_next_goes_on_behind_them(ada: Account, eva: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.reminding.PORTION", 2)
    monkeypatch.setattr("campaigns.reminding.LOOK_FOR", 0.0)
    for step in ("finished", "finished", "finished", "none"):
        somebody(step)
    started(ada, eva, days=20)
    assert (planned(), Member.objects.filter(reminded=1).count()) == (0, 2)
    again()
    assert (planned(), Member.objects.filter(reminded=1).count()) == (1, 4)


def test_a_beat_that_comes_a_moment_early_is_not_lost(ada: Account, eva: Account, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MFA_CAMPAIGN_MAILS_PER_MINUTE = 1
    for _ in range(4):
        somebody()
    running = started(ada, eva, days=20)
    first = database_now()
    for minute, early in ((1, 0.004), (2, 0.01), (3, 0.5)):
        moment = first + timedelta(seconds=60 * minute - early)
        monkeypatch.setattr("campaigns.reminding.database_now", lambda moment=moment: moment)
        Message.objects.filter(template=TEMPLATE).update(state="sent")
        assert remind(running) == 1, minute


def test_a_code_does_not_wait_behind_reminders(ada: Account, eva: Account, settings: Any) -> None:
    settings.MFA_CAMPAIGN_MAILS_PER_MINUTE = 600
    for _ in range(60):
        somebody()
    started(ada, eva, days=20)
    assert planned() == 60
    for seconds, met in ((0, 1), (2, 3), (10, 11)):
        with time_machine.travel(NOON + timedelta(seconds=seconds), tick=False):
            assert len(delivery.due("mail")) == met, "a sweep meets a few seconds' worth"


@pytest.mark.covers("S-139")
def test_the_mail_is_in_the_persons_language_with_the_institutions_words_and_the_next_step(ada: Account, eva: Account) -> None:
    somebody(language="en")
    somebody("tested", language="ja")
    running = started(ada, eva, days=20, words_en="Ask <Bob>.", words_ja="窓口へどうぞ。", requires=True)
    with on(0, hour=13):
        for message in Message.objects.filter(template=TEMPLATE):
            delivery.deliver(message.pk)
    english, japanese = sorted((one for one in mail.outbox if running), key=lambda one: "窓口へどうぞ" in one.body)
    for words in ("Ask <Bob>.", "Register a verification method", "http", "every sign-in with your account is verified"):
        assert words in english.body
    assert "2つ目" in japanese.body
    assert "春" in japanese.subject


def test_whoever_put_it_off_gets_no_mail_meanwhile_but_on_the_last_day(ada: Account, eva: Account) -> None:
    person = somebody()
    started(ada, eva, days=20, snooze_days=3)
    with on(5):
        snooze(Account.objects.get(pk=person.pk), actor=person)
    with on(6):
        again()
        assert planned() == 1
    with on(19):
        again()
        snooze(Account.objects.get(pk=person.pk), actor=person)
    with on(20):
        again()
    assert planned() == 3


def test_no_reminder_goes_out_after_the_last_day_however_long_the_mail_server_was_down(ada: Account, eva: Account) -> None:
    somebody()
    started(ada, eva, days=20, remind_before=[1])
    ends = NOON.replace(hour=20) + timedelta(days=20)
    for day, tried_until in ((6, NOON + timedelta(days=8)), (19, ends), (20, ends)):
        Message.objects.all().delete()
        with on(day):
            Member.objects.update(reminded=0)
            again()
            assert [one.gives_up_at for one in Message.objects.all()] == [tried_until], day
    late = Message.objects.get()
    with time_machine.travel(ends + timedelta(seconds=1), tick=False):
        delivery.deliver(late.pk)
    late.refresh_from_db()
    assert (late.state, late.problem, mail.outbox) == ("failed", "too late", [])


def test_in_the_last_minute_before_the_night_nothing_is_planned_that_would_go_out_in_it(ada: Account, eva: Account) -> None:
    somebody()
    for second, mails in ((1, 0), (0, 1)):
        with time_machine.travel(NOON.replace(hour=19, minute=59, second=second), tick=False):
            if second:
                started(ada, eva, days=20)
            again()
            assert planned() == mails, second


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_plan_no_mail_twice(ada: Account, eva: Account, settings: Any) -> None:
    settings.MFA_CAMPAIGN_MAILS_PER_MINUTE = 50
    for _ in range(12):
        somebody()
    running = started(ada, eva, days=20)
    Message.objects.all().delete()
    Member.objects.update(reminded=0)
    Campaign.objects.update(mails_after=None)
    outcomes = run_parallel(4, lambda _number: remind(running))
    assert not [one.error for one in outcomes if one.error]
    assert planned() == 12
    assert Message.objects.values("account").distinct().count() == 12


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_halfway_leaves_neither_mail_nor_note(ada: Account, eva: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody()
    running = started(ada, eva, days=20)
    with on(6):
        Campaign.objects.update(mails_after=None)
        Message.objects.all().delete()
        monkeypatch.setattr("campaigns.reminding.record", lambda *_args, **_facts: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            remind(running)
        assert (planned(), Member.objects.get().reminded) == (0, 1)
        monkeypatch.undo()
        remind(running)
        assert (planned(), Member.objects.get().reminded) == (1, 2)
