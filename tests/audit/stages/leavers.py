"""Accounts that leave: what becomes of their methods, and of those who are back."""

from collections.abc import Iterator

from accounts.models import Account
from audit.catalogue import EventName
from policies import leavers
from policies.tasks import look_after_leavers
from tests.audit.stages.staging import stage
from tests.factories import a_totp_app
from tests.policies.test_leavers import back, go, months_pass


def gone(account: Account) -> None:
    """The account has left, and its methods are suspended."""
    a_totp_app(account)
    go(account)
    leavers.look_after()


@stage(EventName.LEAVER_SUSPENDED, on="hana", after="until")
def somebody_who_leaves(hana: Account) -> Iterator[None]:
    a_totp_app(hana)
    go(hana)
    yield
    look_after_leavers()


@stage(EventName.LEAVER_REMOVED, on="hana", before="methods")
def somebody_who_left_long_ago(hana: Account) -> Iterator[None]:
    gone(hana)
    months_pass()
    yield
    look_after_leavers()


@stage(EventName.LEAVER_RETURNED, on="hana", before="methods")
def somebody_who_is_back(hana: Account) -> Iterator[None]:
    gone(hana)
    back(hana)
    yield
    look_after_leavers()
