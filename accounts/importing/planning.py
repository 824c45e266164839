"""What a batch of rows would do to the accounts there are: decided here, written elsewhere, so that a dry run tells the truth."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, UNUSABLE_PASSWORD_SUFFIX_LENGTH
from django.utils import timezone

from accounts.importing.rows import AccountRow
from accounts.leaving import come_back, leave
from accounts.models import Account
from audit.catalogue import EventName
from audit.record import Happening

COMPARED = ("name_en", "name_ja", "kind", "language", "contact_address")


@dataclass
class Plan:
    """Accounts to insert and to change, and the events that tell of it."""

    now: datetime
    affiliations: Mapping[str, int | None]
    hashes: Mapping[str, str]
    new: list[Account] = field(default_factory=list)
    known: list[Account] = field(default_factory=list)
    changed: list[Account] = field(default_factory=list)
    renamed: list[Account] = field(default_factory=list)
    leaving: list[Account] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)

    def add(self, row: AccountRow, account: Account | None) -> None:
        """Settle what `row` does to `account`, or that it makes one."""
        if account is None:
            self._create(row)
            return
        self.known.append(account)
        happened = [*self._update(row, account), *self._come_or_go(row, account)]
        self.happenings += happened
        if happened:
            self.changed.append(account)
        else:
            self.tally["unchanged"] += 1

    def _create(self, row: AccountRow) -> None:
        account = Account(
            common_id=row.common_id,
            affiliation_id=self.affiliations[row.affiliation],
            password=self.hashes.get(row.common_id) or _no_password(),
            last_seen_in_import_at=self.now,
            left_at=self.now if row.status == "left" else None,
            leaves_on=_day(row.leaves_on),
            **{name: getattr(row, name) for name in COMPARED},
        )
        after = {name: getattr(row, name) for name in (*COMPARED, "affiliation")}
        if account.left_at:
            after["left_at"] = account.left_at.isoformat()
        self.new.append(account)
        self.happenings.append(Happening(EventName.ACCOUNT_IMPORTED, account, after=after))
        self.tally["created"] += 1

    def _update(self, row: AccountRow, account: Account) -> Iterable[Happening]:
        before, after = _differences(row, account)
        for name in after:
            if name in COMPARED:
                setattr(account, name, after[name])
        if "affiliation" in after:
            account.affiliation_id = self.affiliations[row.affiliation]
        if "leaves_on" in after:
            account.leaves_on = _day(after["leaves_on"])
        if row.common_id in self.hashes and not account.has_usable_password():
            account.password = self.hashes[row.common_id]
            before["initial_password"], after["initial_password"] = False, True
        if not Account.FOUND_BY.isdisjoint(after):
            self.renamed.append(account)
        if after:
            self.tally["updated"] += 1
            yield Happening(EventName.ACCOUNT_UPDATED, account, before, after)

    def _come_or_go(self, row: AccountRow, account: Account) -> Iterable[Happening]:
        if row.status == "left" and account.left_at is None and row.common_id not in settings.MFA_BREAK_GLASS:
            self.tally["left"] += 1
            self.leaving.append(account)
            yield leave(account, self.now)
        elif row.status == "active" and account.left_at is not None and not _is_over(account.leaves_on, self.now):
            self.tally["returned"] += 1
            yield come_back(account)


def plan(rows: Sequence[AccountRow], accounts: Iterable[Account], blank: Plan) -> Plan:
    """Fill a blank plan with what `rows` do to the `accounts` that exist."""
    known = {account.common_id: account for account in accounts}
    for row in rows:
        blank.add(row, known.get(row.common_id))
    return blank


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _is_over(leaves_on: date | None, now: datetime) -> bool:
    """A day that has passed says more than a directory that still has the account; another day brings it back."""
    return leaves_on is not None and leaves_on <= timezone.localdate(now, timezone.get_default_timezone())


def _no_password() -> str:
    # As make_password(None) does it, whose random characters would take a tenth of the whole import.
    return UNUSABLE_PASSWORD_PREFIX + token_hex(UNUSABLE_PASSWORD_SUFFIX_LENGTH // 2)


def _differences(row: AccountRow, account: Account) -> tuple[dict[str, Any], dict[str, Any]]:
    old = {name: getattr(account, name) for name in COMPARED}
    old["affiliation"] = account.affiliation.code if account.affiliation else None
    if account.language_chosen:
        del old["language"]  # the person's own choice stays (S-139)
    if row.leaves_on is not None:
        old["leaves_on"] = account.leaves_on.isoformat() if account.leaves_on else ""
    before = {name: value for name, value in old.items() if value != getattr(row, name)}
    return before, {name: getattr(row, name) for name in before}
