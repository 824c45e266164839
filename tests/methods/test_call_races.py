"""R-082, I3: callbacks, pages and the person's other hand at the same moment."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, SessionRecord
from audit.models import Event
from methods import lifecycle
from methods.models import Call, CallState, Challenge, RegisteredMethod, Report
from signin.models import SignInAttempt
from tests.factories import a_phone, an_account
from tests.methods.caller import Exchange, Line, signed_post
from tests.methods.people import send_all
from tests.signin.door import enter_password
from tests.signin.test_races import copies

THREADS = 12
Parallel = Callable[..., list[Any]]


@pytest.fixture
def account(transactional_db: None) -> Account:
    account = an_account()
    a_phone(account, way="call")
    return account


@pytest.fixture
def line(client: Client, account: Account, exchange: Exchange) -> Line:
    enter_password(client, account)
    send_all()
    return exchange.line


def events(name: str) -> int:
    return Event.objects.filter(name=name).count()


def failed(outcomes: list[Any]) -> list[Exception]:
    return [outcome.error for outcome in outcomes if outcome.error]


def key(line: Line, digits: str) -> Any:
    assert line.gather is not None
    return signed_post(line.gather.get("action", ""), line.fields(Digits=digits))


def test_one_key_in_many_callbacks_approves_once(parallel: Parallel, line: Line) -> None:
    line.answer()
    outcomes = parallel(THREADS, lambda _: key(line, "#").content.decode())
    assert failed(outcomes) == []
    assert sum("You are verified" in outcome.value for outcome in outcomes) == 1
    assert events("challenge:approved") == 1
    assert Challenge.objects.get().approved_at is not None


def test_yes_and_no_at_once_are_one_of_both(parallel: Parallel, line: Line) -> None:
    line.answer()
    assert failed(parallel(THREADS, lambda n: key(line, "#" if n % 2 else "1"))) == []
    assert events("challenge:approved") + events("challenge:declined") == 1
    challenge = Challenge.objects.get()
    assert (challenge.approved_at is None) == (challenge.ending == "declined")


def test_the_key_and_the_end_of_the_call_at_once_are_one_of_both(parallel: Parallel, line: Line) -> None:
    line.answer()
    ended = line.fields(CallStatus="completed")
    outcomes = parallel(THREADS, lambda n: key(line, "#") if n % 2 else signed_post(line.facts["status_callback"], ended))
    assert failed(outcomes) == []
    assert Call.objects.get().state == CallState.OVER
    challenge = Challenge.objects.get()
    assert (challenge.approved_at is None) == (challenge.ending == "unanswered")


def test_a_person_and_a_machine_cannot_both_answer(parallel: Parallel, line: Line) -> None:
    outcomes = parallel(
        THREADS, lambda n: signed_post(line.facts["url"], line.fields(AnsweredBy="human" if n % 2 else "machine_start")).status_code
    )
    assert failed(outcomes) == []
    over = Challenge.objects.get().ending == "machine"
    assert Call.objects.get().state == (CallState.OVER if over else CallState.GREETED)


def test_a_report_in_many_callbacks_is_one_report(parallel: Parallel, line: Line) -> None:
    line.answer().press("0")
    assert failed(parallel(THREADS, lambda _: key(line, "#"))) == []
    assert Report.objects.count() == 1
    assert events("challenge:reported") == 1


def test_only_one_call_gets_a_token_whose_answer_was_lost(parallel: Parallel, line: Line) -> None:
    Call.objects.update(sid="")
    outcomes = parallel(
        THREADS, lambda n: signed_post(line.facts["url"], line.fields(CallSid=f"CA{n:032x}", AnsweredBy="human")).status_code
    )
    assert failed(outcomes) == []
    assert sorted(outcome.value for outcome in outcomes) == [200] + [403] * (THREADS - 1)


def test_many_pages_that_go_on_at_once_open_one_session(parallel: Parallel, client: Client, line: Line) -> None:
    line.answer().press("#")
    browsers = copies(client, THREADS)
    assert failed(parallel(THREADS, lambda n: browsers[n].post("/signin/verify/", {}).status_code)) == []
    assert SessionRecord.objects.filter(account__isnull=False).count() == 1
    assert SignInAttempt.objects.get().state == "done"


def test_the_key_races_with_the_page(parallel: Parallel, client: Client, line: Line) -> None:
    """Whichever is first, nothing is counted as a failure, and the page goes on afterwards."""
    line.answer()
    browsers = copies(client, THREADS)
    assert failed(parallel(THREADS, lambda n: browsers[n].post("/signin/verify/", {}) if n else key(line, "#"))) == []
    client.post("/signin/verify/", {})
    assert SessionRecord.objects.filter(account__isnull=False).count() == 1
    assert Account.objects.get().failures == 0


def test_two_workers_call_once(parallel: Parallel, client: Client, account: Account, exchange: Exchange) -> None:
    enter_password(client, account)
    assert failed(parallel(THREADS, lambda _: send_all())) == []
    assert len(exchange.lines) == 1


def test_the_method_is_removed_while_the_key_is_pressed(parallel: Parallel, client: Client, account: Account, line: Line) -> None:
    line.answer()
    method = RegisteredMethod.objects.get()

    def act(n: int) -> Any:
        return key(line, "#") if n else lifecycle.remove(account, method.pk, actor=account)

    assert failed(parallel(2, act)) == []
    client.post("/signin/verify/", {})
    assert not SessionRecord.objects.filter(account__isnull=False, ended_at=None).exists()
