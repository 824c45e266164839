"""Two records with one id, or a record that is not what was sealed: nobody is told that it is true, and nothing breaks (R-182)."""

# ruff: noqa: S608  statements by hand are what this is about

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event, Seal
from audit.record import record
from audit.seals import rows, sealing, tree
from tests.audit.by_hand import by_hand

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
PROOFS = ["proof", "proof-file"]


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


def refused(browser: Client, name: str, event: Event) -> str:
    """The page that is shown in the place of a proof."""
    answer = browser.get(reverse(f"audit:{name}", args=[event.uid]))
    assert (answer.status_code, answer["Content-Type"]) == (409, "text/html; charset=utf-8")
    assert Event.objects.get(name=EventName.EVENTS_READ).after == {"event": str(event.uid)}
    assert not Event.objects.filter(name=EventName.EVENTS_EXPORTED).exists()
    html = answer.content.decode()
    for said in ("manage.py audit_verify", "Tell the administrators", str(event.uid)):
        assert said in html, said
    for unsaid in ("What was sealed", "Download the proof"):
        assert unsaid not in html, unsaid
    return html


@pytest.fixture
def sealed(hana: Account) -> Event:
    """One of three events of a seal."""
    record(EventName.ACCOUNT_VIEWED, account=hana)
    event = record(EventName.METHOD_RENAMED, account=hana, actor=hana, after={"name": "Phone"})
    record(EventName.ACCOUNT_VIEWED, account=hana)
    sealing.seal()
    return event


@pytest.mark.parametrize("name", PROOFS)
@pytest.mark.parametrize("change", ["name = 'method:removed'", "reason = 'of somebody else'", """"after" = '{"name": "+819012345678"}'"""])
def test_a_record_that_was_altered_is_said_not_to_be_what_was_sealed(
    name: str, change: str, browser_of: Browser, aki: Account, sealed: Event
) -> None:
    by_hand(f"UPDATE audit_event SET {change} WHERE id = {sealed.pk}")
    html = refused(browser_of(aki), name, sealed)
    assert "This record is not what was sealed" in html
    assert "Named in seal 1" in html
    for altered in ("removed", "of somebody else", "9012345678"):
        assert altered not in html, altered


@pytest.mark.parametrize("name", PROOFS)
def test_a_record_of_another_id_in_the_place_of_a_sealed_one_has_no_proof(
    name: str, browser_of: Browser, aki: Account, sealed: Event
) -> None:
    sealed.uid = uuid4()
    by_hand(f"UPDATE audit_event SET uid = '{sealed.uid.hex}' WHERE id = {sealed.pk}")
    assert "This record is not what was sealed" in refused(browser_of(aki), name, sealed)


@pytest.mark.parametrize("name", [*PROOFS, "event"])
def test_of_two_records_with_one_number_neither_is_shown_as_the_other(name: str, browser_of: Browser, aki: Account, sealed: Event) -> None:
    """SQLite has each number once; in PostgreSQL another month can have it, too."""
    if connection.vendor != "postgresql":
        return
    twin = Event(pk=sealed.pk, at=sealed.at - timedelta(days=900), name="account:locked", actor_kind="system")
    Event.objects.bulk_create([twin])
    for event in (sealed, twin):
        answer = browser_of(aki).get(reverse(f"audit:{name}", args=[event.uid]))
        assert answer.status_code == 409
        assert "At least one of these records is false" in answer.content.decode()
        with pytest.raises(CommandError, match="is not what was sealed"):
            call_command("audit_proof", str(event.uid))


def leaves_made_to_fit(event: Event) -> None:
    """The hash kept beside the altered event is its own again; the signed root is not."""
    by_hand(f"UPDATE audit_event SET reason = 'of somebody else' WHERE id = {event.pk}")
    leaves = tree.cut(bytes(Seal.objects.get().leaves))
    leaves[1] = tree.leaf(dict(rows.chosen([event.pk]))[event.pk])
    by_hand(f"UPDATE audit_seal SET leaves = {blob(b''.join(leaves))}")


def blob(content: bytes) -> str:
    return f"decode('{content.hex()}', 'hex')" if connection.vendor == "postgresql" else f"x'{content.hex()}'"


def root_made_to_fit(event: Event) -> None:
    leaves_made_to_fit(event)
    root = tree.root(tree.cut(bytes(Seal.objects.get().leaves))).hex()
    by_hand(f"UPDATE audit_seal SET root = '{root}'")


def leaves_taken_away(event: Event) -> None:
    by_hand(f"UPDATE audit_seal SET leaves = {blob(b'')}")


def signature_spoilt(event: Event) -> None:
    by_hand(f"UPDATE audit_seal SET signature = '{'0' * 128}'")


@pytest.mark.parametrize("name", PROOFS)
@pytest.mark.parametrize("spoil", [leaves_made_to_fit, root_made_to_fit, leaves_taken_away, signature_spoilt])
def test_where_the_seal_itself_is_not_what_was_signed_nothing_is_proved(
    name: str, spoil: Callable[[Event], None], browser_of: Browser, aki: Account, sealed: Event
) -> None:
    spoil(sealed)
    assert "The seal of this record is not what was signed" in refused(browser_of(aki), name, sealed)
    with pytest.raises(CommandError, match="not what was signed"):
        call_command("audit_proof", str(sealed.uid))


@pytest.mark.parametrize("name", PROOFS)
def test_a_record_that_was_put_in_afterwards_is_not_said_to_wait_for_its_seal(
    name: str, browser_of: Browser, aki: Account, sealed: Event
) -> None:
    seal = Seal.objects.get()
    late = Event(pk=-1, at=seal.sealed_at, name="account:locked", actor_kind="system")
    Event.objects.bulk_create([late])
    assert "This record was never sealed" in refused(browser_of(aki), name, late)
    with pytest.raises(CommandError, match="is in no seal"):
        call_command("audit_proof", str(late.uid))


def test_an_operator_gets_no_proof_of_what_was_altered(sealed: Event) -> None:
    by_hand(f"UPDATE audit_event SET name = 'method:removed' WHERE id = {sealed.pk}")
    with pytest.raises(CommandError, match="is not what was sealed"):
        call_command("audit_proof", str(sealed.uid))
