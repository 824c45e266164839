"""An account that staff have locked is still the directory's: the file decides who has left, and says nothing of locks."""

from django.utils import timezone

from accounts.grants import grant
from accounts.models import Account, RoleGrant
from audit.models import Event
from tests.accounts.conftest import Importing
from tests.accounts.files import HANA, a_row
from tests.factories import an_account, an_affiliation


def locked() -> Account:
    """As the file describes it, locked, and with a role."""
    known = {"name_en": "Hana Sato", "name_ja": "佐藤 花", "language": "ja", "affiliation": an_affiliation("science")}
    return an_account(HANA, roles=("helpdesk",), locked_at=timezone.now(), **known)


def test_whoever_leaves_while_locked_has_left(import_rows: Importing) -> None:
    """Otherwise the person is back as soon as somebody unlocks the account."""
    locked()
    job, _ = import_rows(a_row(status="left"))
    hana = Account.objects.get(common_id=HANA)
    assert hana.left_at
    assert hana.locked_at
    assert hana.epoch == 1
    assert not RoleGrant.objects.exists()
    assert Event.objects.filter(name="account:left").count() == 1
    assert job.tally == {"left": 1}


def test_a_locked_account_that_stays_is_unchanged(import_rows: Importing) -> None:
    locked()
    job, _ = import_rows(a_row())
    assert job.tally == {"unchanged": 1}
    assert Account.objects.get(common_id=HANA).locked_at
    assert not Event.objects.exists()


def test_a_locked_account_may_be_given_a_role_for_later(hana: Account) -> None:
    Account.objects.filter(pk=hana.pk).update(locked_at=timezone.now())
    grant(hana, "helpdesk", actor=None, reason="new in the team")
    assert RoleGrant.objects.get().account == hana
