"""R-189: events go under a rule, and what is left proves that it was the rule and nobody else."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.checks import check_guard
from audit.models import Event, Retirement, Seal
from audit.record import record
from audit.retention import months, rules
from audit.retention.months import month_of
from audit.seals import keys, sealing
from audit.seals.retirements import packed_bits, statement_of
from tests.audit.by_hand import by_hand, names, verified
from tests.audit.judging import exported, judged, retired, sealed
from tests.harness.append_only import triggers_lifted

pytestmark = pytest.mark.django_db
OLD = timezone.now() - timedelta(days=500)


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Three months long ago and today; sign-ins are kept for 400 days."""
    for days in (700, 650, 600):
        sealed(monkeypatch, days, [EventName.SIGNIN_SUCCEEDED, EventName.METHOD_REMOVED, EventName.SIGNIN_REFUSED])
    sealed(monkeypatch, 0, [EventName.SIGNIN_SUCCEEDED])
    settings.MFA_AUDIT_KEEP = ["signin=400"]


def test_what_a_rule_no_longer_keeps_goes_and_the_rest_stays(history: None) -> None:
    assert retired().count("signin after 400 days: 2 events") == 3
    assert Event.objects.filter(name=EventName.METHOD_REMOVED).count() == 3
    assert Event.objects.filter(name__startswith="signin:").count() == 1
    assert retired() == "Nothing is old enough to go.\n"


def test_verification_accepts_the_gap_and_says_under_which_rule(history: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    retired()
    sealing.seal()
    code, said = verified()
    assert code == 0, said
    assert said.count("2 events were removed under the rule “signin after 400 days”") == 3
    code, said = judged(exported(tmp_path), capsys=capsys)
    assert code == 0, said
    assert said.count("2 events are gone under the rule “signin after 400 days”") == 3


def test_removing_is_an_event_that_says_how_many_and_why(history: None) -> None:
    retired()
    told = Event.objects.filter(name=EventName.EVENTS_RETIRED).order_by("pk")
    assert [(one.after["gone"], one.after["rule"], one.actor_kind) for one in told] == [(2, "signin after 400 days", "system")] * 3


@pytest.mark.parametrize("way", ["row", "export"])
def test_what_goes_without_a_rule_is_missed_all_the_same(
    history: None, way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The method that was removed on the first day is event number 2; its neighbours are gone under the rule."""
    retired()
    sealing.seal()
    if way == "row":
        by_hand("DELETE FROM audit_event WHERE id = (SELECT min(id) FROM audit_event)")
        assert names(verified(), "removed", 2)
        return
    path = exported(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if line.endswith(b'"number":2}\n'))
    leaf = lines[place].rpartition(b'"leaf":"')[2][:64]
    lines[place] = b'{"gone":true,"leaf":"%b","number":2}\n' % leaf
    path.write_bytes(b"".join(lines))
    assert "removed: event number 2 of seal 1 is missing, and no rule says why" in judged(path, capsys=capsys)[1]


def forged(**changed: Any) -> None:
    """The statement altered, and signed with the key of whoever did it."""
    row = Retirement.objects.get(number=1)
    for name, value in changed.items():
        setattr(row, name, value)
    row.signature = Ed25519PrivateKey.generate().sign(statement_of(row).signed_bytes()).hex()
    with triggers_lifted(connection):
        row.save(force_update=True)


FORGERIES: dict[str, Callable[[], None]] = {
    "another key": lambda: forged(rule="signin after 400 days"),
    "other numbers": lambda: by_numbers(b"\xff" * 10),
    "no numbers": lambda: by_numbers(b""),
    "another rule": lambda: forged(rule="everything after 1 days", days=1),
    "a statement hidden": lambda: by_hand("DELETE FROM audit_retirement WHERE number = 2"),
}


def by_numbers(bits: bytes) -> None:
    with triggers_lifted(connection):
        Retirement.objects.filter(number=1).update(numbers=packed_bits(bits))


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_statement_that_nobody_here_signed_explains_nothing(
    history: None, forgery: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    retired()
    sealing.seal()
    FORGERIES[forgery]()
    assert verified()[0] == 1
    assert judged(exported(tmp_path), capsys=capsys)[0] == 1


def test_even_the_key_of_the_site_cannot_sign_away_what_is_young(history: None) -> None:
    retired()
    row = Retirement.objects.get(number=1)
    row.older_than = timezone.now() + timedelta(days=1)
    row.signature = statement_of(row).signed()
    with triggers_lifted(connection):
        row.save(force_update=True)
    code, said = verified()
    assert (code, "First bad row: altered: retirement 1 (“signin after 400 days”) removed what was younger than 400 days" in said) == (
        1,
        True,
    )


def test_a_statement_cannot_speak_of_seals_that_were_closed_later(history: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has key and database marks a young event as gone: the seal tells that it was young."""
    retired()
    sealing.seal()
    row = Retirement.objects.get(number=3)
    row.last, row.numbers = 10, packed_bits(b"\xff")
    row.digest = keys.hashlib.sha256(b"\xff").hexdigest()
    row.signature = statement_of(row).signed()
    with triggers_lifted(connection):
        row.save(force_update=True)
        Event.objects.filter(pk=sealing.unpacked(Seal.objects.get(number=4).event_ids)[0]).delete()
    assert names(verified(), "removed", 10)


def test_erasing_a_person_leaves_the_chain_whole_and_no_trace_of_the_name(history: None, hana: Account) -> None:
    record(EventName.METHOD_REGISTERED, account=hana, actor=hana, after={"kind": "totp"})
    sealing.seal()
    retired(erase=hana.common_id, reason="Decision 12/2026")
    assert not Event.objects.filter(account_label=hana.common_id).exists()
    told = Event.objects.get(name=EventName.EVENTS_RETIRED)
    assert (told.after["rule"], told.reason, hana.common_id in str(vars(told))) == ("erasure after 0 days", "Decision 12/2026", False)
    sealing.seal()
    assert verified()[0] == 0


def test_erasing_needs_a_reason(hana: Account) -> None:
    with pytest.raises(CommandError):
        retired(erase=hana.common_id)


@pytest.mark.parametrize("text", ["nothing=400", "signin=30", "signin", "signin=", "*=-1", "signin=４００"])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(rules.NoRule):
        rules.parsed([text])


def test_the_closest_rule_counts_and_the_record_of_removals_stays_for_ever() -> None:
    found = rules.parsed(["events:read=90", "events=800", "*=3650"])
    covered = [set(rules.names(rule, found)) for rule in found]
    assert covered[0] == {"events:read"}
    assert "events:exported" in covered[1]
    assert "signin:succeeded" in covered[2]
    assert "events:retired" not in set.union(*covered)


def test_afterwards_the_guard_stands_again(history: None) -> None:
    retired()
    assert check_guard(databases=["default"]) == []
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.all().delete()


def test_a_month_ends_where_the_next_begins() -> None:
    december = month_of(OLD.replace(month=12, day=31))
    assert (december.ends.month, december.ends.year) == (1, december.begins.year + 1)
    assert month_of(december.ends).begins == december.ends


def test_without_the_months_made_ahead_events_go_on_being_recorded_and_go_under_the_rule(history: None) -> None:
    """On PostgreSQL the months of `history` were never made: their events lie in the table for all others."""
    months.make_ahead()
    retired()
    sealing.seal()
    assert verified()[0] == 0
