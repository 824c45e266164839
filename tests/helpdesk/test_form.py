"""“I cannot sign in”: open to everybody, and silent about which accounts exist."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from helpdesk.form_views import FOR_ACCOUNT
from helpdesk.models import Case, CaseSource

pytestmark = pytest.mark.django_db
NOBODY = "1999999999"
FORM = {"what": "lost", "text": "My phone fell into a lake"}


def send(common_id: str, **fields: str) -> str:
    """What the page says, without what differs at every request."""
    html = Client().post("/cannot-sign-in/", FORM | {"common_id": common_id} | fields).content.decode()
    return re.sub(r"\d{3}-\d{4}|csrfmiddlewaretoken\S* value=\S+|nonce=\S+", "", html)


@pytest.mark.covers("S-138")
def test_it_is_offered_where_people_stand_who_cannot_sign_in(hana: Account) -> None:
    for page in ("/signin/", "/nowhere/"):
        assert "/cannot-sign-in/" in Client().get(page, follow=True).content.decode()
    assert "I cannot sign in" in Client().get("/cannot-sign-in/").content.decode()


def test_it_becomes_a_case_that_waits(hana: Account) -> None:
    send(hana.common_id)
    case = Case.objects.get()
    assert (case.account_id, case.source, case.kind, case.owner) == (hana.pk, CaseSource.HOLDER, "lost", None)
    assert case.notes[0]["text"] == FORM["text"]


def test_the_answer_and_the_work_are_the_same_for_an_account_that_does_not_exist(hana: Account) -> None:
    work, said = {}, {}
    for common_id in (hana.common_id, NOBODY):
        with CaptureQueriesContext(connection) as queries:
            said[common_id] = send(common_id)
        work[common_id] = [re.sub(r"\d+|'[^']*'|NULL", "x", query["sql"])[:60] for query in queries.captured_queries]
    assert said[hana.common_id] == said[NOBODY]
    assert work[hana.common_id] == work[NOBODY]
    assert Case.objects.get(account=None).typed == NOBODY


@pytest.mark.parametrize("exists", [True, False])
def test_after_a_few_for_one_id_no_more_are_taken_whether_it_exists_or_not(exists: bool, hana: Account) -> None:  # noqa: FBT001
    common_id = hana.common_id if exists else NOBODY
    for _ in range(FOR_ACCOUNT.cap):
        send(common_id)
    assert "Too many messages" in send(common_id)
    assert Case.objects.count() == FOR_ACCOUNT.cap


@pytest.mark.parametrize("typed", ["correct horse battery staple", "", "12", "<script>"])
def test_what_is_no_id_is_not_kept(typed: str) -> None:
    send(typed)
    assert not Case.objects.exists()


def test_control_characters_are_stripped(hana: Account) -> None:
    send(hana.common_id, text="a\x1b[31m\u202eb")
    assert Case.objects.get().notes[0]["text"] == "a[31mb"
