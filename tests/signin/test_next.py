"""R-013: after a sign-in the browser goes to a path of this site, whatever the link asked for."""

import re
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client, RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.destination import LONGEST, safe_path
from accounts.models import Account
from signin.models import SignInAttempt
from tests.factories import a_totp_app, signed_in
from tests.signin.door import HOME, enter_code, enter_password, sign_in

ELSEWHERE = [
    "//",
    "// ",
    "/\\",
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/ok\r\nSet-Cookie: a=b",
    "/ok\r\n\r\n<script>",
    "https://evil.example/",
    "https:evil.example",
    "http:///evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "//testserver:80@evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "evil.example",
    "//evil%E3%80%82example",
    "／／evil.example",
    "/\u2028/evil.example",
    "/ok\x00",
    "/ok\x1b[31m",
    "/\u202eelpmaxe.live",
    "",
    " /ok",
    "/" + "x" * LONGEST,
]
KEPT = [
    "/",
    "/user-menu/mfa/?a=1&b=2#c",
    "/security-info/?next=//evil.example",
    "/helpdesk/?q=%E4%BD%90%E8%97%A4",
    "/audit/%2f%2fevil.example/",
]
factory = RequestFactory()


def stays_here(path: str) -> bool:
    """What a browser makes of the answer's Location, on the page of the second factor."""
    parts = urlsplit(urljoin("http://testserver/signin/verify/", path.replace("\\", "/")))
    return (parts.scheme, parts.netloc) == ("http", "testserver")


def leads_of(answer: Any) -> list[str]:
    """Where the forms of a page will lead in the end."""
    return [unescape(value) for value in re.findall(r'name="next" value="([^"]*)"', answer.content.decode())]


@pytest.mark.parametrize("given_path", ELSEWHERE, ids=repr)
def test_another_place_becomes_the_first_page(given_path: str) -> None:
    assert safe_path(factory.get("/"), given_path) == HOME


@pytest.mark.parametrize("given_path", KEPT)
def test_a_path_of_this_site_is_kept(given_path: str) -> None:
    assert safe_path(factory.get("/"), given_path) == given_path


@given(st.text(alphabet=st.sampled_from("/\\:@.%?#ab \t\r\n\x00\u3002／") | st.characters(), max_size=60))
@example(" ")
@example("/%09/evil.example")
@example("/..//evil.example")
@example("/.//evil.example")
def test_nothing_leads_away_or_into_the_headers(text: str) -> None:
    for given_path in (text, "/" + text, "//" + text):
        path = safe_path(factory.get("/"), given_path)
        assert path.startswith("/")
        assert path.isprintable()
        assert stays_here(path)
        assert len(path) <= LONGEST


@pytest.mark.covers("S-70")
def test_the_page_asked_for_opens_after_the_sign_in(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    assert client.get("/user-menu/mfa/?from=guide")["Location"] == "/signin/?next=%2Fuser-menu%2Fmfa%2F%3Ffrom%3Dguide"
    assert 'value="/user-menu/mfa/?from=guide"' in client.get("/signin/", {"next": "/user-menu/mfa/?from=guide"}).content.decode()
    assert sign_in(client, hana, next_path="/user-menu/mfa/?from=guide")["Location"] == "/user-menu/mfa/?from=guide"


@pytest.mark.parametrize("given_path", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_every_step_of_the_way_refuses_another_place(client: Client, hana: Account, given_path: str) -> None:
    a_totp_app(hana)
    second = client.post("/signin/", {"next": given_path, "common_id": hana.common_id}, follow=True)
    for page in (client.get("/signin/", {"next": given_path}), second):
        assert HOME in leads_of(page)
        assert all(map(stays_here, leads_of(page)))
    enter_password(client, hana, next_path=given_path)
    assert SignInAttempt.objects.get().next_path == HOME
    answer: Any = client.post(f"/signin/verify/?next={given_path}", {"code": "", "next": given_path})
    assert all(map(stays_here, leads_of(answer)))
    assert enter_code(client)["Location"] == HOME


def test_the_way_back_from_a_step_up_is_checked_too(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    signed_in(client, hana, verified=False)
    assert HOME in leads_of(client.get("/signin/step-up/", {"next": "//evil.example"}))
    answer = client.get("/security-info/", headers={"referer": "https://evil.example/"})
    assert answer["Location"] == "/signin/step-up/?next=%2Fsecurity-info%2F"


def test_a_form_that_came_too_late_goes_back_to_its_page_on_this_site_alone(client: Client, hana: Account) -> None:
    a_totp_app(hana)
    signed_in(client, hana, verified=False)
    here = client.post("/security-info/default/", headers={"referer": "http://testserver/security-info/default/"})
    assert here["Location"] == "/signin/step-up/?next=%2Fsecurity-info%2Fdefault%2F"
    for referer in ("https://evil.example/security-info/", "http://testserver.evil.example/", "http://testserver//evil.example/"):
        answer = client.post("/security-info/default/", headers={"referer": referer})
        leads = leads_of(client.get(answer["Location"]))
        assert leads
        assert all(map(stays_here, leads))
