"""Findings: made once, looked into by somebody else than whom they are about, closed by name; thresholds are the administrators'."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from review import findings, searching
from review.detectors.base import detectors
from review.models import Finding, Remark, Search, Threshold
from tests.factories import a_totp_app, a_verification, an_account, proved_by, signed_in
from tests.review.stages import NOW, STAGES

pytestmark = pytest.mark.django_db
LIST = "/audit/findings/"
Browser = Callable[..., Client]
WORD = {"text": "Asked her: a new phone."}


def a_finding(account: Account, **fields: Any) -> Finding:
    known = {"detector": "swapped-methods", "subject": f"event:{account.pk}", "account": account, "people": [account.pk]}
    return Finding.objects.create(**(known | fields))


def at(name: str, finding: Finding) -> str:
    return reverse(f"review:{name}", args=[finding.pk])


def test_what_was_found_is_kept_once_however_often_the_detectors_run() -> None:
    STAGES["swapped-methods"].found()
    assert (searching.run(), searching.run()) == (1, 0)
    [event] = Event.objects.filter(name=EventName.FINDING_MADE)
    finding = Finding.objects.get()
    assert (event.account_id, event.actor_id, event.after) == (
        finding.account_id,
        None,
        {"detector": "swapped-methods", "finding": str(finding.pk)},
    )


def test_what_is_known_takes_no_place_of_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST", 2)
    for _account in range(5):
        STAGES["swapped-methods"].found()
    assert [searching.run() for _night in range(4)] == [2, 2, 1, 0]


def test_two_runs_at_once_make_one_of_it(parallel: Callable[..., Any]) -> None:
    STAGES["swapped-methods"].found()
    outcomes = parallel(2, lambda _: searching.run())
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert Finding.objects.count() == 1
    assert Event.objects.filter(name=EventName.FINDING_MADE).count() == 1


def test_what_was_closed_comes_back_only_when_it_has_grown(aki: Account) -> None:
    STAGES["shared-number"].found()
    searching.run()
    findings.close(Finding.objects.get().pk, actor=aki, text="A family")
    searching.run()
    assert Finding.objects.get().closed_at is not None
    STAGES["shared-number"].left[1]()  # one more account with the same number
    searching.run()
    assert Finding.objects.get().closed_at is None
    assert Event.objects.filter(name=EventName.FINDING_REOPENED).count() == 1


def test_a_detector_that_breaks_off_keeps_none_of_the_others_from_running(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    STAGES["shared-number"].found()
    monkeypatch.setattr("review.detectors.swapped_methods.events", lambda *_: 1 / 0)
    assert searching.run() == 1
    assert Search.objects.get().failed == ["swapped-methods"]


@pytest.mark.covers("S-146")
def test_an_auditor_reads_remarks_and_closes_by_name(browser_of: Browser, aki: Account, hana: Account) -> None:
    finding, browser = a_finding(hana, facts={"method": "App", "deleted": ["Old"]}), browser_of(aki)
    assert "Method added, others deleted soon after" in browser.get(LIST).content.decode()
    browser.post(at("remark", finding), {"text": "Called her\u202e."})
    html = browser.post(at("close", finding), WORD, follow=True).content.decode()
    for shown in ("Called her.", "Asked her: a new phone.", "Aki Ueda", "1000000001", "closed with this"):
        assert shown in html
    finding.refresh_from_db()
    assert finding.closed_by == aki
    said = Event.objects.filter(name__in=[EventName.FINDING_REMARKED, EventName.FINDING_CLOSED]).order_by("pk")
    assert [(event.name, event.actor_id, event.account_id, event.reason) for event in said] == [
        (EventName.FINDING_REMARKED, aki.pk, hana.pk, "Called her."),
        (EventName.FINDING_CLOSED, aki.pk, hana.pk, WORD["text"]),
    ]
    assert "No finding is open" in browser.get(LIST).content.decode()
    assert "Closed by Aki Ueda" in browser.get(f"{LIST}?state=closed").content.decode()


def test_telephone_numbers_that_people_typed_are_masked_in_facts_and_remarks(browser_of: Browser, aki: Account, hana: Account) -> None:
    finding, browser = a_finding(hana, facts={"method": "App of 090-1234-5678", "deleted": ["03-1234-5678"]}), browser_of(aki)
    browser.post(at("remark", finding), {"text": "Called +81 90 1234 5678:\nher own phone."})
    listed, shown = browser.get(LIST).content.decode(), browser.get(at("finding", finding)).content.decode()
    assert "1234" not in listed + shown
    for text in (listed, shown):
        assert "App of •••-••••-••78" in text
        assert "••-••••-••78" in text
    assert "Called +•• •• •••• ••78:<br>her own phone." in shown


@pytest.mark.parametrize("verb", ["remark", "close"])
def test_nobody_looks_into_what_is_about_themselves(verb: str, browser_of: Browser, aki: Account, hana: Account) -> None:
    finding = a_finding(hana, people=[hana.pk, aki.pk])
    assert "This finding is about you." in browser_of(aki).get(at("finding", finding)).content.decode()
    assert browser_of(aki).post(at(verb, finding), WORD).status_code == 403
    assert not Remark.objects.exists()


def test_it_is_closed_once(browser_of: Browser, aki: Account, hana: Account) -> None:
    finding, browser = a_finding(hana), browser_of(aki)
    assert [browser.post(at("close", finding), WORD).status_code for _ in range(2)] == [302, 409]
    assert Event.objects.filter(name=EventName.FINDING_CLOSED).count() == 1


@pytest.mark.parametrize("text", ["", " ", "\u202e"])
def test_without_a_word_it_stays_open(text: str, browser_of: Browser, aki: Account, hana: Account) -> None:
    finding = a_finding(hana)
    answer = browser_of(aki).post(at("close", finding), {"text": text})
    assert answer.status_code == 400
    assert "Write down what you found." in answer.content.decode()


@pytest.mark.parametrize("name", ["hana", "hiro", "sato"])
def test_without_the_right_nobody_sees_or_does_anything(
    name: str, browser_of: Browser, request: pytest.FixtureRequest, ken: Account
) -> None:
    browser, finding = browser_of(request.getfixturevalue(name)), a_finding(ken)
    assert [browser.get(page).status_code for page in (LIST, at("finding", finding), f"{LIST}thresholds/")] == [403] * 3
    assert [browser.post(page, WORD).status_code for page in (at("remark", finding), at("close", finding), f"{LIST}search/")] == [403] * 3


def test_reading_a_finding_is_recorded(browser_of: Browser, aki: Account, hana: Account) -> None:
    finding = a_finding(hana)
    browser_of(aki).get(at("finding", finding))
    read = Event.objects.get(name=EventName.EVENTS_READ)
    assert (read.actor_id, read.account_id, read.after) == (aki.pk, hana.pk, {"finding": str(finding.pk)})


def test_an_old_verification_is_made_anew_before_one_closes(aki: Account, hana: Account) -> None:
    client, finding = Client(), a_finding(hana)
    signed_in(client, aki, verified=a_verification(at=timezone.now() - timedelta(minutes=11)))
    assert "Verify yourself first" in client.get(at("finding", finding)).content.decode()
    assert client.post(at("close", finding), WORD)["Location"].startswith("/signin/step-up/")


def test_the_list_takes_at_most_nine_queries_however_long_it_is(aki: Account, django_assert_max_num_queries: Any) -> None:
    for _ in range(30):
        a_finding(an_account())
    browser = Client()
    signed_in(browser, aki, verified=proved_by(a_totp_app(aki)))
    with django_assert_max_num_queries(9):
        assert len(browser.get(LIST).context["rows"]) == 30


def of_detectors() -> list[tuple[str, int | None, dict[str, Any]]]:
    """What was recorded of starting, stopping and resuming."""
    return list(Event.objects.filter(name__startswith="detectors:").order_by("pk").values_list("name", "actor_id", "after"))


@pytest.mark.covers("S-146")
def test_an_auditor_has_the_detectors_run(browser_of: Browser, aki: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(searching, "ask", lambda: asked.append("now") or True)
    assert "The detectors are running." in browser_of(aki).post(f"{LIST}search/", follow=True).content.decode()
    assert asked == ["now"]
    assert of_detectors() == [(EventName.DETECTORS_STARTED, aki.pk, {})]


def test_where_no_worker_could_be_told_nothing_is_said_to_have_started(
    browser_of: Browser, aki: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "ask", lambda: False)
    assert "could not be started now" in browser_of(aki).post(f"{LIST}search/", follow=True).content.decode()
    assert of_detectors() == []


def test_while_they_run_they_are_not_started_again(browser_of: Browser, aki: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    Search.objects.create()
    monkeypatch.setattr(searching, "ask", lambda: pytest.fail("started twice"))
    browser_of(aki).post(f"{LIST}search/")
    assert of_detectors() == []


def stopping_after(count: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The codes of the detectors that look, in order; somebody stops the search while so many have looked."""
    looked: list[str] = []

    def look(detector: Any, _now: Any) -> int:
        looked.append(detector.code)
        if len(looked) == count:
            Search.objects.update(stopped_at=timezone.now())
        return 1

    monkeypatch.setattr(searching, "_run", look)
    return looked


def test_a_search_is_stopped_and_goes_on_where_it_was(browser_of: Browser, aki: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, asked = stopping_after(3, monkeypatch), list[Search | None]()
    monkeypatch.setattr(searching, "ask", lambda search=None: asked.append(search) or True)
    assert searching.run() == 3
    browser = browser_of(aki)
    page = browser.get(LIST).content.decode()
    assert f"3 of {len(detectors())} detectors" in page
    assert "Resume" in page
    for _ in range(2):
        browser.post(f"{LIST}search/resume/")
    assert of_detectors() == [(EventName.DETECTORS_RESUMED, aki.pk, {"done": 3, "count": len(detectors())})]
    [search] = asked
    assert search is not None
    assert "data-poll-done" not in browser.get(f"{LIST}search/progress/").content.decode()
    searching.run(search.pk)
    assert looked == list(detectors())
    search.refresh_from_db()
    assert (search.found, search.ended_at is not None, search.attempt) == (len(looked), True, 2)
    assert searching.run(search.pk) == 0
    assert "data-poll-done" in browser.get(f"{LIST}search/progress/").content.decode()


def test_an_auditor_stops_a_search(browser_of: Browser, aki: Account, hana: Account) -> None:
    search = Search.objects.create()
    assert browser_of(hana).post(f"{LIST}search/stop/").status_code == 403
    browser = browser_of(aki)
    for _ in range(2):
        browser.post(f"{LIST}search/stop/")
    assert of_detectors() == [(EventName.DETECTORS_STOPPED, aki.pk, {"done": 0, "count": len(detectors())})]
    assert searching.run(search.pk) == 0
    assert not searching.is_under_way(searching.last())


def test_a_worker_that_was_thought_lost_goes_on_no_further(aki: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    late = Search.objects.create(seen_at=timezone.now() - timedelta(hours=1))
    assert searching.resume(actor=aki)
    monkeypatch.setattr(searching, "_run", lambda *_: pytest.fail("it went on"))
    assert not searching._is_mine(late)


def test_an_administrator_sets_a_threshold_and_the_event_tells_what_it_was(browser_of: Browser, ada: Account) -> None:
    browser = browser_of(ada)
    browser.post(f"{LIST}thresholds/shared-number/", {"shared-number-accounts": "2"})
    event = Event.objects.get(name=EventName.THRESHOLD_CHANGED)
    assert (event.actor_id, event.before, event.after) == (
        ada.pk,
        {"value": 3.0},
        {"detector": "shared-number", "threshold": "accounts", "value": 2.0},
    )
    STAGES["shared-number"].left[0]()
    assert searching.run() == 1


@pytest.mark.parametrize("value", ["1", "101", "nan", "inf", "x", ""])
def test_a_threshold_out_of_its_range_is_refused(value: str, browser_of: Browser, ada: Account) -> None:
    assert browser_of(ada).post(f"{LIST}thresholds/shared-number/", {"shared-number-accounts": value}).status_code == 400
    assert not Threshold.objects.exists()


def test_an_auditor_reads_thresholds_and_sets_none(browser_of: Browser, aki: Account) -> None:
    browser = browser_of(aki)
    assert "On how many accounts" in browser.get(f"{LIST}thresholds/").content.decode()
    assert browser.post(f"{LIST}thresholds/shared-number/", {"shared-number-accounts": "2"}).status_code == 403


def test_setting_what_is_set_already_is_no_event(browser_of: Browser, ada: Account) -> None:
    browser_of(ada).post(f"{LIST}thresholds/shared-number/", {"shared-number-accounts": "3"})
    assert not Event.objects.filter(name=EventName.THRESHOLD_CHANGED).exists()


@pytest.mark.parametrize("code", sorted(STAGES))
def test_every_finding_has_a_page_in_words(code: str, browser_of: Browser, aki: Account, settings: Any) -> None:
    settings.MFA_CAMPUS_NETWORKS = ["10.0.0.0/8"]
    STAGES[code].found()
    with time_machine.travel(NOW, tick=False):
        searching.run()
    browser, finding = browser_of(aki), Finding.objects.get(detector=code)
    html = browser.get(at("finding", finding)).content.decode()
    assert str(detectors()[code].title) in html
    assert str(detectors()[code].advice).replace("'", "&#x27;") in html
    assert browser.get(LIST).status_code == 200
