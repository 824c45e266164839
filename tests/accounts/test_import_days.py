"""The day on which an account leaves, as a column of the file."""

from datetime import date, timedelta

import pytest

from accounts.leaving import leave_by_date, today
from accounts.models import Account
from audit.models import Event
from tests.accounts.conftest import Importing
from tests.accounts.files import HANA, a_row

NEXT_WEEK, YESTERDAY = today() + timedelta(days=7), today() - timedelta(days=1)


def hana() -> Account:
    return Account.objects.get(common_id=HANA)


def test_a_day_is_kept_changed_and_taken_back(import_rows: Importing) -> None:
    import_rows(a_row(leaves_on=NEXT_WEEK.isoformat()))
    assert hana().leaves_on == NEXT_WEEK
    import_rows(a_row(leaves_on="2099-03-31"))
    assert hana().leaves_on == date(2099, 3, 31)
    event = Event.objects.get(name="account:updated")
    assert (event.before, event.after) == ({"leaves_on": NEXT_WEEK.isoformat()}, {"leaves_on": "2099-03-31"})
    import_rows(a_row())
    assert hana().leaves_on == date(2099, 3, 31), "a file without the column says nothing"
    import_rows(a_row(leaves_on=""))
    assert hana().leaves_on is None


@pytest.mark.parametrize("text", ["31.3.2027", "2027/03/31", "20270331", "2027-02-30", "soon"])
def test_a_day_that_cannot_be_read_is_told(text: str, import_rows: Importing) -> None:
    _, seen = import_rows(a_row(leaves_on=text))
    assert seen.lines == {2: ["day"]}


def test_a_directory_that_still_has_the_account_does_not_bring_it_back_after_its_day(import_rows: Importing) -> None:
    import_rows(a_row(leaves_on=YESTERDAY.isoformat()))
    assert leave_by_date(10) == 1
    import_rows(a_row(leaves_on=YESTERDAY.isoformat()))
    import_rows(a_row())
    assert hana().left_at is not None
    import_rows(a_row(leaves_on=NEXT_WEEK.isoformat()))
    assert hana().left_at is None
