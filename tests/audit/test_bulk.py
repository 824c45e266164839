"""Many rows inserted at once are the rows that saving them one by one would have made."""

import pytest
from django.db import DataError, connection, transaction
from django.forms import model_to_dict
from django.utils import timezone

from accounts.models import Account, SearchWord
from audit.bulk import columns_of, insert
from audit.models import Event
from tests.factories import an_affiliation

pytestmark = pytest.mark.django_db


def two_accounts(*ids: str) -> list[Account]:
    """One with a value in most columns, one with as few as possible."""
    now = timezone.now()
    full = {"name_ja": "佐藤 花", "epoch": 3, "left_at": now, "mfa_asked_here": True, "affiliation": an_affiliation(), "held_until": now}
    return [Account(common_id=ids[0], password="!", **full), Account(common_id=ids[1], password="!")]


def test_accounts_are_the_same_as_saved_ones() -> None:
    saved, inserted = two_accounts("0000000001", "0000000002"), two_accounts("0000000003", "0000000004")
    Account.objects.bulk_create(saved)
    insert(Account, columns_of(Account, inserted))
    for one, other in zip(Account.objects.order_by("common_id")[:2], Account.objects.order_by("common_id")[2:], strict=True):
        first, second = model_to_dict(one, exclude=["id", "common_id"]), model_to_dict(other, exclude=["id", "common_id"])
        moments = [(first.pop(name), second.pop(name)) for name in ("left_at", "held_until")]
        assert first == second
        assert all((was is None) == (is_ is None) for was, is_ in moments)
        assert other.created_at >= one.created_at


def test_events_are_the_same_as_saved_ones() -> None:
    facts = {"at": timezone.now(), "name": "account:updated", "actor_kind": "system", "before": {}, "after": {"名": ["'\"\\", None, 1.5]}}
    facts |= {"address": "2001:db8::1", "account_id": 7}
    Event(**facts).save()
    insert(Event, columns_of(Event, [Event(**facts), Event(**facts | {"address": None, "account_id": None})]))
    saved, inserted, bare = Event.objects.order_by("pk")
    assert model_to_dict(saved, exclude=["id"]) == model_to_dict(inserted, exclude=["id"])
    assert (bare.address, bare.account_id, bare.after) == (None, None, facts["after"])
    assert len({saved.uid, inserted.uid, bare.uid}) == 3


def test_nothing_is_inserted_from_nothing() -> None:
    insert(SearchWord, {"account": [], "word": []})
    assert not SearchWord.objects.exists()


def test_a_value_that_is_too_long_is_never_cut_off() -> None:
    try:
        with transaction.atomic():
            insert(Account, columns_of(Account, [Account(common_id="1" * 33), Account(common_id="2")]))
    except DataError:
        assert not Account.objects.exists()
    else:
        assert connection.vendor == "sqlite"  # which has no lengths
        assert Account.objects.filter(common_id="1" * 33).exists()
