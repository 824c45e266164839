"""Accounts that leave: suspended at once, removed after a while, systems told, anew on return, and never too many at once."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.leaving import come_back, leave, today
from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.models import Event
from methods.models import Message, MethodState, RegisteredMethod
from methods.travel import Days, journey_of, plan
from policies import alarms, leavers
from policies.models import Alarm, Application, ConnectedSystem, Delivery
from policies.reconciling import compare
from policies.tasks import look_after_leavers
from policies.wishes import open_wish, wish
from tests.factories import a_totp_app, an_account, an_affiliation, signed_in
from tests.harness.parallel import Outcome
from tests.policies.downstream import Downstream, refuses
from tests.signin.door import enter_password, has_session

pytestmark = pytest.mark.django_db
Apply = Callable[[Account], Application]
Passes = Callable[[float], None]
Parallel = Callable[[int, Callable[[int], Any]], list[Outcome]]


def moved(account: Account, step: Callable[..., object], *args: object) -> Account:
    """The account is marked, as an import does it."""
    account = Account.objects.get(pk=account.pk)
    step(account, *args)
    account.save()
    return account


def go(account: Account) -> Account:
    return moved(account, leave, timezone.now())


def back(account: Account) -> Account:
    return moved(account, come_back)


def months_pass() -> None:
    Account.objects.exclude(left_at=None).update(left_at=timezone.now() - timedelta(days=91))


def states(account: Account) -> set[str]:
    return set(RegisteredMethod.objects.filter(account=account).values_list("state", flat=True))


def told(account: Account) -> list[str]:
    wanted = Message.objects.filter(account=account, template__in=["account-left", "account-returned"])
    return list(wanted.order_by("due_at").values_list("template", flat=True))


def test_a_journey_goes_with_the_methods_of_whoever_planned_it(ready: Account) -> None:
    """Otherwise a rule that speaks of its country would let the password register anew from there."""
    plan(ready, None, country="FR", days=Days(today(), today() + timedelta(days=200)), actor=ready)
    go(ready)
    leavers.look_after()
    assert journey_of(ready) is not None
    back(ready)
    leavers.look_after()
    assert journey_of(ready) is None
    assert Event.objects.filter(name=EventName.JOURNEY_ENDED, account_id=ready.pk).count() == 1


def test_who_leaves_is_signed_out_and_every_method_is_suspended(ready: Account) -> None:
    client = Client()
    signed_in(client, ready)
    go(ready)
    assert client.get("/my-account/").status_code == 302
    look_after_leavers()
    assert states(ready) == {MethodState.SUSPENDED}
    assert told(ready) == ["account-left"]
    event = Event.objects.get(name=EventName.LEAVER_SUSPENDED)
    assert (event.account_id, event.after) == (ready.pk, {"until": (today() + timedelta(days=90)).isoformat()})
    assert leavers.look_after() == 0
    other = Client()
    enter_password(other, ready)
    assert not has_session(other)


HEAD = "common_id,name_en,name_ja,affiliation,kind,language,contact_address,status,leaves_on\n"
LONG_AGO = "5000000001,Old Name,旧氏,engineering,student,en,old@example.ac.jp,{}\n"


@pytest.mark.parametrize("gone", ["left,", "active,2019-03-31"], ids=["by status", "by a day"])
def test_who_had_left_before_a_file_brought_them_is_not_told_of_an_account_that_was_never_open(gone: str, tmp_path: Path) -> None:
    an_affiliation("engineering")
    file = tmp_path / "accounts.csv"
    file.write_text(HEAD + LONG_AGO.format(gone))
    call_command("import_accounts", str(file), stdout=StringIO())
    for _ in range(2):
        leavers.look_after()
    account = Account.objects.get(common_id="5000000001")
    assert account.leaver_state == leavers.SUSPENDED
    assert told(account) == []


def test_whoever_was_here_without_a_method_is_told(hana: Account) -> None:
    go(hana)
    leavers.look_after()
    assert told(hana) == ["account-left"]


def test_whoever_has_methods_is_told_also_when_the_day_is_set_to_one_before_the_account(ready: Account) -> None:
    Account.objects.filter(pk=ready.pk).update(leaves_on=today() - timedelta(days=30))
    leavers.look_after()
    assert told(ready) == ["account-left"]


def test_after_the_time_of_grace_all_is_removed_and_the_systems_are_told(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    application = apply_for(ready)
    time_passes(41)
    wish(ready, actor=ready, reason="It is tedious")
    go(ready)
    leavers.look_after()
    application.refresh_from_db()
    assert application.state == "in-effect", "a system that still lets the person in must go on asking"
    assert leavers.look_after() == 0
    months_pass()
    assert leavers.look_after() == 1
    assert states(ready) == {MethodState.REMOVED}
    assert Event.objects.get(name=EventName.LEAVER_REMOVED).before == {"methods": ["my phone"]}
    assert open_wish(ready) is None
    time_passes(41)
    application.refresh_from_db()
    ready.refresh_from_db()
    assert (application.state, ready.mfa_asked_here, ready.methods_needed) == ("terminated", False, False)
    assert not Message.objects.filter(account=ready, template="termination-in-effect").exists()


@pytest.mark.parametrize("who", ["gone", "back"])
def test_a_system_that_has_let_somebody_go_needs_no_person_when_their_mfa_use_ends(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream, who: str
) -> None:
    application = apply_for(ready)
    time_passes(41)
    go(ready)
    leavers.look_after()
    months_pass()
    leavers.look_after()
    if who == "back":
        Account.objects.filter(pk=ready.pk).update(left_at=None)
    downstream.mood = refuses(404)
    time_passes(41)
    application.refresh_from_db()
    row = Delivery.objects.get(system__code="mail", desired="off")
    assert (row.state, application.state) == (("confirmed", "terminated") if who == "gone" else ("failed", "terminating"))
    assert Event.objects.filter(name="delivery:failed").exists() is (who == "back")
    assert row.last_answer == "HTTP 404", "it has not said that it is off"
    if who == "gone":
        assert Event.objects.filter(name="delivery:confirmed").latest("pk").after["problem"] == "HTTP 404"


@pytest.mark.covers("S-144")
def test_what_a_system_still_holds_of_who_is_back_is_found_by_comparing(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    apply_for(ready)
    time_passes(41)
    go(ready)
    leavers.look_after()
    months_pass()
    leavers.look_after()
    downstream.mood = refuses(404)
    time_passes(41)
    downstream.mood = None
    moved(ready, come_back)
    leavers.look_after()
    mail_system.options = {"answers_questions": True}
    mail_system.save()
    [difference] = compare(mail_system).differing
    assert (difference.account, difference.actual, difference.desired) == (ready, "on", "off")


@pytest.mark.parametrize("when", ["in time", "late"])
def test_who_returns_registers_anew_like_a_newcomer(
    when: str, ready: Account, apply_for: Apply, time_passes: Passes, settings: Any
) -> None:
    settings.MFA_FIRST_REGISTRATION = "open"
    apply_for(ready)
    time_passes(41)
    go(ready)
    leavers.look_after()
    if when == "late":
        months_pass()
        leavers.look_after()
    back(ready)
    client = Client()
    if when == "in time":
        assert enter_password(client, ready)["Location"] == "/signin/refused/", "what was verified with before opens nothing"
    leavers.look_after()
    assert states(ready) == {MethodState.REMOVED}
    assert Event.objects.filter(name=EventName.LEAVER_RETURNED, account_id=ready.pk).count() == 1
    assert told(ready) == ["account-left", "account-returned"]
    assert enter_password(client, ready)["Location"] == "/signin/more-information/"
    assert not has_session(client)
    assert leavers.look_after() == 0


def test_the_day_of_leaving_comes_by_itself_and_takes_the_roles(ready: Account, hiro: Account) -> None:
    tomorrow = an_account(leaves_on=today() + timedelta(days=1))
    Account.objects.filter(pk__in=[ready.pk, hiro.pk]).update(leaves_on=today())
    look_after_leavers()
    gone = Account.objects.exclude(left_at=None)
    assert set(gone) == {ready, hiro}
    assert states(ready) == {MethodState.SUSPENDED}
    assert not RoleGrant.objects.filter(account=hiro).exists()
    assert set(Event.objects.filter(name=EventName.ACCOUNT_LEFT).values_list("account_id", "reason")) == {
        (ready.pk, "the day on which the account leaves"),
        (hiro.pk, "the day on which the account leaves"),
    }
    tomorrow.refresh_from_db()
    assert tomorrow.left_at is None


def too_many() -> list[Account]:
    """Thirty of forty accounts leave."""
    accounts = [an_account() for _ in range(40)]
    a_totp_app(accounts[0])
    for account in accounts[:30]:
        go(account)
    return accounts


def test_too_many_at_once_lose_nothing_and_administrators_are_told(ada: Account) -> None:
    gone = too_many()[0]
    assert leavers.look_after() == 0
    assert states(gone) == {MethodState.ACTIVE}
    alarms.watch()
    alarms.watch()
    assert Alarm.objects.get(kind="leavers", over_at=None).count == 30
    assert Message.objects.filter(account=ada, template="alarm-raised").count() == 1


def test_a_glitch_that_is_corrected_has_taken_no_method() -> None:
    gone = too_many()
    leavers.look_after()
    for account in gone[:30]:
        back(account)
    leavers.look_after()
    assert states(gone[0]) == {MethodState.ACTIVE}
    assert not Message.objects.filter(template__in=["account-left", "account-returned"]).exists()


def test_too_many_dates_at_once_mark_nobody() -> None:
    for _ in range(30):
        an_account(leaves_on=today())
    leavers.look_after()
    assert not Account.objects.exclude(left_at=None).exists()


def suspended_long_ago(number: int) -> list[Account]:
    """So many who have left and whose time of grace is over, of whom the first has a method."""
    accounts = [an_account() for _ in range(number)]
    a_totp_app(accounts[0])
    for account in accounts:
        go(account)
    assert leavers.look_after(percent=100.0) == number
    months_pass()
    return accounts


def test_too_many_removals_at_once_remove_nothing_and_administrators_are_told(ada: Account) -> None:
    """A wrong number of days must not do in a minute what cannot be taken back."""
    gone = suspended_long_ago(30)
    assert leavers.look_after() == 0
    assert states(gone[0]) == {MethodState.SUSPENDED}
    alarms.watch()
    alarms.watch()
    assert Alarm.objects.get(kind="removals", over_at=None).count == 30
    assert Message.objects.filter(account=ada, template="alarm-raised").count() == 1
    new = an_account()
    a_totp_app(new)
    go(new)
    assert leavers.look_after() == 1, "who leaves now is suspended all the same"
    assert states(new) == {MethodState.SUSPENDED}


def test_a_few_may_always_leave(ready: Account) -> None:
    go(ready)
    assert not leavers.outlook().is_too_many()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_suspend_and_remove_once(ready: Account, parallel: Parallel) -> None:
    go(ready)
    parallel(3, lambda _: leavers.look_after())
    assert Event.objects.filter(name=EventName.LEAVER_SUSPENDED).count() == 1
    assert told(ready) == ["account-left"]
    months_pass()
    parallel(3, lambda _: leavers.look_after())
    assert Event.objects.filter(name=EventName.LEAVER_REMOVED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_return_at_the_same_moment_leaves_no_old_method_in_use(ready: Account, parallel: Parallel) -> None:
    go(ready)
    leavers.look_after()
    months_pass()
    parallel(4, lambda number: back(ready) if number == 0 else leavers.look_after())
    leavers.look_after()
    assert MethodState.ACTIVE not in states(ready)
