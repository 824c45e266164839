"""The running site, and visitors to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.browser import Visitor, visitor
from tests.journeys.person import Person
from tests.journeys.stack import Site, running_site
from tests.journeys.tour import Tour


@pytest.fixture(scope="session")
def stack() -> Iterator[Site]:
    """One running site for all journeys of the session."""
    with running_site() as site:
        yield site


@pytest.fixture
def visit(chromium: Browser, stack: Site) -> Iterator[Callable[..., Visitor]]:
    """`visit(device="phone", language="ja")`: a new visitor; nobody's browser may have complained in the end."""
    visitors: list[Visitor] = []

    def arrive(**how: Any) -> Visitor:
        visitors.append(visitor(chromium, stack.url, **how))
        return visitors[-1]

    yield arrive
    for one in visitors:
        one.context.close()
    for one in visitors:
        one.no_complaints()


@pytest.fixture
def tour(visit: Callable[..., Any], stack: Site) -> Tour:
    return Tour(visit(), stack.url)


@pytest.fixture
def registered(tour: Tour, stack: Site) -> Callable[[str, str], Person]:
    """`registered(common_id, password)`: signed in, with an authenticator app and a recovery address."""

    def someone(common_id: str, password: str) -> Person:
        person = Person(tour.page, stack, common_id, "en", password=password)
        person.page.goto("/security-info/app/")
        person.sign_in()
        person.page.goto("/security-info/totp/")
        person.press("Next")
        person.scan()
        person.give_address()
        person.press("Complete")
        return person

    return someone
