"""Two records with one id: nobody is told that either is true, and nothing breaks (R-182)."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from audit.record import record
from audit.seals import sealing

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


@pytest.fixture
def genuine(hana: Account) -> Event:
    """A sealed event; a copy of it, with another actor, was put into the table afterwards."""
    event = record(EventName.METHOD_RENAMED, account=hana, actor=hana, after={"name": "+81 90-1234-5678"})
    sealing.seal()
    Event.objects.create(
        uid=event.uid, at=event.at, name="account:locked", account_id=hana.pk, account_label="1000000001", actor_kind="system"
    )
    return event


@pytest.mark.parametrize("name", ["event", "proof", "proof-file"])
def test_every_page_of_the_id_shows_both_and_says_that_one_is_false(name: str, browser_of: Browser, aki: Account, genuine: Event) -> None:
    answer = browser_of(aki).get(reverse(f"audit:{name}", args=[genuine.uid]))
    html = answer.content.decode()
    assert answer.status_code == 409
    for said in (
        "At least one of these records is false",
        "Named in seal 1",
        "No seal names this record",
        "account:locked",
        "method:renamed",
    ):
        assert said in html, said
    assert "1234-5678" not in html
    assert Event.objects.get(name=EventName.EVENTS_READ).after == {"event": str(genuine.uid)}


def test_numbers_are_not_shown_in_full(browser_of: Browser, aki: Account, genuine: Event) -> None:
    answer = browser_of(aki).post(reverse("audit:reveal", args=[genuine.uid]), {"reason": "Ticket 4711"})
    assert answer.status_code == 409
    assert "1234-5678" not in answer.content.decode()
    assert not Event.objects.filter(name=EventName.EVENTS_REVEALED).exists()


def test_an_operator_gets_no_proof_of_either(genuine: Event) -> None:
    with pytest.raises(CommandError, match="More than one record has the id"):
        call_command("audit_proof", str(genuine.uid))


def test_without_the_right_nothing_is_shown(browser_of: Browser, hiro: Account, genuine: Event) -> None:
    assert browser_of(hiro).get(reverse("audit:event", args=[genuine.uid])).status_code == 403
