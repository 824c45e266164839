"""Reads of personal data by staff and auditors are events: every page of theirs is opened while there is something to see (R-170, R-171)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from helpdesk import searching
from helpdesk.models import Typing
from tests.architecture.staff_pages import DECIDED, NOBODY, PEOPLE, SETTLES, Shows
from tests.architecture.staff_scene import ID, NAME, Scene
from tests.architecture.url_map import Page, pages
from tests.factories import a_method, a_verification, an_account, signed_in

pytestmark = pytest.mark.django_db
READS = {*PEOPLE.values(), *SETTLES.values(), EventName.EVENTS_REVEALED}
ASKING = [page for page in pages() if hasattr(page.view, "right")]
AGAIN = {200, 400, 409, 403}  # the answers that are pages


def deciding(shows: Shows) -> list[Page]:
    return [page for page in ASKING if DECIDED.get(page.route) == shows]


@pytest.fixture
def scene(hana: Account, sato: Account) -> Scene:
    return Scene(hana, sato)


def as_reader(account: Account) -> Client:
    browser = Client()
    signed_in(browser, account, verified=a_verification("fido"))
    return browser


def names_somebody(answer: Any) -> bool:
    """Whether it shows Hana; the menu of whoever reads aside."""
    body = b"".join(answer) if getattr(answer, "streaming", False) else answer.content
    text = re.sub(r"<nav[^>]*>.*?</nav>", "", body.decode("utf-8", "replace"), flags=re.DOTALL)
    return ID in text or NAME in text


def last_event() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def reads_since(last: int, reader: Account) -> list[str]:
    return list(Event.objects.filter(pk__gt=last, name__in=READS, actor_id=reader.pk).values_list("name", flat=True))


def test_somebody_has_decided_about_every_page_that_asks_for_a_right() -> None:
    assert {page.route for page in ASKING} == set(DECIDED)


@pytest.mark.covers("S-146")
def test_whatever_names_a_person_to_staff_is_one_event(scene: Scene) -> None:
    browser, found = as_reader(scene.reader), {}
    for page in deciding(Shows.PEOPLE):
        last = last_event()
        answer = browser.get(scene.address(page))
        assert answer.status_code == 200, page.route
        assert names_somebody(answer), f"{page.route} has nobody to show in this scene"
        found[page.route] = reads_since(last, scene.reader)
    assert found == {route: [name] for route, name in PEOPLE.items()}


def test_what_is_shown_while_somebody_types_is_one_event_once_they_have_stopped(scene: Scene) -> None:
    browser, last = as_reader(scene.reader), last_event()
    for page in deciding(Shows.SETTLES):
        assert names_somebody(browser.get(scene.address(page)))
        Typing.objects.update(typed_at=timezone.now() - timedelta(minutes=1))
        searching.settle()
    assert reads_since(last, scene.reader) == list(SETTLES.values())


def test_every_other_page_names_nobody(scene: Scene) -> None:
    browser = as_reader(scene.reader)
    answers = {page.route: browser.get(scene.address(page)) for page in deciding(Shows.NOBODY)}
    assert {route: answer.status_code for route, answer in answers.items() if answer.status_code != 200} == {}
    assert [route for route, answer in answers.items() if names_somebody(answer)] == []
    assert set(answers) == NOBODY


def test_what_a_form_answers_is_recorded_as_the_page_it_is(scene: Scene) -> None:
    """Sent empty by somebody who has looked at nobody yet, so that most of them show their page again."""
    missing, shown = [], 0
    for page in deciding(Shows.FORM):
        reader = an_account(roles=("administrator", "auditor", "senior-helpdesk", "counter"))
        a_method(reader, "fido", name="key")
        browser, address = as_reader(reader), scene.address(page)
        assert browser.get(address).status_code == 405, page.route
        last = last_event()
        answer = browser.post(address)
        if answer.status_code in AGAIN and names_somebody(answer):
            shown += 1
            missing += [] if reads_since(last, reader) else [page.route]
    assert missing == []
    assert shown > 15


def test_the_configuration_holds_nothing_of_people() -> None:
    """Django's admin is no page of the table above: these are all of its tables."""
    assert {model._meta.label for model in admin.site._registry} == {
        "accounts.Affiliation",
        "policies.ConnectedSystem",
        "selfservice.CountryNote",
        "selfservice.GuideLink",
    }
