"""`manage.py grant_role`: the way to the first administrator, of which everybody concerned is told like of the page's."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.models import Account, RoleGrant
from audit.models import Event
from methods.delivery import deliver
from methods.models import Message
from tests.factories import an_account, an_affiliation

pytestmark = pytest.mark.django_db


def roles(account: Account) -> list[str]:
    return list(RoleGrant.objects.filter(account=account).values_list("role", flat=True))


def told() -> set[tuple[int | None, str]]:
    return set(Message.objects.values_list("account", "template"))


def test_the_command_makes_the_first_administrator(hana: Account) -> None:
    out = StringIO()
    call_command("grant_role", hana.common_id, "administrator", stdout=out)
    assert out.getvalue() == "1000000001 now has the role administrator.\n"
    event = Event.objects.get(name="role:granted")
    assert (event.account_id, event.actor_kind, event.reason) == (hana.pk, "system", "manage.py grant_role")


def test_the_command_withdraws(ada: Account) -> None:
    out = StringIO()
    call_command("grant_role", ada.common_id, "administrator", withdraw=True, reason="moved on", stdout=out)
    assert (roles(ada), out.getvalue()) == ([], "1000000006 no longer has the role administrator.\n")
    assert Event.objects.get(name="role:withdrawn").reason == "moved on"


@pytest.mark.parametrize(
    ("common_id", "role", "sentence"),
    [
        ("9999999999", "helpdesk", "There is no account 9999999999."),
        ("1000000003", "helpdesk", "1000000003 has the role helpdesk already."),
        ("1000000003", "king", "There is no role “king”. The roles are: counter, helpdesk, senior-helpdesk, auditor, administrator."),
    ],
)
def test_the_command_says_in_a_sentence_what_cannot_be_done(hiro: Account, common_id: str, role: str, sentence: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command("grant_role", common_id, role)
    assert str(error.value) == sentence


def test_the_command_limits_a_role_to_an_affiliation(hana: Account) -> None:
    science, out = an_affiliation("science"), StringIO()
    call_command("grant_role", hana.common_id, "helpdesk", within="science", stdout=out)
    assert [grant.affiliation for grant in RoleGrant.objects.filter(account=hana)] == [science]
    assert Event.objects.get(name="role:granted").after == {"role": "helpdesk", "affiliation": "science"}
    with pytest.raises(CommandError, match="There is no affiliation “letters”"):
        call_command("grant_role", hana.common_id, "counter", within="letters")


def test_the_person_and_every_administrator_are_told_of_what_was_done_on_the_server(hana: Account, ada: Account) -> None:
    call_command("grant_role", hana.common_id, "administrator", stdout=StringIO())
    assert told() == {(hana.pk, "role-given"), (ada.pk, "role-given-to")}
    for message in Message.objects.filter(account=ada):
        deliver(message.pk)
    assert "it was given on the server with manage.py grant_role" in mail.outbox[0].body
    Message.objects.all().delete()
    call_command("grant_role", hana.common_id, "administrator", withdraw=True, stdout=StringIO())
    assert told() == {(hana.pk, "role-withdrawn"), (ada.pk, "role-withdrawn-to")}


def test_a_role_of_several_affiliations_is_withdrawn_from_all(ada: Account) -> None:
    person = an_account()
    for code in ("science", "letters"):
        RoleGrant.objects.create(account=person, role="helpdesk", affiliation=an_affiliation(code))
    call_command("grant_role", person.common_id, "helpdesk", withdraw=True, stdout=StringIO())
    assert roles(person) == []
    assert Message.objects.filter(account=person, template="role-withdrawn").count() == 2
    with pytest.raises(CommandError, match="does not have the role helpdesk"):
        call_command("grant_role", person.common_id, "helpdesk", withdraw=True)
