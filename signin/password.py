"""The first step: Common ID and password. Every wrong answer looks and takes the same (R-011, R-020, R-027)."""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.budgets import NETWORK, PASSWORD, UNKNOWN, Thing, count_failure
from accounts.models import Account, id_pattern
from audit.catalogue import EventName
from audit.context import network
from audit.record import record
from signin.known_browser import known_browser

LONGEST = 1024


@dataclass(frozen=True)
class Proved:
    """The password was right; whether it may be tried at all is judged with what follows, under the account's lock."""

    account: Account
    things: tuple[Thing, ...]


@lru_cache(maxsize=1)
def _nobodys_hash(parameters: tuple[int, int, int]) -> str:
    """A hash to compare with when there is no account, so that it takes as long."""
    return make_password("nobody")


def canonical(typed: str) -> str:
    """The Common ID a person meant: full-width digits and spaces are theirs to type."""
    return "".join(unicodedata.normalize("NFKC", typed[:64]).split())


def prove(typed: str, password: str, *, browser: str) -> Proved | None:
    """The account when the password is right; None for every other case, which is counted.

    The hash comes first, always once; then wrong ones and right ones queue at the account, so that no more than the cap of
    them are told apart, however many come at once (R-023).
    """
    common_id = canonical(typed)
    account = Account.objects.filter(common_id=common_id).select_related("affiliation").first()
    known = known_browser(account, browser) if account else ""
    things = ((PASSWORD, _budget(account, common_id, known)), *([] if known else [(NETWORK, network())]))
    if _matches(account, password) and account is not None and account.is_active:
        return Proved(account, things)
    with transaction.atomic(durable=True):
        _queue(account)
        name = EventName.PASSWORD_REFUSED if count_failure(*things) else EventName.PASSWORD_HELD
        record(name, account=account, after=_typed(account, common_id))
    return None


def _queue(account: Account | None) -> None:
    """Wait where `flow.begin` waits with a right password; a question about nobody, too, so that it takes as long."""
    Account.objects.select_for_update(no_key=True).filter(pk=account.pk if account else 0).values_list("pk").first()


def _matches(account: Account | None, password: str) -> bool:
    parameters = (settings.MFA_ARGON2_MEMORY_KIB, settings.MFA_ARGON2_PASSES, settings.MFA_ARGON2_LANES)
    usable = account is not None and account.has_usable_password()
    encoded = account.password if account is not None and usable else _nobodys_hash(parameters)
    return check_password(password[:LONGEST], encoded, setter=_renewal(account) if usable else None) and usable


def _renewal(account: Account | None) -> Callable[[str], None]:
    def renew(password: str) -> None:
        if account is not None:
            compared = Account.objects.filter(pk=account.pk, password=account.password)
            account.set_password(password)
            compared.update(password=account.password)  # nothing when it was changed meanwhile

    return renew


def _budget(account: Account | None, common_id: str, known: str) -> str:
    """One budget per account; a browser that has signed in before has its own, which strangers cannot use up (R-030)."""
    if account is None:
        return UNKNOWN + hashlib.sha256(common_id.encode()).hexdigest()[:40]
    return f"{account.pk}:{known}" if known else str(account.pk)


def _typed(account: Account | None, common_id: str) -> dict[str, str]:
    """What was typed is kept only when it looks like an id: people type passwords into the wrong field."""
    try:
        id_pattern(common_id)
    except ValidationError:
        return {}
    return {} if account else {"typed": common_id}
