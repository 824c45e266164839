"""R-203, R-204: what no page of this site sends is refused with 4xx, before it reaches a form or the database."""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account
from tests.factories import signed_in

ODD_CHARSETS = [
    "utf-16",
    "utf-7",
    "unicode_escape",
    "raw_unicode_escape",
    "rot13",
    "base64",
    "idna",
    "punycode",
    "undefined",
    "latin-1",
    "no-such",
]
SURROGATE = b'--B\r\nContent-Disposition: form-data; name="common_id"\r\n\r\n+2AA-\\ud800\r\n--B--\r\n'
ALWAYS = ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Permissions-Policy", "Referrer-Policy")


def posted(kind: str, body: bytes, path: str = "/signin/password/") -> Any:
    return Client(raise_request_exception=False).generic("POST", path, body, content_type=kind)


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ODD_CHARSETS)
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=B", "application/x-www-form-urlencoded"])
def test_a_form_in_another_encoding_than_utf_8_is_refused(charset: str, kind: str) -> None:
    """Python knows encodings that are no text, and others that yield what a database cannot hold."""
    assert posted(f"{kind}; charset={charset}", SURROGATE).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-8", '; charset="utf-8"'])
def test_a_form_in_utf_8_is_read(charset: str) -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="common_id"\r\n\r\n1234567890\r\n--B--\r\n'
    assert posted(f"multipart/form-data; boundary=B{charset}", body, "/signin/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 10, 3 * 1024 * 1024])
def test_nobody_can_upload_a_file(size: int) -> None:
    """Every form is read before it is known whose it is; a file would be written to this machine's disk."""
    file = SimpleUploadedFile("x", b"x" * size)
    answer = Client().post("/signin/", {"common_id": "1234567890", "file": file})
    assert answer.status_code == 400
    assert b"1234567890" not in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_browser_that_opens_the_address_of_a_form_is_told_what_to_do(language: str) -> None:
    client = Client()
    client.cookies["language"] = language
    answer = client.get("/language/", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert {"en": "cannot be loaded anew", "ja": "再読み込みできません"}[language] in answer.content.decode()
    assert client.get("/language/", headers={"accept": "application/json"}).content == b"", "a program has use for the status alone"


@pytest.mark.django_db
def test_a_body_that_is_too_large_is_refused() -> None:
    answer = Client().post("/signin/", {"common_id": "1" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/%00", "/helpdesk/accounts/%00/", "/helpdesk/accounts/0123456789%00/", "/audit/%00/", "/admin/%00/"])
def test_a_nul_in_the_path_is_refused(client: Client, ada: Account, path: str) -> None:
    signed_in(client, ada)
    assert client.get(path).status_code == 400
    assert Client().get(path).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("asked", [{"path": "/", "headers": {"Host": "evil.example"}}, {"path": "/%00"}, {"path": "/nothing/"}])
def test_a_refusal_carries_the_headers_of_every_page(asked: dict[str, Any]) -> None:
    answer = Client().get(**asked)
    assert answer.status_code in {400, 404}
    assert [name for name in ALWAYS if name not in answer.headers] == []
    assert "no-store" in answer["Cache-Control"]
