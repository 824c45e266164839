"""A browser at the door: the password has been entered, and the page waits for the second factor."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from tests.factories import PASSWORD


@pytest.fixture
def at_the_door(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[[Account], Page]]:
    """A page that waits for what was sent after the password."""
    context = chromium.new_context(base_url=live_server.url)
    context.add_cookies([{"name": "language", "value": "en", "url": live_server.url}])

    def enter(account: Account) -> Page:
        page = context.new_page()
        page.goto("/signin/?next=/security-info/")
        page.get_by_label("Common ID").fill(account.common_id)
        page.get_by_role("button", name="Next").click()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/signin/verify/")
        return page

    yield enter
    context.close()
