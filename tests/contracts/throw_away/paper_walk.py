"""From "Add method" to a session, with a kind that the site had never heard of."""

import re

from django.core.management import call_command
from django.test import Client

from accounts.models import Account
from methods.models import RegisteredMethod
from tests.factories import signed_in
from tests.signin.door import enter_code, enter_password, has_session


def test_it_is_added_asked_and_listed_like_any_other(client: Client, hana: Account) -> None:
    signed_in(client, hana)
    assert "Printed card" in client.get("/security-info/add/").content.decode()
    assert client.post("/security-info/add/", {"method": "paper"})["Location"] == "/security-info/paper/"
    client.post("/security-info/paper/")

    def code() -> str:
        return re.search(r'paper-code">(\d{6})<', client.get("/security-info/paper/card/").content.decode())[1]

    used = code()
    assert client.post("/security-info/paper/card/", {"code": used})["Location"] == "/security-info/"
    method = RegisteredMethod.objects.get()
    assert (method.kind, method.is_default) == ("paper", True)
    assert "Printed card" in client.get("/security-info/").content.decode()
    stranger = Client()
    enter_password(stranger, hana)
    assert "Enter the next code of your card." in stranger.get("/signin/verify/").content.decode()
    enter_code(stranger, used)
    assert not has_session(stranger)


def test_no_migration_of_another_app_changes_because_of_it(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
