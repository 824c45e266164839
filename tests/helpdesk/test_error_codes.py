"""Codes that callers read out: every page has one, and the desk reads what it means and what to say."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.error_codes import BY_NUMBER, CATALOGUE, OF_STAFF, Spoken, ids_of, reference_of, spoken
from accounts.models import Account
from accounts.refusals import explained
from audit.catalogue import EventName
from audit.context import Where, circumstances
from audit.record import Happening, record_many
from helpdesk.explaining import explain, found_by
from methods.models import Ending
from policies.requirements import OWN_SENTENCES
from tests.architecture.test_words import explanations
from tests.factories import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
Browser = Callable[..., Client]


def named_in_templates() -> set[str]:
    paths = [path for folder in ("templates", "methods/kinds") for path in ROOT.glob(f"{folder}/**/*.html")]
    return {name for path in paths for name in re.findall(r'{% error_code "([^"]+)" %}', path.read_text())}


def test_every_refusal_every_page_and_every_ending_has_an_entry() -> None:
    endings = {f"ending-{ending}" for ending in Ending}
    assert (set(explanations()) | named_in_templates() | endings) - set(CATALOGUE) == set()


def test_no_entry_stands_for_a_page_that_there_is_not() -> None:
    source = "\n".join(path.read_text() for floor in ("methods", "signin", "policies") for path in ROOT.glob(f"{floor}/**/*.py"))
    made = {name for name in CATALOGUE if f'"{name}"' in source or name.startswith("ending-")}
    assert set(CATALOGUE) - set(explanations()) - named_in_templates() - made - set(OWN_SENTENCES) == set()


def test_every_error_template_shows_its_code() -> None:
    pages = list(ROOT.glob("templates/[0-9]*.html"))
    assert len(pages) == 6
    assert [path.name for path in pages if "{% error_code " not in path.read_text()] == []


def test_no_number_stands_for_two_pages() -> None:
    assert len(BY_NUMBER) == len(CATALOGUE)


@pytest.mark.django_db
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_code_has_a_step_a_cause_and_a_sentence_in_both_languages(language: str) -> None:
    assert explained()
    with translation.override(language):
        for number, name in BY_NUMBER.items():
            told = explain(str(number))
            assert told, name
            texts = [str(told.step), told.cause, told.sayings[0].text]
            assert all(texts), name
            assert all(bool(re.search("[ぁ-んァ-ヶ一-龠]", text)) is (language == "ja") for text in texts), (name, texts)


@given(st.uuids())
def test_a_reference_leads_back_to_the_ids_that_begin_so(one: uuid.UUID) -> None:
    first, last = ids_of(reference_of(str(one)))
    assert first <= one <= last
    assert last.int - first.int < 2**98


@pytest.mark.parametrize("heard", ["102-7KQ3M1", "102 7kq3mi", "１０２－７ＫＱ３Ｍ１".replace("－", "-"), " 1027KQ3ML "])
def test_a_code_is_understood_as_it_is_heard(heard: str) -> None:
    assert spoken(heard) == Spoken(102, "7KQ3M1")


@pytest.mark.parametrize("text", ["", "999", "102-7KQ", "1000000001", "hana", "102-7KQ3MU", "١٠٢"])
def test_what_is_no_code_is_none(text: str) -> None:
    assert spoken(text) is None


def shown_code(client: Client, path: str) -> str:
    found = re.search(r"Code for the support desk: <strong>([^<]+)</strong>", client.get(path).content.decode())
    assert found, path
    return found[1]


@pytest.mark.django_db
def test_the_code_of_a_sign_in_leads_to_whose_it_is_and_speaks_their_language(
    client: Client, browser_of: Browser, hiro: Account, hana: Account
) -> None:
    Account.objects.filter(pk=hana.pk).update(language="ja")
    client.post(reverse("signin:password"), {"common_id": hana.common_id, "password": PASSWORD})
    code = shown_code(client, reverse("signin:more-information"))
    html = browser_of(hiro).get("/helpdesk/", {"q": code.lower()}).content.decode()
    for told in (
        "Registering or changing a verification method",
        f"/helpdesk/accounts/{hana.common_id}/",
        "I stay on the line",
        'lang="ja"',
    ):
        assert told in html


@pytest.mark.django_db
def test_a_refused_page_leads_to_whose_request_it_was(browser_of: Browser, hiro: Account, hana: Account) -> None:
    code = shown_code(browser_of(hana), "/audit/")
    told = explain(code)
    assert told
    assert (told.code, told.account) == (code, hana)


@pytest.mark.django_db
@pytest.mark.parametrize(("column", "index"), [("request_id", "request_id"), ("attempt", "attempt")])
def test_a_reference_is_looked_up_in_an_index_of_every_month(column: str, index: str, hana: Account) -> None:
    happenings = [Happening(EventName.METHOD_RENAMED, hana) for _ in range(3000)]
    for number in range(3):
        with circumstances(Where(request_id=str(uuid.uuid4()), attempt=str(uuid.uuid4()))):
            record_many(happenings if number == 1 else happenings[:10])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    plan = found_by(column, "7KQ3M1").explain()
    assert re.search(rf"(event_by_{column.removesuffix('_id')}|{index}_idx)", plan), plan
    assert f"Seq Scan on audit_event_{timezone.now():%Y_%m}" not in plan  # months to come are empty, and read as a whole


@pytest.mark.django_db
def test_a_reference_that_nothing_is_known_of_names_nobody(browser_of: Browser, hiro: Account) -> None:
    html = browser_of(hiro).get("/helpdesk/", {"q": "404-000000"}).content.decode()
    assert "Nothing was recorded with 000000. Ask for the Common ID." in html


def test_unused_numbers_of_staff_stay_apart_from_those_of_persons() -> None:
    of_staff = {number // 100 for number in OF_STAFF.values()}
    assert of_staff == {7, 8}
    assert not of_staff & {entry.number // 100 for name, entry in CATALOGUE.items() if name not in OF_STAFF}
