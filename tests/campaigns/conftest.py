"""What tests of campaigns have in common."""

from collections.abc import Iterator

import pytest

from accounts.models import Account
from tests.campaigns.days import on
from tests.factories import an_account


@pytest.fixture
def noon() -> Iterator[None]:
    with on(0):
        yield


@pytest.fixture
def eva(db: None) -> Account:
    """Another administrator than Ada."""
    return an_account("1000000007", name_en="Eva Ito", roles=("administrator",))
