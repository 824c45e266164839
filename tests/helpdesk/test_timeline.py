"""One time line of an account: each sign-in with the reason in words, everything else as it happened, page by page and by kind."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from helpdesk.timeline import KINDS, SHOWN, Item, timeline
from methods.models import Challenge, ChallengeState, Ending, Message, Purpose
from tests.factories import PASSWORD, a_phone, a_totp_app, app_code

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


def items(account: Account, query: str = "") -> list[Item]:
    return timeline(account, QueryDict(query)).items


def sign_in(account: Account, code: str) -> None:
    client = Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    client.post("/signin/password/", {"common_id": account.common_id, "password": PASSWORD})
    client.post("/signin/verify/", {"code": code})


def asked(account: Account, *, ago: timedelta = timedelta(minutes=1), way: str = "call", **facts: object) -> Challenge:
    """A question to the phone of the account, as it ended."""
    method = account.registered_methods.filter(kind="phone").first() or a_phone(account)
    at = timezone.now() - ago
    known = {"expires_at": at + timedelta(minutes=3), "issued_at": at, "binding": "attempt:x", "kind": "phone", "purpose": Purpose.SIGN_IN}
    return Challenge.objects.create(account=account, method=method, way=way, **(known | facts))


@pytest.mark.covers("S-84")
def test_a_sign_in_is_one_line_with_its_steps(hana: Account) -> None:
    a_totp_app(hana)
    sign_in(hana, app_code())
    [item] = items(hana)
    assert (item.tone, item.text) == ("success", "1000000001 signed in, verified with Authenticator app.")
    assert item.steps == ["Password accepted", "“my phone” (Authenticator app): verified", "Signed in"]
    assert "Firefox · Windows" in item.detail


def test_a_wrong_code_is_said_with_the_number_of_failures(hana: Account) -> None:
    a_totp_app(hana)
    right = app_code()
    sign_in(hana, "000000" if right != "000000" else "111111")
    [item] = items(hana)
    assert item.tone == "warning"
    assert "A wrong code was entered" in item.text
    assert "failures in a row: 1" in item.text


REASONS = [
    ({"state": ChallengeState.FAILED, "ending": Ending.WRONG}, "the number did not match"),
    ({"state": ChallengeState.FAILED, "ending": Ending.DECLINED}, "it was declined"),
    ({"state": ChallengeState.FAILED, "ending": Ending.REPORTED}, "it was reported as unknown"),
    ({"state": ChallengeState.FAILED, "ending": Ending.MACHINE}, "an answering machine took the call"),
    ({"state": ChallengeState.FAILED, "ending": Ending.UNANSWERED}, "nobody answered"),
    ({"state": ChallengeState.FAILED, "ending": Ending.HELD}, "after too many wrong codes nothing may be tried for a while"),
    ({"state": ChallengeState.OPEN, "expires_at": timezone.now() - timedelta(seconds=1)}, "no answer in time"),
    ({"state": ChallengeState.OPEN, "expires_at": timezone.now() - timedelta(seconds=1), "way": "text"}, "no code was entered in time"),
    ({"state": ChallengeState.OPEN}, "waits for an answer"),
    ({"state": ChallengeState.OPEN, "way": "text"}, "waits for a code"),
    ({"state": ChallengeState.CLOSED}, "another request took its place"),
]


@pytest.mark.covers("S-84")
@pytest.mark.parametrize(("facts", "why"), REASONS, ids=[why for _facts, why in REASONS])
def test_what_came_of_a_question_is_said_in_words(facts: dict[str, object], why: str, hana: Account) -> None:
    asked(hana, **facts)
    [item] = items(hana)
    assert why in item.text


def test_a_text_that_did_not_arrive_is_a_step_with_its_reason(hana: Account) -> None:
    challenge = asked(hana, way="text", ago=timedelta(minutes=10))
    Message.objects.create(
        account=hana, challenge=challenge, channel="sms", template="text", state="sent", report="undelivered", report_code="30003",
        gives_up_at=timezone.now(),
    )  # fmt: skip
    [item] = items(hana)
    assert re.match(r"Text: Not delivered \(.*switched off.*\)", item.steps[0])


def test_it_is_read_page_by_page_without_gap_or_repetition(hana: Account) -> None:
    for number in range(2 * SHOWN + 3):
        record(EventName.METHOD_RENAMED, account=hana, actor=hana, before={"name": "x"}, after={"name": str(number)})
    found, before = [], ""
    while True:
        page = timeline(hana, QueryDict(before))
        found += [item.text for item in page.items]
        if page.older is None:
            break
        before = f"before={page.older}"
    assert len(found) == len(set(found)) == 2 * SHOWN + 3


@pytest.mark.parametrize(("kind", "title"), [("methods", "renamed"), ("desk", "unlocked"), ("use", "applied"), ("sign-in", "session")])
def test_it_can_be_narrowed_to_one_kind(kind: str, title: str, hana: Account, hiro: Account) -> None:
    record(EventName.METHOD_RENAMED, account=hana, actor=hana, before={"name": "x"}, after={"name": "y"})
    record(EventName.ACCOUNT_UNLOCKED, account=hana, actor=hiro, reason="called")
    record(EventName.APPLICATION_SUBMITTED, account=hana, actor=hana)
    record(EventName.SESSION_ENDED, account=hana, actor=hana)
    assert len(items(hana)) == 4
    [item] = items(hana, f"kind={kind}")
    assert title in item.text.lower()


@pytest.mark.parametrize("query", ["kind=x", "before=x", "before=-1", "before=99999999999999999999"])
def test_an_address_that_cannot_be_read_shows_the_newest(query: str, hana: Account) -> None:
    record(EventName.SESSION_ENDED, account=hana, actor=hana)
    assert len(items(hana, query)) == 1


def test_every_sort_of_event_on_an_account_belongs_to_a_kind() -> None:
    subjects = frozenset().union(*(subjects for _words, subjects in KINDS.values()))
    elsewhere = {
        "accounts",
        "affiliation",
        "outage",
        "campaign",
        "alarm",
        "circuit",
        "collector",
        "detectors",
        "events",
        "export",
        "finding",
        "heads",
        "policy",
        "site",
        "system",
        "threshold",
        "view",
    }
    assert {name.split(":")[0] for name in EventName} == subjects | elsewhere


@pytest.mark.covers("S-139")
def test_what_stands_on_the_screen_is_said_in_the_language_of_the_caller(hana: Account, hiro: Account, browser_of: Browser) -> None:
    Account.objects.filter(pk=hana.pk).update(language="ja")
    asked(hana, state=ChallengeState.FAILED, ending=Ending.MACHINE)
    html = browser_of(hiro).get(f"/helpdesk/accounts/{hana.common_id}/").content.decode()
    assert "On the caller’s screen: An answering machine took the call." in html
    assert "Answer the call yourself and press the key." in html
    assert re.search(r'<span class="saying-translated" lang="ja">[^<]*電話[^<]*</span>', html)


def test_after_a_quarter_of_an_hour_the_screen_is_not_guessed_any_more(hana: Account, hiro: Account, browser_of: Browser) -> None:
    asked(hana, ago=timedelta(minutes=20))
    assert "On the caller’s screen" not in browser_of(hiro).get(f"/helpdesk/accounts/{hana.common_id}/").content.decode()


def test_the_page_says_what_is_left_without_each_device(hana: Account, hiro: Account, browser_of: Browser) -> None:
    a_totp_app(hana, name="My app")
    a_phone(hana)
    html = browser_of(hiro).get(f"/helpdesk/accounts/{hana.common_id}/").content.decode()
    assert html.count("If it is lost, nothing is left to sign in with.") == 2
    hana.registered_methods.filter(kind="totp").update(carrier="second")
    html = browser_of(hiro).get(f"/helpdesk/accounts/{hana.common_id}/").content.decode()
    assert html.count("If it is lost, these are left:") == 2
