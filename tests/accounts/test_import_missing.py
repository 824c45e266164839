"""Nobody goes for not being in a file, unless asked for, and never too many at once."""

from typing import Any

import pytest

from accounts.models import Account, RoleGrant
from accounts.refusals import Refused
from audit.models import Event
from tests.accounts.conftest import Importing
from tests.accounts.files import a_row
from tests.factories import an_account

IDS = [f"{number:010d}" for number in range(40)]


@pytest.fixture
def forty(import_rows: Importing) -> Importing:
    """Forty imported accounts; returns `import_rows`."""
    import_rows(*map(a_row, IDS))
    return import_rows


def left() -> set[str]:
    return set(Account.objects.exclude(left_at=None).values_list("common_id", flat=True))


def test_a_missing_account_stays_unless_marking_is_asked_for(forty: Importing) -> None:
    job, _ = forty(a_row(IDS[0]))
    assert (left(), Account.objects.count(), job.tally) == (set(), 40, {"unchanged": 1})


def test_missing_accounts_are_marked_and_recorded_but_never_deleted(forty: Importing) -> None:
    job, _ = forty(*map(a_row, IDS[2:]), mark_missing=True)
    assert (left(), Account.objects.count()) == (set(IDS[:2]), 40)
    assert job.tally == {"left": 2, "unchanged": 38}
    assert set(Event.objects.filter(name="account:left").values_list("account_label", flat=True)) == set(IDS[:2])
    assert set(Account.objects.filter(epoch=1).values_list("common_id", flat=True)) == set(IDS[:2])


def test_a_missing_account_loses_its_roles(forty: Importing) -> None:
    RoleGrant.objects.create(account=Account.objects.get(common_id=IDS[0]), role="helpdesk")
    forty(*map(a_row, IDS[1:]), mark_missing=True)
    assert not RoleGrant.objects.exists()
    assert Event.objects.filter(name="role:withdrawn", account_label=IDS[0]).count() == 1


def test_more_than_a_twentieth_is_refused_with_both_numbers_and_nothing_changes(forty: Importing) -> None:
    recorded = Event.objects.count()
    with pytest.raises(Refused) as refused:
        forty(*map(a_row, IDS[3:]), a_row("0000000099"), mark_missing=True)
    assert "3 of 40 active accounts (7.5 %) are not in the file; at most 5 % may" in refused.value.sentence
    assert (left(), Account.objects.count(), Event.objects.count()) == (set(), 40, recorded)


def test_the_share_can_be_raised_by_name(forty: Importing) -> None:
    forty(*map(a_row, IDS[3:]), mark_missing=True, allowed_share=7.5)
    assert left() == set(IDS[:3])


def test_who_has_left_already_does_not_count(forty: Importing) -> None:
    forty(*(a_row(common_id, status="left") for common_id in IDS[:10]))
    job, _ = forty(*map(a_row, IDS[11:]), mark_missing=True)
    assert (left(), job.tally["left"]) == (set(IDS[:11]), 1)


def test_the_account_for_emergencies_is_never_missing(forty: Importing, settings: Any) -> None:
    settings.MFA_BREAK_GLASS = [IDS[0]]
    RoleGrant.objects.create(account=Account.objects.get(common_id=IDS[0]), role="administrator")
    forty(*map(a_row, IDS[2:]), mark_missing=True)
    account = Account.objects.get(common_id=IDS[0])
    assert (account.left_at, account.role_grants.count()) == (None, 1)
    assert Account.objects.get(common_id=IDS[1]).left_at is not None


def left_rows(number: int) -> list[dict[str, str]]:
    return [a_row(f"{one:010d}", status="left" if one < number else "active") for one in range(500)]


@pytest.fixture
def five_hundred(import_rows: Importing) -> Importing:
    """As many imported accounts; returns `import_rows`."""
    import_rows(*left_rows(0))
    return import_rows


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_file_in_which_too_many_have_left_is_refused_before_anything_changes(five_hundred: Importing, dry_run: bool) -> None:  # noqa: FBT001
    recorded = Event.objects.count()
    with pytest.raises(Refused) as refused:
        five_hundred(*left_rows(26), dry_run=dry_run)
    assert (
        "26 of 500 active accounts (5.2 %) would leave at once, 26 of them because their lines say so; at most 5 %"
        in refused.value.sentence
    )
    assert (left(), Event.objects.count()) == (set(), recorded)
    five_hundred(*left_rows(26), allowed_share=6)
    assert len(left()) == 26
    five_hundred(*left_rows(26 + 20))
    assert len(left()) == 46, "who has left already goes no more"


def test_those_who_are_missing_and_those_who_are_named_as_left_count_together(five_hundred: Importing) -> None:
    with pytest.raises(Refused, match="import-too-many-leave"):
        five_hundred(*left_rows(20)[:-6], mark_missing=True)
    five_hundred(*left_rows(20)[:-5], mark_missing=True)
    assert len(left()) == 25


def test_the_account_for_emergencies_stays_whatever_a_file_says(forty: Importing, settings: Any) -> None:
    settings.MFA_BREAK_GLASS = [IDS[0]]
    forty(a_row(IDS[0], status="left"), a_row(IDS[1], status="left"))
    assert left() == {IDS[1]}


def test_accounts_made_by_hand_are_never_missing(forty: Importing) -> None:
    by_hand = an_account("1234567890")
    forty(*map(a_row, IDS), mark_missing=True)
    by_hand.refresh_from_db()
    assert by_hand.is_active


def test_a_wrong_line_that_tells_whose_it_is_keeps_that_account(forty: Importing) -> None:
    forty(a_row(IDS[0], contact_address="broken"), *map(a_row, IDS[1:]), mark_missing=True)
    assert left() == set()


def test_nobody_is_marked_while_a_line_does_not_tell_whose_it_is(forty: Importing) -> None:
    with pytest.raises(Refused) as refused:
        forty(a_row("0"), *map(a_row, IDS[1:]), mark_missing=True)
    assert refused.value.code == "import-ids-unreadable"
    assert left() == set()


def test_strict_marks_in_the_same_transaction(forty: Importing) -> None:
    job, _ = forty(*map(a_row, IDS[1:]), mark_missing=True, strict=True)
    assert (left(), job.tally["left"]) == ({IDS[0]}, 1)


def test_the_first_file_of_an_empty_site_marks_nobody(import_rows: Importing) -> None:
    job, _ = import_rows(a_row(), mark_missing=True)
    assert job.tally == {"created": 1}
