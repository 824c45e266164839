"""Two windows of one browser that register the same kind: what is entered in the one counts for what that one shows, or not at all."""

import re

import pytest
from django.test import Client

from accounts.models import Account
from methods.models import RegisteredMethod
from policies.models import ConnectedSystem
from tests.factories import app_code
from tests.methods.people import Handset, enter_number, fresh_browser, key_on, send_all
from tests.signin.door import failures

pytestmark = pytest.mark.django_db
SCAN, CONFIRM = "/security-info/totp/scan/", "/security-info/phone/confirm/"


def shown(client: Client, path: str) -> tuple[str, dict[str, str]]:
    """The page, and the names in its form."""
    page = client.get(path)
    return page.content.decode(), {"device": re.search(r'name="device" value="([^"]+)"', page.content.decode())[1]}


def test_the_code_of_a_key_that_a_second_window_replaced_is_no_wrong_try(hana: Account) -> None:
    client = fresh_browser(hana)
    client.post("/security-info/totp/")
    old_key, names = key_on(client.get(SCAN)), shown(client, SCAN)[1]
    client.post("/security-info/totp/")
    answer = client.post(SCAN, {"code": app_code(old_key)} | names, follow=True)
    assert "You began anew in another window" in answer.content.decode()
    assert key_on(answer) != old_key, "the page shows what counts now"
    assert failures(hana) == 0
    answer = client.post(SCAN, {"code": app_code(key_on(answer))} | shown(client, SCAN)[1])
    assert answer["Location"] == "/security-info/"


def test_the_code_for_one_number_is_not_tried_on_another(hana: Account, handset: Handset) -> None:
    client = fresh_browser(hana)
    enter_number(client, "090-1234-5678")
    send_all()
    names, code = shown(client, CONFIRM)[1], handset.code
    enter_number(client, "080-1234-5678")
    send_all()
    answer = client.post(CONFIRM, {"code": code} | names, follow=True)
    assert "You began anew in another window" in answer.content.decode()
    assert "+81 80-1234-5678" in answer.content.decode()
    assert failures(hana) == 0
    assert not RegisteredMethod.objects.exists()


def test_a_page_that_is_sent_anew_makes_no_second_app_password(hana: Account) -> None:
    ConnectedSystem.objects.update(takes_app_passwords=True)
    Account.objects.filter(pk=hana.pk).update(methods_needed=True)
    client = fresh_browser(hana)
    pages = [client.post("/security-info/app-password/", {"name": "mail"}).content.decode() for _ in range(2)]
    assert "It is shown this once" in pages[0]
    assert "You have an app password of this name." in pages[1]
    assert RegisteredMethod.objects.count() == 1
