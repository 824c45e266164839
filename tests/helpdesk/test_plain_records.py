"""R-187: what people leave in the record reads as it stands; nothing in it turns round or hides the words beside it."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from tests.helpdesk.conftest import Caller

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
TURNED = "\u202eyhtrowtsurt\u202c"


def test_a_reason_is_kept_without_characters_that_nobody_sees(caller: Caller, browser_of: Browser, hiro: Account) -> None:
    browser_of(hiro).post(caller.url("lock"), {"reason": f"Ticket 4711:\r\n{TURNED}\u200b caller\x07"})
    assert Event.objects.get(name=EventName.ACCOUNT_LOCKED).reason == "Ticket 4711:\nyhtrowtsurt caller"


def test_a_reason_of_such_characters_alone_is_none(caller: Caller, browser_of: Browser, hiro: Account) -> None:
    answer = browser_of(hiro).post(caller.url("lock"), {"reason": "\u202e\u200b\u2066"})
    assert answer.status_code == 400
    assert "Write down why." in answer.content.decode()
    assert not caller.is_done("lock")


@pytest.mark.parametrize("page", ["/helpdesk/accounts/%E2%80%AEdeyortsed/", "/helpdesk/accounts/%0D%0Aforged/"])
def test_the_path_of_a_refused_page_is_kept_encoded(browser_of: Browser, hana: Account, page: str) -> None:
    assert browser_of(hana).get(page).status_code == 403
    assert Event.objects.get(name=EventName.ACCESS_DENIED).after["path"] == page
