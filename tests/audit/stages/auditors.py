"""Auditors: what they read, take along, find; and the machinery that keeps events, heads and collectors going."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from audit import saved_views
from audit.catalogue import EventName
from audit.models import Collector, Outlet, SavedView
from audit.out import sending
from audit.record import record
from audit.seals import leaving, sealing
from review import findings, searching
from review.models import Finding, Search
from tests.audit.judging import sealed
from tests.audit.stages.staging import PAGE, browser, stage
from tests.audit.test_events_out import Collecting
from tests.review.stages import STAGES as DETECTED
from tests.review.test_findings import LIST, WORD, a_finding, at


def exhausted(answer: object) -> None:
    """Read a file to its end."""
    b"".join(answer)  # type: ignore[call-overload]


@stage(EventName.EVENTS_READ, by="aki", at=PAGE, after="account")
def events_that_are_read(aki: Account, hana: Account) -> Iterator[None]:
    client = browser(aki)
    yield
    client.get("/audit/", {"account": hana.common_id})


@stage(EventName.EVENTS_EXPORTED, by="aki", at=PAGE, after="export file wanted")
def a_file_that_is_taken_along(aki: Account, hana: Account) -> Iterator[None]:
    client = browser(aki)
    yield
    exhausted(client.get(reverse("review:events-file"), {"account": hana.common_id}))


@stage(EventName.EXPORT_FINISHED, by="aki", at=PAGE, after="digest export file rows")
def a_file_that_is_complete(aki: Account, hana: Account) -> Iterator[None]:
    client = browser(aki)
    yield
    exhausted(client.get(reverse("review:events-file"), {"account": hana.common_id}))


@stage(EventName.EVENTS_REVEALED, on="hana", by="aki", at=PAGE, after="event", reason=True)
def a_number_in_full(aki: Account, hana: Account) -> Iterator[None]:
    event = record(EventName.METHOD_RENAMED, account=hana, actor=hana, after={"name": "+81 90-1234-5678"})
    client = browser(aki)
    yield
    client.post(reverse("audit:reveal", args=[event.uid]), {"reason": "Ticket 4711"})


@stage(EventName.EVENTS_RETIRED, after="digest gone retirement rule")
def events_that_are_too_old(db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    settings.MFA_AUDIT_KEEP = ["signin=400"]
    sealed(monkeypatch, 700, [EventName.SIGNIN_SUCCEEDED, EventName.METHOD_REMOVED])
    yield
    call_command("audit_retire")


@stage(EventName.FINDING_MADE, after="detector finding")
def something_that_a_detector_finds(db: None) -> Iterator[None]:
    DETECTED["shared-number"].found()
    yield
    searching.run()


@stage(EventName.FINDING_REMARKED, on="hana", by="aki", at=PAGE, after="detector finding", reason=True)
def a_remark(aki: Account, hana: Account) -> Iterator[None]:
    finding, client = a_finding(hana), browser(aki)
    yield
    client.post(at("remark", finding), WORD)


@stage(EventName.FINDING_CLOSED, on="hana", by="aki", at=PAGE, after="detector finding", reason=True)
def a_finding_that_is_closed(aki: Account, hana: Account) -> Iterator[None]:
    finding, client = a_finding(hana), browser(aki)
    yield
    client.post(at("close", finding), WORD)


@stage(EventName.FINDING_REOPENED, after="detector finding")
def a_finding_that_has_grown(aki: Account) -> Iterator[None]:
    DETECTED["shared-number"].found()
    searching.run()
    findings.close(Finding.objects.get().pk, actor=aki, text="A family")
    DETECTED["shared-number"].left[1]()
    yield
    searching.run()


@stage(EventName.DETECTORS_STARTED, by="aki", at=PAGE)
def detectors_that_are_started(aki: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(searching, "ask", lambda: True)
    client = browser(aki)
    yield
    client.post(f"{LIST}search/")


@stage(EventName.DETECTORS_STOPPED, by="aki", at=PAGE, after="count done")
def detectors_that_are_stopped(aki: Account) -> Iterator[None]:
    Search.objects.create()
    client = browser(aki)
    yield
    client.post(f"{LIST}search/stop/")


@stage(EventName.DETECTORS_RESUMED, by="aki", at=PAGE, after="count done")
def detectors_that_are_resumed(aki: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(searching, "ask", lambda _search: True)
    Search.objects.create(stopped_at=timezone.now())
    client = browser(aki)
    yield
    client.post(f"{LIST}search/resume/")


@stage(EventName.THRESHOLD_CHANGED, by="ada", at=PAGE, before="value", after="detector threshold value")
def another_threshold(ada: Account) -> Iterator[None]:
    client = browser(ada)
    yield
    client.post(f"{LIST}thresholds/shared-number/", {"shared-number-accounts": "2"})


@stage(EventName.VIEW_SAVED, by="aki", at=PAGE, after="name query shared")
def a_filter_that_is_kept(aki: Account) -> Iterator[None]:
    client = browser(aki)
    yield
    client.post(reverse("audit:save-view"), {"name": "Mine", "query": "kind=totp", "shared": "on"})


@stage(EventName.VIEW_REMOVED, by="aki", at=PAGE, before="name query shared")
def a_filter_that_is_removed(aki: Account) -> Iterator[None]:
    saved_views.save(actor=aki, name="Mine", query="kind=totp", is_shared=False)
    client = browser(aki)
    yield
    client.post(reverse("audit:remove-view", args=[SavedView.objects.get().pk]))


def the_collector(monkeypatch: pytest.MonkeyPatch) -> Collecting:
    made = Collecting()
    monkeypatch.setattr(sending, "ways", lambda: iter([sending.Way("memory", made)]))
    sending.send()
    record(EventName.ACCOUNT_VIEWED)
    sealing.seal()
    return made


@stage(EventName.COLLECTOR_FAILED, after="outlet problem")
def a_collector_that_is_down(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    the_collector(monkeypatch).refuses = True
    yield
    sending.send()


@stage(EventName.COLLECTOR_RESUMED, after="outlet")
def a_collector_that_is_back(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    made = the_collector(monkeypatch)
    made.refuses = True
    sending.send()
    made.refuses = False
    Collector.objects.update(next_try_at=None)
    yield
    sending.send()


@stage(EventName.HEADS_FAILED, after="outlet problem")
def heads_that_cannot_leave(db: None, settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.MFA_HEADS_FOLDER = str(tmp_path / "not" / "mounted")
    record(EventName.ACCOUNT_VIEWED)
    sealing.seal()
    yield
    leaving.send()


@stage(EventName.HEADS_RESUMED, after="outlet")
def heads_that_leave_again(db: None, settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.MFA_HEADS_FOLDER = str(tmp_path / "not" / "mounted")
    record(EventName.ACCOUNT_VIEWED)
    sealing.seal()
    leaving.send()
    (tmp_path / "not").mkdir()
    Outlet.objects.update(tried_at=None)
    yield
    leaving.send()


@stage(EventName.GUIDE_CHANGED, by="ada", at=PAGE, after="address guide_link language title topic")
def a_link_of_the_guide(ada: Account) -> Iterator[None]:
    client = browser(ada)
    form = {
        "topic": "setup",
        "language": "en",
        "form": "page",
        "title": "Help",
        "address": "https://x.example/",
        "position": "0",
        "shown": "on",
    }
    yield
    assert client.post(reverse("admin:selfservice_guidelink_add"), form).status_code == 302
