"""The report of a month, as page and as files; what is taken along is signed, listed and recorded."""

import csv
import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from audit.seals import exporting
from audit.seals.keys import is_signed, own_public_key
from review import exports
from review.exports import CONTEXT
from review.models import Export
from review.month import Month, MonthReport
from tests.factories import a_totp_app, an_account, an_affiliation, proved_by, signed_in

pytestmark = pytest.mark.django_db
APRIL = datetime(2026, 4, 15, 3, tzinfo=UTC)
PAGE = "/audit/report/?month=2026-04"
Browser = Callable[..., Client]


def changed(name: EventName, account: Account, at: datetime = APRIL, *, by: str = "self", kind: str = "totp") -> Event:
    after = {"kind": kind, "name": "App"}
    return Event.objects.create(at=at, name=name, account_id=account.pk, account_label=account.common_id, actor_kind=by, after=after)


def an_april(hana: Account, ken: Account) -> None:
    changed(EventName.METHOD_REGISTERED, hana, APRIL - timedelta(days=30))
    for kind in ("totp", "totp", "fido"):
        changed(EventName.METHOD_REGISTERED, hana, kind=kind)
    changed(EventName.METHOD_REMOVED, ken)
    changed(EventName.METHODS_RESET, ken, by="staff", kind="")
    changed(EventName.SIGNIN_SUCCEEDED, hana)


def lines(found: list[Any]) -> list[tuple[str, tuple[int, ...]]]:
    return [(line.label, line.figures) for line in found]


def test_a_month_is_counted_by_change_kind_and_affiliation(hana: Account, ken: Account) -> None:
    an_april(hana, ken)
    found = MonthReport(Month(2026, 4))
    assert [(line.label, line.figures, line.before) for line in found.by_change()] == [
        ("Method registered", (3, 0, 0), 1),
        ("Method removed", (1, 0, 0), 0),
        ("Re-registration required", (0, 1, 0), 0),
    ]
    assert lines(found.by_kind()) == [
        ("Authenticator app", (3, 0, 0)),
        ("Not of one kind", (0, 1, 0)),
        ("Security key", (1, 0, 0)),
    ]
    assert lines(found.by_affiliation()) == [("Faculty of Science", (3, 0, 0)), ("Faculty of Letters", (1, 1, 0))]
    assert found.total == 5


@pytest.mark.parametrize(
    ("at", "counts"), [("2026-03-31T14:59:59", 0), ("2026-03-31T15:00:00", 1), ("2026-04-30T14:59:59", 1), ("2026-04-30T15:00:00", 0)]
)
def test_the_month_is_that_of_the_place(at: str, counts: int, hana: Account) -> None:
    changed(EventName.METHOD_REGISTERED, hana, datetime.fromisoformat(f"{at}+00:00"))
    assert MonthReport(Month(2026, 4)).total == counts


def test_months_follow_one_another() -> None:
    assert (str(Month(2025, 12).next), str(Month(2026, 1).previous), str(Month(2026, 4).previous)) == ("2026-01", "2025-12", "2026-03")


@pytest.mark.covers("S-146")
def test_the_page_has_charts_with_tables_beneath(browser_of: Browser, aki: Account, hana: Account, ken: Account) -> None:
    an_april(hana, ken)
    html = browser_of(aki).get(PAGE).content.decode()
    assert "Method changes in April 2026: 5" in html
    assert html.count('class="bars" aria-hidden="true"') == html.count("<table") == 3
    assert '<rect class="bar-length" width="33.3"' in html
    assert "Re-registration required" in html


@pytest.mark.parametrize("month", ["", "2026-13", "0000-01", "x", "9999-12", "2026-04\n"])
def test_a_month_that_cannot_be_read_is_the_last_whole_one(month: str, browser_of: Browser, aki: Account) -> None:
    assert browser_of(aki).get("/audit/report/", {"month": month}).status_code == 200


def test_an_empty_month_says_so(browser_of: Browser, aki: Account) -> None:
    assert "Nothing was changed in this month." in browser_of(aki).get(PAGE).content.decode()


def test_the_page_takes_the_same_few_queries_however_much_there_is(aki: Account, django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        changed(EventName.METHOD_REGISTERED, an_account(affiliation=an_affiliation(f"f{number}")))
    browser = Client()
    signed_in(browser, aki, verified=proved_by(a_totp_app(aki)))
    with django_assert_max_num_queries(12):
        browser.get(PAGE)


def test_the_csv_holds_the_same_figures_and_runs_nothing(browser_of: Browser, aki: Account) -> None:
    changed(EventName.METHOD_REGISTERED, an_account(affiliation=an_affiliation("evil", name_en="=1+1")))
    answer = browser_of(aki).get("/audit/report/method-changes.csv?month=2026-04")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[:2] == [
        ["What was changed", "Account holders", "Help desk", "This site", "In all", "Month before"],
        ["Method registered", "1", "0", "0", "1", "0"],
    ]
    assert ["'=1+1", "1", "0", "0", "1"] in rows


def test_the_workbook_holds_the_same_figures(browser_of: Browser, aki: Account, hana: Account, ken: Account) -> None:
    an_april(hana, ken)
    answer = browser_of(aki).get("/audit/report/method-changes.xlsx?month=2026-04")
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["What was changed", "Kinds of method", "Affiliations"]
    assert [list(row) for row in book["Affiliations"].values][1] == ["Faculty of Science", 3, 0, 0, 3]


def test_another_kind_of_file_does_not_exist(browser_of: Browser, aki: Account) -> None:
    assert browser_of(aki).get("/audit/report/method-changes.pdf").status_code == 404


@pytest.mark.parametrize("address", ["/audit/report/method-changes.csv", "/audit/report/method-changes.xlsx", "/audit/exports/events.csv"])
def test_what_leaves_is_listed_signed_and_recorded(address: str, browser_of: Browser, aki: Account, hana: Account) -> None:
    record(EventName.ACCOUNT_VIEWED, account=hana)
    browser = browser_of(aki)
    answer = browser.get(address)
    content = b"".join(answer) if answer.streaming else answer.content
    export = Export.objects.get()
    assert (export.by, export.digest) == (aki, hashlib.sha256(content).hexdigest())
    assert is_signed(CONTEXT + export.digest.encode(), bytes.fromhex(export.signature), own_public_key())
    for name in (EventName.EVENTS_EXPORTED, EventName.EXPORT_FINISHED):
        event = Event.objects.get(name=name)
        assert (event.actor_id, event.after["export"]) == (aki.pk, str(export.pk))
    html = browser.get("/audit/exports/").content.decode()
    assert "Aki Ueda" in html
    assert export.digest in html
    assert browser.get(f"/audit/exports/{export.pk}/signature/").json()["signature"] == export.signature


def test_events_leave_as_the_filter_of_the_explorer_finds_them(browser_of: Browser, aki: Account, hana: Account, ken: Account) -> None:
    record(EventName.ACCOUNT_VIEWED, account=hana, reason="=cmd()")
    record(EventName.ACCOUNT_VIEWED, account=ken)
    answer = browser_of(aki).get("/audit/exports/events.csv", {"account": hana.common_id})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert [(row["account_label"], row["reason"]) for row in rows] == [(hana.common_id, "'=cmd()")]
    assert Export.objects.get().rows == 1


def test_numbers_that_people_typed_leave_masked(browser_of: Browser, aki: Account, hana: Account) -> None:
    record(EventName.ACCOUNT_UNLOCKED, account=hana, reason="Called from +819012345678", after={"text": "+819012345678"})
    content = b"".join(browser_of(aki).get("/audit/exports/events.csv", {"account": hana.common_id})).decode()
    assert content.count("••••78") == 2
    assert "+81901" not in content


def test_events_leave_while_they_are_read_and_not_all_at_once(
    browser_of: Browser, aki: Account, hana: Account, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable[[int], Any]
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 2)
    for _ in range(9):
        record(EventName.ACCOUNT_VIEWED, account=hana)
    answer = browser_of(aki).get("/audit/exports/events.csv", {"account": hana.common_id})
    pieces = iter(answer)
    assert next(pieces).startswith(b"\xef\xbb\xbf")
    with django_assert_num_queries(2):  # which ids, and the first two rows
        assert next(pieces).count(b"\r\n") == 2
    with django_assert_num_queries(1):
        assert next(pieces).count(b"\r\n") == 2
    assert sum(piece.count(b"\r\n") for piece in pieces) == 5


def test_what_breaks_off_stays_listed_as_not_complete(browser_of: Browser, aki: Account) -> None:
    export = exports.begin("events.csv", {}, actor=aki)
    pieces = exports.passing(export, iter(["first\r\n", "second\r\n"]))
    assert next(pieces) == b"first\r\n"
    pieces.close()
    browser = browser_of(aki)
    assert "Not complete" in browser.get("/audit/exports/").content.decode()
    assert browser.get(f"/audit/exports/{export.pk}/signature/").status_code == 404


def test_a_filter_that_cannot_be_read_exports_nothing(browser_of: Browser, aki: Account) -> None:
    assert browser_of(aki).get("/audit/exports/events.csv", {"since": "tomorrow"}).status_code == 400
    assert not Export.objects.exists()


@pytest.mark.parametrize("name", ["hana", "hiro", "sato"])
def test_without_the_right_nothing_leaves(name: str, browser_of: Browser, request: pytest.FixtureRequest) -> None:
    browser = browser_of(request.getfixturevalue(name))
    pages = ("/audit/report/", "/audit/report/method-changes.csv", "/audit/exports/", "/audit/exports/events.csv")
    assert [browser.get(page).status_code for page in pages] == [403] * len(pages)
    assert not Export.objects.exists()
