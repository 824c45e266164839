"""The demo's pages, open to a visitor who has not signed in, in both languages."""

import subprocess
import sys

import pytest
import requests

from tests.demo.running import PATIENCE, ROOT, RunningDemo, environment

PAGES = ["", "phone/", "phone/+819000000001/", "mailbox/", "systems/", "systems/campus-mail/", "gallery/"]


def _page(demo: RunningDemo, path: str, language: str = "en", **headers: str) -> str:
    answer = requests.get(f"{demo.url}/demo/{path}", cookies={"language": language}, headers=headers, timeout=PATIENCE)
    answer.raise_for_status()
    return answer.text


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_there_in_both_languages_with_the_strip_of_links(demo: RunningDemo, path: str, language: str) -> None:
    page = _page(demo, path, language)
    assert f'<html lang="{language}"' in page
    assert 'href="/demo/mailbox/"' in page
    assert ("メールボックス" in page) == (language == "ja") or path == "gallery/"


def test_the_first_page_tells_whom_to_sign_in_as(demo: RunningDemo) -> None:
    page = _page(demo, "", "ja")
    assert "0123456789" in page
    assert "山田 花子" in page
    assert "demo-password" in page


def test_a_mail_that_the_site_sends_is_in_the_mailbox(demo: RunningDemo) -> None:
    command = [sys.executable, "manage.py", "sendtestemail", "hana@mail.example.com"]
    subprocess.run(command, cwd=ROOT, env=environment(demo.folder, demo.port), check=True)
    page = _page(demo, "mailbox/")
    assert "hana@mail.example.com" in page
    number = page.split('href="/demo/mailbox/')[-1].split("/")[0]
    assert "If you&#x27;re reading this, it was successful." in _page(demo, f"mailbox/{number}/")


@pytest.mark.parametrize("path", ["phone/", "phone/+819000000001/", "mailbox/", "systems/learning/"])
def test_a_page_that_keeps_itself_up_to_date_fetches_a_part_of_itself(demo: RunningDemo, path: str) -> None:
    part = _page(demo, path, **{"X-Requested-With": "poll"})
    assert "<html" not in part
    assert part.strip() in _page(demo, path) or "<time" in part


def test_a_connected_system_nobody_knows_is_not_found(demo: RunningDemo) -> None:
    assert requests.get(f"{demo.url}/demo/systems/nobody/", timeout=PATIENCE).status_code == 404
