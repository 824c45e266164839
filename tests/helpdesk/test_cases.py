"""Cases: opened by whom, taken, noted in and closed; every action belongs to one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import cases
from helpdesk.models import CallerProof, Case, CaseKind, CaseSource
from methods.challenges import ask, method
from methods.models import Purpose
from tests.factories import an_account, signed_in
from tests.helpdesk.conftest import REASON
from tests.methods.push_phone import Phone, a_push_app

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
MARKUP = '<script>alert(1)</script>\x1b[31m\u202e=HYPERLINK("http://x")'


def a_case(account: Account | None, **facts: object) -> Case:
    """An open case that nobody has."""
    return cases.open_case(account, actor=None, kind=CaseKind.OTHER, source=CaseSource.SYSTEM, **facts)


def test_the_first_action_opens_a_case_and_the_next_ones_go_on_in_it(desk: Client, hana: Account, hiro: Account) -> None:
    badge = signed_in(Client(), hana)
    desk.post(reverse("helpdesk:lock", args=[hana.common_id]), REASON)
    desk.post(reverse("helpdesk:end-session", args=[hana.common_id, badge.uid]), REASON)
    [case] = Case.objects.all()
    assert (case.account_id, case.owner_id, case.kind) == (hana.pk, hiro.pk, CaseKind.LOST)
    done = Event.objects.get(name=EventName.ACCOUNT_LOCKED)
    assert done.after["case"] == case.number


def test_an_action_that_is_refused_opens_no_case(desk: Client, ada: Account) -> None:
    assert desk.post(reverse("helpdesk:lock", args=[ada.common_id]), REASON).status_code == 403
    assert not Case.objects.exists()


def test_an_action_takes_the_case_that_waits(desk: Client, hana: Account, hiro: Account) -> None:
    case = a_case(hana)
    desk.post(reverse("helpdesk:lock", args=[hana.common_id]), REASON)
    case.refresh_from_db()
    assert case.owner_id == hiro.pk
    assert Event.objects.filter(name=EventName.CASE_TAKEN, actor_id=hiro.pk).count() == 1


def test_however_many_cases_a_stranger_opens_the_page_shows_the_one_in_which_its_reader_acts(
    desk: Client, hana: Account, hiro: Account, sato: Account
) -> None:
    mine, theirs = a_case(hana), a_case(hana)
    cases.take(mine, actor=hiro)
    cases.take(theirs, actor=sato)
    for number in range(6):
        a_case(hana, text=f"from the public form, {number}")
    html = desk.get(reverse("helpdesk:account", args=[hana.common_id])).content.decode()
    assert mine.said in html
    assert theirs.said not in html
    proof = CallerProof.objects.create(case=mine, sort="card", asked_by=hiro, expires_at=timezone.now() + timedelta(minutes=5))
    assert (
        reverse("helpdesk:waiting-proof", args=[proof.pk]) in desk.get(reverse("helpdesk:account", args=[hana.common_id])).content.decode()
    )
    desk.post(reverse("helpdesk:lock", args=[hana.common_id]), REASON)
    assert Event.objects.get(name=EventName.ACCOUNT_LOCKED).case == mine.number


def test_a_case_is_opened_noted_in_and_closed_from_the_page_of_the_account(desk: Client, hana: Account, hiro: Account) -> None:
    page = reverse("helpdesk:account", args=[hana.common_id])
    assert desk.post(reverse("helpdesk:open-case", args=[hana.common_id]), REASON | {"kind": "lost"}).headers["Location"] == page
    case = Case.objects.get()
    opened = Event.objects.get(name=EventName.CASE_OPENED)
    assert (opened.account_id, opened.actor_id, opened.case) == (hana.pk, hiro.pk, case.number)
    assert case.said in desk.get(page).content.decode()
    assert desk.post(reverse("helpdesk:note-case", args=[case.number]), {"reason": "Calls again at noon"}).headers["Location"] == page
    assert "Calls again at noon" in desk.get(page).content.decode()
    desk.post(reverse("helpdesk:close-case", args=[case.number]), {"reason": "Found the phone"})
    case.refresh_from_db()
    assert (case.is_open, case.closed_by_id, [note.text for note in cases.notes_of(case)][-1]) == (False, hiro.pk, "Found the phone")
    html = desk.get(reverse("helpdesk:case", args=[case.said])).content.decode()
    assert "Found the phone" in html


@pytest.mark.parametrize(
    ("action", "event"),
    [("take-case", EventName.CASE_TAKEN), ("note-case", EventName.CASE_NOTED), ("close-case", EventName.CASE_CLOSED)],
)
def test_what_is_done_with_a_case_is_recorded_once(action: str, event: EventName, desk: Client, hana: Account, hiro: Account) -> None:
    case = a_case(hana)
    assert desk.post(reverse(f"helpdesk:{action}", args=[case.number]), REASON).status_code == 302
    [found] = Event.objects.filter(name=event)
    assert (found.account_id, found.actor_id, found.after["case"]) == (hana.pk, hiro.pk, case.number)


def test_a_note_is_shown_as_text_whatever_is_written(desk: Client, hana: Account) -> None:
    case = a_case(hana)
    desk.post(reverse("helpdesk:note-case", args=[case.number]), {"reason": MARKUP})
    html = desk.get(reverse("helpdesk:account", args=[hana.common_id])).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html
    assert not {"\x1b", "\u202e"} & set(html)


def test_a_closed_case_takes_nothing_more(desk: Client, hana: Account, hiro: Account) -> None:
    case = a_case(hana)
    cases.close(case, actor=hiro, text="done")
    assert desk.post(reverse("helpdesk:note-case", args=[case.number]), REASON).status_code == 409


def test_nobody_works_on_a_case_of_their_own_account(desk: Client, hiro: Account) -> None:
    case = a_case(hiro)
    for action in ("take-case", "note-case", "close-case"):
        assert desk.post(reverse(f"helpdesk:{action}", args=[case.number]), REASON).status_code == 403
    assert desk.post(reverse("helpdesk:open-case", args=[hiro.common_id]), REASON | {"kind": "lost"}).status_code == 403


def test_what_a_superior_needs_may_be_written_down_for_somebody_above(desk: Client, ada: Account) -> None:
    assert desk.post(reverse("helpdesk:open-case", args=[ada.common_id]), REASON | {"kind": "lost"}).status_code == 302


def test_a_report_of_an_unknown_request_opens_a_case_that_stands_first(desk: Client, hana: Account) -> None:
    a_case(an_account())
    ask(hana, method(a_push_app(hana, phone := Phone())), purpose=Purpose.SIGN_IN, binding="attempt:1")
    phone.no()
    case = Case.objects.get(account=hana)
    assert (case.source, case.urgent, case.owner) == (CaseSource.REPORT, True, None)
    html = desk.get(reverse("helpdesk:cases")).content.decode()
    assert html.index(case.said) < html.index(Case.objects.exclude(pk=case.pk).get().said)


def test_the_queue_shows_everybodys_ones_own_or_those_of_nobody(desk: Client, hana: Account, hiro: Account, sato: Account) -> None:
    free, mine = a_case(hana), cases.open_case(hana, actor=hiro, kind=CaseKind.LOST)
    theirs = cases.open_case(hana, actor=sato, kind=CaseKind.LOST)
    for query, expected in (("", {free, mine, theirs}), ("?mine", {mine}), ("?unassigned", {free})):
        html = desk.get(reverse("helpdesk:cases") + query).content.decode()
        assert {case for case in (free, mine, theirs) if case.said in html} == expected


def test_the_queue_says_how_old_a_case_is(desk: Client, hana: Account) -> None:
    Case.objects.filter(pk=a_case(hana).pk).update(opened_at=timezone.now() - timedelta(hours=3))
    assert "open for 3\xa0hours" in desk.get(reverse("helpdesk:cases")).content.decode()


def test_the_queue_takes_at_most_eight_queries_however_long_it_is(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(8):
        a_case(an_account())
    with django_assert_max_num_queries(8):
        desk.get(reverse("helpdesk:cases"))
