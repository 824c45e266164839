"""Giving and taking roles on a page: by administrators, downwards, with a reason, and everybody concerned is told."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Account, RoleGrant
from audit.catalogue import EventName
from audit.models import Event
from methods.delivery import deliver
from methods.models import Message
from tests.factories import an_account, an_affiliation

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
PAGE = "/helpdesk/staff/"


@pytest.fixture
def admin(browser_of: Browser, ada: Account) -> Client:
    return browser_of(ada)


def given(account: Account, **fields: str) -> dict[str, str]:
    return {"common_id": account.common_id, "role": "helpdesk", "within": "", "reason": "joined the desk"} | fields


@pytest.mark.parametrize("code", ["", "science"])
def test_a_role_is_given_for_all_or_for_one_affiliation(code: str, admin: Client, hana: Account, ada: Account) -> None:
    within = an_affiliation(code) if code else None
    answer = admin.post(PAGE + "give/", given(hana, within=str(within.pk) if within else ""), follow=True)
    assert "Hana Sato has the role “Help desk” from now on." in answer.content.decode()
    grant = RoleGrant.objects.get(account=hana)
    assert (grant.role, grant.affiliation, grant.granted_by) == ("helpdesk", within, ada)
    event = Event.objects.get(name=EventName.ROLE_GRANTED, account_id=hana.pk)
    assert (event.actor_id, event.reason, event.after) == (
        ada.pk,
        "joined the desk",
        {"role": "helpdesk"} | ({"affiliation": code} if code else {}),
    )


def test_the_person_and_the_other_administrators_are_told(admin: Client, hana: Account) -> None:
    other = an_account(roles=("administrator",))
    admin.post(PAGE + "give/", given(hana, within=str(an_affiliation("science").pk)))
    told = set(Message.objects.values_list("account", "template"))
    assert told == {(hana.pk, "role-given"), (other.pk, "role-given-to")}
    for message in Message.objects.all():
        deliver(message.pk)
    assert all("“Help desk”" in sent.body and "Faculty of Science" in sent.body for sent in mail.outbox)


def test_a_role_is_taken_and_counts_no_more_at_the_next_click(admin: Client, hiro: Account, browser_of: Browser, ada: Account) -> None:
    hiros, grant = browser_of(hiro), RoleGrant.objects.get(account=hiro)
    assert hiros.get("/helpdesk/").status_code == 200
    assert admin.post(reverse("helpdesk:take-role", args=[grant.pk]), {"reason": "left the desk"}).status_code == 302
    assert hiros.get("/helpdesk/").status_code == 403
    event = Event.objects.get(name=EventName.ROLE_WITHDRAWN)
    assert (event.account_id, event.actor_id, event.reason) == (hiro.pk, ada.pk, "left the desk")
    assert Message.objects.filter(account=hiro, template="role-withdrawn").exists()


def test_one_of_two_affiliations_is_taken_and_the_other_stays(admin: Client, hana: Account) -> None:
    both = [RoleGrant.objects.create(account=hana, role="helpdesk", affiliation=an_affiliation(code)) for code in ("science", "arts")]
    admin.post(reverse("helpdesk:take-role", args=[both[0].pk]), {"reason": "moved"})
    assert list(RoleGrant.objects.filter(account=hana)) == both[1:]
    assert Event.objects.get(name=EventName.ROLE_WITHDRAWN).before == {"role": "helpdesk", "affiliation": "science"}


def test_a_role_for_all_takes_the_place_of_those_for_some(admin: Client, hana: Account) -> None:
    RoleGrant.objects.create(account=hana, role="helpdesk", affiliation=an_affiliation("science"))
    admin.post(PAGE + "give/", given(hana))
    assert RoleGrant.objects.get(account=hana).affiliation is None
    event = Event.objects.get(name=EventName.ROLE_GRANTED, account_id=hana.pk)
    assert event.before == {"role": "helpdesk", "affiliation": "science"}


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"role": "administrator"}, 400, "Select a valid choice"),
        ({"role": "auditor", "within": "science"}, 409, "The role auditor cannot be limited to an affiliation."),
        ({"common_id": "1999999999"}, 409, "There is no account 1999999999."),
        ({"reason": " "}, 400, "Write down why."),
        ({"within": "9999"}, 400, "Select a valid choice"),
    ],
)
def test_what_cannot_be_given_is_refused_and_nothing_typed_is_lost(
    fields: dict[str, str], status: int, sentence: str, admin: Client, hana: Account
) -> None:
    sent = given(hana, **fields)
    if sent["within"] == "science":
        sent["within"] = str(an_affiliation("science").pk)
    answer = admin.post(PAGE + "give/", sent)
    html = answer.content.decode()
    assert (answer.status_code, RoleGrant.objects.filter(account=hana).exists()) == (status, False)
    assert sentence in html
    assert sent["common_id"] in html


def test_nobody_gives_or_takes_their_own_role(admin: Client, ada: Account) -> None:
    assert admin.post(PAGE + "give/", given(ada)).status_code == 403
    assert admin.post(reverse("helpdesk:take-role", args=[RoleGrant.objects.get(account=ada).pk]), {"reason": "x"}).status_code == 403
    assert [grant.role for grant in RoleGrant.objects.filter(account=ada)] == ["administrator"]


def test_an_old_verification_is_asked_for_again(browser_of: Browser, ada: Account, hana: Account) -> None:
    answer = browser_of(ada, verified=False).post(PAGE + "give/", given(hana))
    assert answer["Location"].startswith(reverse("signin:step-up"))
    assert not RoleGrant.objects.filter(account=hana).exists()


def test_the_page_asks_the_same_however_many_have_roles(admin: Client, django_assert_max_num_queries: Callable[[int], object]) -> None:
    for _ in range(30):
        an_account(roles=("helpdesk",))
    with django_assert_max_num_queries(9):  # type: ignore[attr-defined]
        assert admin.get(PAGE).status_code == 200
