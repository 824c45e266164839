"""R-137, R-238: notices reach every address, in the reader's language, and are tried again."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from methods.models import Message, MessageState
from methods.notices import tell
from tests.methods.people import send_all, states


def in_later(**period: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**period), tick=False)


def test_a_notice_that_a_worker_died_with_is_sent_again(hana: Account) -> None:
    tell(hana, "default-changed", method="my phone")
    Message.objects.update(state=MessageState.SENDING, attempts=1, lease_until=timezone.now() - timedelta(seconds=1))
    send_all()
    assert states() == ["sent"]
    assert len(mail.outbox) == 1


def test_nothing_is_planned_by_what_is_taken_back(hana: Account) -> None:
    """R-220."""
    with transaction.atomic():
        tell(hana, "default-changed", method="x")
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_a_notice_goes_to_every_address_once(hana: Account) -> None:
    hana.recovery_address, hana.recovery_address_confirmed_at = "hana@mail.example.org", timezone.now()
    tell(hana, "default-changed", method="x", also=hana.contact_address)
    assert sorted(Message.objects.values_list("address", flat=True)) == sorted([hana.contact_address, "hana@mail.example.org"])
    hana.recovery_address_confirmed_at = None
    Message.objects.all().delete()
    tell(hana, "default-changed", method="x")
    assert Message.objects.get().address == hana.contact_address


def test_a_mail_is_in_the_language_of_the_account_and_says_whom_to_ask(hana: Account) -> None:
    for language in ("en", "ja"):
        Account.objects.filter(pk=hana.pk).update(language=language)
        tell(hana, "method-removed", method="my phone")
        send_all()
    assert {letter.body.isascii() for letter in mail.outbox} == {True, False}
    for letter in mail.outbox:
        assert "my phone" in letter.body
        assert hana.common_id in letter.body
        assert "support@example.ac.jp" in letter.body


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (smtplib.SMTPRecipientsRefused({}), "failed"),
        (smtplib.SMTPRecipientsRefused({"hana@mail.example.com": (550, b"no such user")}), "failed"),
        (smtplib.SMTPRecipientsRefused({"hana@mail.example.com": (450, b"greylisted")}), "waiting"),
        (smtplib.SMTPRecipientsRefused({"hana@mail.example.com": (421, b"too busy")}), "waiting"),
        (smtplib.SMTPServerDisconnected("gone"), "waiting"),
        (smtplib.SMTPDataError(451, b"later"), "waiting"),
        (ConnectionRefusedError(), "waiting"),
        (TimeoutError(), "waiting"),
    ],
)
def test_a_notice_is_tried_again_unless_the_address_is_refused_for_good(
    hana: Account, trouble: Exception, state: str, monkeypatch: Any
) -> None:
    def broken(*args: Any) -> int:
        raise trouble

    tell(hana, "default-changed", method="x")
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", broken)
        send_all()
    assert states() == [state]
    with in_later(minutes=1):
        send_all()
    assert len(mail.outbox) == (state == "waiting")


def test_a_mail_keeps_its_message_id_at_each_try(hana: Account, monkeypatch: Any) -> None:
    """Whoever gets it twice can see that it is one."""
    ids: list[str] = []

    def broken(backend: Any, letters: list[Any]) -> int:
        ids.extend(letter.extra_headers["Message-ID"] for letter in letters)
        raise TimeoutError

    tell(hana, "default-changed", method="x")
    monkeypatch.setattr(EmailBackend, "send_messages", broken)
    for minutes in (0, 5, 10):
        with in_later(minutes=minutes):
            send_all()
    assert len(ids) == 3
    assert len(set(ids)) == 1
