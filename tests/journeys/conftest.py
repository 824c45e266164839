"""The running site, and visitors to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.browser import Visitor, visitor
from tests.journeys.stack import Site, running_site


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
