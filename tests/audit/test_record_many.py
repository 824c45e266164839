"""A verb that acts on many accounts writes an event for each, in order, with one statement or a few."""

import pytest
from django.db import transaction

from accounts.models import Account
from audit.catalogue import EventName
from audit.context import Where, circumstances
from audit.models import Event
from audit.record import Happening, record, record_many

HERE = Where(address="192.0.2.7", browser="test", request_id="r", session="s", verified_with="totp")


def test_each_happening_is_an_event_like_any_other(hana: Account, ken: Account, ada: Account) -> None:
    with circumstances(HERE):
        record_many(
            [
                Happening(EventName.ACCOUNT_UPDATED, hana, {"kind": "student"}, {"kind": "staff"}),
                Happening(EventName.ACCOUNT_LEFT, ken),
            ],
            actor=ada,
            reason="yearly file",
        )
        alone = record(EventName.ACCOUNT_LEFT, account=ken, actor=ada, reason="yearly file")
    first, second, third = Event.objects.order_by("pk")
    assert (first.account_label, first.before, first.after) == (hana.common_id, {"kind": "student"}, {"kind": "staff"})
    assert third == alone
    for field in (
        "name",
        "account_id",
        "actor_id",
        "actor_kind",
        "reason",
        "before",
        "after",
        "address",
        "browser",
        "session",
        "verified_with",
    ):
        assert getattr(second, field) == getattr(third, field), field


def test_nothing_happened_is_nothing_written(db: None) -> None:
    record_many([])
    assert not Event.objects.exists()


def test_events_go_with_the_change_they_tell_of(hana: Account) -> None:
    with transaction.atomic():
        record_many([Happening(EventName.ACCOUNT_LEFT, hana)])
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_a_name_outside_the_catalogue_is_refused(hana: Account) -> None:
    with pytest.raises(ValueError, match="account:eaten"):
        record_many([Happening("account:eaten", hana)])  # type: ignore[arg-type]


def test_many_events_take_few_statements(hana: Account, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        record_many([Happening(EventName.ACCOUNT_UPDATED, hana)] * 500)
    assert Event.objects.count() == 500
