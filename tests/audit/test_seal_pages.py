"""What auditors see of the seals, and the proof they take along; reading and taking are recorded (R-171)."""

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event, Outlet
from audit.record import record
from audit.seals import keys, sealing
from tools import verify_audit

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


@pytest.fixture
def event(hana: Account) -> Event:
    for _ in range(4):
        record(EventName.ACCOUNT_VIEWED, account=hana)
    sealed = record(EventName.ACCOUNT_LOCKED, account=hana)
    sealing.seal()
    return sealed


def test_the_newest_head_is_shown(browser_of: Browser, aki: Account, event: Event) -> None:
    html = browser_of(aki).get("/audit/seals/").content.decode()
    seal = sealing.newest()
    assert seal
    assert seal.signature in html
    assert base64.b64encode(keys.own_public_key()).decode() in html
    assert "No head has left this site" in html


def test_a_page_without_seals_says_so(browser_of: Browser, aki: Account) -> None:
    assert "Nothing has been sealed yet." in browser_of(aki).get("/audit/seals/").content.decode()


def test_late_sealing_and_heads_that_stay_are_plain_to_see(browser_of: Browser, aki: Account, event: Event) -> None:
    Outlet.objects.create(name="heads.example.org/mfa", failing_since=timezone.now(), problem="HTTP 500")
    with time_machine.travel(timezone.now() - timedelta(minutes=6)):
        record(EventName.ACCOUNT_VIEWED)
    html = browser_of(aki).get("/audit/seals/").content.decode()
    assert "Sealing is late" in html
    assert "HTTP 500" in html


def test_the_proof_of_an_event_can_be_printed(browser_of: Browser, aki: Account, event: Event) -> None:
    answer = browser_of(aki).get(f"/audit/{event.uid}/proof/")
    html, seal = answer.content.decode(), sealing.newest()
    assert seal
    for said in (str(event.uid), seal.root, seal.signature, *answer.context["path"]):
        assert said in html


def test_the_proof_can_be_taken_along_and_checked(
    browser_of: Browser, aki: Account, event: Event, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = browser_of(aki).get(f"/audit/{event.uid}/proof/file/")
    assert answer["Content-Disposition"] == f'attachment; filename="proof-{event.uid}.jsonl"'
    (tmp_path / "proof.jsonl").write_bytes(answer.content)
    key = base64.b64encode(keys.own_public_key()).decode()
    monkeypatch.setattr("sys.argv", ["verify_audit.py", str(tmp_path / "proof.jsonl"), "--key", key])
    assert verify_audit.main() == 0
    assert "1 events, each proved" in capsys.readouterr().out
    assert [one.after for one in Event.objects.filter(name="events:exported")] == [{"event": str(event.uid)}]


NUMBER = "+819012345678"


@pytest.fixture
def with_number(hana: Account, hiro: Account) -> Event:
    sealed = record(EventName.ACCOUNT_UNLOCKED, account=hana, actor=hiro, reason=f"Called from {NUMBER}", after={"texts": [NUMBER]})
    sealing.seal()
    return sealed


def test_the_page_of_a_proof_masks_numbers_and_the_file_has_them_for_a_reason(
    browser_of: Browser, aki: Account, with_number: Event
) -> None:
    auditor, address = browser_of(aki), f"/audit/{with_number.uid}/proof/"
    html = auditor.get(address).content.decode()
    assert NUMBER not in html
    assert "telephone numbers in full" in html
    assert 'data-answer="file"' in html, "the page stays: it may be asked for once more"
    assert auditor.get(f"{address}file/")["Location"] == address
    assert (auditor.post(f"{address}file/", {"reason": " "}).status_code, Event.objects.filter(name="events:revealed").exists()) == (
        400,
        False,
    )
    assert NUMBER in auditor.post(f"{address}file/", {"reason": "For the court"}).content.decode()
    revealed, exported = Event.objects.get(name="events:revealed"), Event.objects.get(name="events:exported")
    assert (revealed.reason, revealed.account_id, exported.after) == (
        "For the court",
        with_number.account_id,
        {"event": str(with_number.uid)},
    )


def test_what_is_not_sealed_yet_has_no_proof_and_the_page_says_why(browser_of: Browser, aki: Account) -> None:
    event = record(EventName.ACCOUNT_VIEWED)
    assert "younger than the newest seal" in browser_of(aki).get(f"/audit/{event.uid}/proof/").content.decode()
    assert browser_of(aki).get(f"/audit/{event.uid}/proof/file/").status_code == 404


@pytest.mark.parametrize("page", ["seals/", "{uid}/proof/", "{uid}/proof/file/"])
@pytest.mark.parametrize("name", ["hana", "hiro", "sato"])
def test_without_the_right_nobody_reads(name: str, page: str, browser_of: Browser, event: Event, request: pytest.FixtureRequest) -> None:
    browser = browser_of(request.getfixturevalue(name))
    assert browser.get("/audit/" + page.format(uid=event.uid)).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed_here(method: str, browser_of: Browser, aki: Account, event: Event) -> None:
    for page in ("seals/", f"{event.uid}/proof/", *([f"{event.uid}/proof/file/"] if method != "post" else [])):
        assert getattr(browser_of(aki), method)("/audit/" + page).status_code == 405
