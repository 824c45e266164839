"""The cast: six people with fixed rights, so that a permission test is one line and reads aloud."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from accounts.kinds import AccountKind
from accounts.models import Account
from accounts.sessions import Verified
from audit.context import Where, circumstances
from tests.factories import an_account, an_affiliation, signed_in


@pytest.fixture(autouse=True)
def _nowhere() -> Iterator[None]:
    """No test inherits the circumstances of the one before."""
    with circumstances(Where()):
        yield


@pytest.fixture
def hana(db: None) -> Account:
    """A student without any role."""
    return an_account("1000000001", name_en="Hana Sato", name_ja="佐藤 花", kind=AccountKind.STUDENT, affiliation=an_affiliation("science"))


@pytest.fixture
def ken(db: None) -> Account:
    """A member of staff without any role, in another affiliation."""
    return an_account("1000000002", name_en="Ken Mori", name_ja="森 健", kind=AccountKind.STAFF, affiliation=an_affiliation("letters"))


@pytest.fixture
def hiro(db: None) -> Account:
    """Help desk."""
    return an_account("1000000003", name_en="Hiro Abe", name_ja="阿部 弘", kind=AccountKind.STAFF, roles=("helpdesk",))


@pytest.fixture
def sato(db: None) -> Account:
    """Senior help desk: approves what `hiro` requests."""
    return an_account("1000000004", name_en="Yuki Sato", name_ja="佐藤 雪", kind=AccountKind.STAFF, roles=("senior-helpdesk",))


@pytest.fixture
def aki(db: None) -> Account:
    """Auditor."""
    return an_account("1000000005", name_en="Aki Ueda", name_ja="上田 明", kind=AccountKind.STAFF, roles=("auditor",))


@pytest.fixture
def ada(db: None) -> Account:
    """Administrator."""
    return an_account("1000000006", name_en="Ada Kimura", name_ja="木村 愛", kind=AccountKind.STAFF, roles=("administrator",))


@pytest.fixture
def browser_of() -> Callable[..., Client]:
    """`browser_of(hana)`: a test client signed in as her, verified unless `verified=False`."""

    def open_browser(account: Account, *, verified: Verified | bool = True) -> Client:
        client = Client()
        signed_in(client, account, verified=verified)
        return client

    return open_browser
