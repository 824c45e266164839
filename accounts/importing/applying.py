"""Writes batches of rows, each in a transaction of its own unless the caller has one open."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import transaction
from django.db.models import QuerySet

from accounts.importing.planning import COMPARED, Plan, plan
from accounts.importing.rows import AccountRow, Judged
from accounts.leaving import CHANGES, leave, withdraw_roles
from accounts.models import Account, SearchWord
from audit.bulk import columns_of, insert
from audit.record import Happening, record_many

BATCH = 1000
WRITTEN = (*COMPARED, *CHANGES, "affiliation", "password", "leaves_on")


@dataclass(frozen=True)
class Applying:
    """What all batches of one run share; `reason` stands with every event."""

    affiliations: Mapping[str, int | None]
    now: datetime
    reason: str

    def preview(self, rows: Sequence[AccountRow]) -> Counter[str]:
        """What `apply` would do now."""
        hashes = dict.fromkeys(_wanting_passwords(rows), "not hashed")
        return plan(rows, _named(rows), Plan(self.now, self.affiliations, hashes)).tally

    def apply(self, rows: Sequence[AccountRow]) -> Counter[str]:
        """Create, update, mark as left and bring back, as `rows` say."""
        # Hashing is slow by design: it is done before the transaction makes anybody wait.
        hashes = {common_id: make_password(password) for common_id, password in _wanting_passwords(rows).items()}
        with transaction.atomic():
            locked = _named(rows).select_for_update(of=("self",), no_key=True)
            planned = plan(rows, locked, Plan(self.now, self.affiliations, hashes))
            self._write(planned)
        return planned.tally

    def mark_as_left(self, keys: Sequence[int]) -> int:
        """Mark the accounts with these primary keys as left; tells how many had not left yet."""
        with transaction.atomic():
            rows = Account.objects.select_for_update(no_key=True).filter(pk__in=keys, left_at=None)
            accounts = list(rows.order_by("pk"))
            happenings = [leave(account, self.now) for account in accounts]
            _store(accounts)
            self._record([*happenings, *withdraw_roles(accounts)])
        return len(accounts)

    def _write(self, planned: Plan) -> None:
        _insert(planned.new)
        _store(planned.changed)
        SearchWord.objects.renew(planned.renamed)
        withdrawn = withdraw_roles(planned.leaving)
        Account.objects.filter(pk__in=[account.pk for account in planned.known]).update(last_seen_in_import_at=self.now)
        self._record([*planned.happenings, *withdrawn])

    def _record(self, happenings: Sequence[Happening]) -> None:
        record_many(happenings, reason=self.reason)


def _named(rows: Sequence[AccountRow]) -> QuerySet[Account]:
    ids = [row.common_id for row in rows]
    return Account.objects.filter(common_id__in=ids).select_related("affiliation").order_by("pk")


def _insert(accounts: Sequence[Account]) -> None:
    insert(Account, columns_of(Account, accounts))
    ids = [account.common_id for account in accounts]
    keys = dict(Account.objects.filter(common_id__in=ids).values_list("common_id", "pk"))
    for account in accounts:
        account.pk = keys[account.common_id]
    SearchWord.objects.renew(accounts, known=False)


def _store(accounts: Sequence[Account]) -> None:
    # An upsert of rows that all exist: many times faster than bulk_update with its CASE for each value.
    Account.objects.bulk_create(accounts, update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN)


def _wanting_passwords(rows: Sequence[AccountRow]) -> dict[str, str]:
    given = {row.common_id: row.initial_password for row in rows if row.initial_password}
    have = Account.objects.filter(common_id__in=given).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    for common_id in have.values_list("common_id", flat=True):
        del given[common_id]
    return given


def batches(lines: Iterable[Judged]) -> Iterator[list[Judged]]:
    """`lines` in lists of at most BATCH."""
    lines = iter(lines)
    while batch := list(islice(lines, BATCH)):
        yield batch
