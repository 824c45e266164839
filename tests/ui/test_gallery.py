import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client, RequestFactory

from mfaadmin.errors import server_error

Count = Callable[[int], AbstractContextManager[Any]]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.gallery_urls")]


def page(client: Client, address: str = "/gallery/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def opening_tag(html: str) -> str:
    found = re.search(r"<html[^>]*>", html)
    assert found
    return found.group()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_is_in_the_first_byte_of_the_page(client: Client, theme: str) -> None:
    client.cookies["theme"] = theme
    assert f'data-bs-theme="{theme}"' in opening_tag(page(client))


@pytest.mark.parametrize("theme", ["auto", "", '"><script>'])
def test_without_a_choice_the_style_sheet_decides(client: Client, theme: str) -> None:
    client.cookies["theme"] = theme
    assert "data-bs-theme" not in opening_tag(page(client))


@pytest.mark.covers("S-138")
@pytest.mark.parametrize("address", ["/gallery/", "/gallery/focus/"])
def test_both_frames_name_the_support_desk(client: Client, address: str) -> None:
    assert "mailto:support@example.ac.jp" in page(client, address)


@pytest.mark.covers("S-138")
def test_an_error_page_names_the_support_desk(client: Client) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "mailto:support@example.ac.jp" in answer.content.decode()


@pytest.mark.covers("S-139")
def test_the_page_says_its_language_and_offers_the_other_one(client: Client) -> None:
    client.cookies["language"] = "ja"
    html = page(client)
    assert '<html lang="ja"' in html
    assert re.search(r'<button[^>]*value="en"[^>]*lang="en"[^>]*aria-pressed="false"', html)


def test_a_wrong_field_is_tied_to_its_error_and_listed_in_the_summary(client: Client) -> None:
    html = page(client)
    field = re.search(r'<input[^>]*id="id_wrong-account_id"[^>]*>', html)
    assert field
    assert 'aria-describedby="id_wrong-account_id_helptext id_wrong-account_id_error"' in field.group()
    assert 'aria-invalid="true"' in field.group()
    assert 'id="id_wrong-account_id_error"' in html
    assert '<a href="#id_wrong-account_id">' in html


def test_radio_buttons_are_a_group_with_a_name(client: Client) -> None:
    assert re.search(r"<fieldset[^>]*>\s*<legend[^>]*>How would you like to verify\?", page(client))


def test_the_pager_keeps_the_rest_of_the_address(client: Client) -> None:
    assert "?q=yamada&amp;page=3" in page(client, "/gallery/?q=yamada&page=2")


@pytest.mark.covers("S-138")
def test_the_page_for_a_fault_names_the_support_desk_without_the_database(rf: RequestFactory, django_assert_num_queries: Count) -> None:
    rf.cookies["theme"] = "dark"
    with django_assert_num_queries(0):
        answer = server_error(rf.get("/"))
    html = answer.content.decode()
    assert answer.status_code == 500
    assert "mailto:support@example.ac.jp" in html
    assert 'data-bs-theme="dark"' in opening_tag(html)
