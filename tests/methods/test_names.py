"""R-138: a name is what a person wrote, without what could deceive another reader."""

import unicodedata

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from methods import lifecycle
from methods.models import RegisteredMethod
from methods.naming import NAME_LENGTH, clean_name
from tests.factories import a_totp_app
from tests.methods.people import add_app, fresh_browser, send_all

CROOKED = {
    "my phone": "my phone",
    "  my \t\r\n phone ": "my phone",
    "my\x00phone": "myphone",
    "gnp.\u202eexe": "gnp.exe",
    "a\u200b\u200db\ufeff": "ab",
    "\u2066x\u2069": "x",
    "線\u3000電話": "線 電話",
    "e\u0301": "é",
    "\x1b[31mred": "[31mred",
    "\ud800": "",
    "": "",
    "x" * 100: "x" * NAME_LENGTH,
}
HOSTILE = "<script>alert(1)</script>\"'&{{ 7|add:7 }}%s%(x)s"


@pytest.mark.parametrize(("typed", "kept"), CROOKED.items(), ids=repr)
def test_what_is_kept_of_a_name(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@given(st.text(max_size=200))
def test_no_name_is_long_or_holds_what_cannot_be_seen(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= NAME_LENGTH
    assert not [character for character in name if unicodedata.category(character)[0] == "C"]
    assert "\n" not in name
    assert clean_name(name) == name.strip()


def test_a_name_is_shown_as_text_wherever_it_appears(hana: Account) -> None:
    client = fresh_browser(hana)
    add_app(client, HOSTILE[:NAME_LENGTH])
    method = RegisteredMethod.objects.get()
    assert method.name == HOSTILE
    pages = [
        "/security-info/",
        "/security-info/default/",
        f"/security-info/methods/{method.pk}/change/",
        f"/security-info/methods/{method.pk}/delete/",
    ]
    for path in pages:
        page = client.get(path).content.decode()
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert(1)" in page, path
        assert "14" not in page.split("add:7")[1][:4], path


def test_a_name_is_plain_text_in_a_mail_and_absent_from_its_subject(hana: Account) -> None:
    method = a_totp_app(hana)
    lifecycle.rename(hana, method.pk, HOSTILE, actor=hana)
    lifecycle.remove(hana, method.pk, actor=hana)
    send_all()
    letter = mail.outbox[-1]
    assert HOSTILE in letter.body
    assert "script" not in letter.subject
    assert "\n" not in letter.subject


def test_a_name_can_be_changed_and_not_emptied(hana: Account) -> None:
    method, client = a_totp_app(hana), fresh_browser(hana)
    path = f"/security-info/methods/{method.pk}/change/"
    assert client.post(path, {"name": "pocket"})["Location"] == "/security-info/"
    for empty in ("", "   ", "\u200b\u202e", "\x01"):
        assert client.post(path, {"name": empty}).status_code == 200
    method.refresh_from_db()
    assert method.name == "pocket"


def test_a_name_that_is_too_long_is_cut(hana: Account) -> None:
    method, client = a_totp_app(hana), fresh_browser(hana)
    client.post(f"/security-info/methods/{method.pk}/change/", {"name": "x" * 200})
    method.refresh_from_db()
    assert method.name == "x" * NAME_LENGTH
