"""What one field finds: accounts by words or the end of a phone number, cases by their number, and codes that callers read out."""

import re
import unicodedata
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Account
from accounts.roles import Powers
from accounts.search import search
from helpdesk.cases import RIGHT
from helpdesk.explaining import Explained, explain
from helpdesk.models import Case
from methods.owners import owners

SEARCH = "account:search"
_NUMBER = re.compile(r"(\d{3})-?(\d{4})", re.ASCII)


@dataclass(frozen=True)
class Found:
    """What `text` means; `by_phone` are those of the accounts that were found by their number."""

    accounts: list[Account]
    by_phone: frozenset[int]
    case: Case | None
    explained: Explained | None

    @property
    def is_nothing(self) -> bool:
        """Whether it means nothing."""
        return not (self.accounts or self.case or self.explained)


def find(text: str, *, most: int, among: QuerySet[Account], own: Powers) -> Found:
    """Everything that `text` could mean to somebody with these powers, `most` accounts of it; words before numbers."""
    named = search(text, limit=most, among=among, mine=own.among(SEARCH, "account__"))
    known = {account.pk for account in named}
    said = unicodedata.normalize("NFKC", text).strip()
    is_id = any(account.common_id == said for account in named)  # which is one account, and no end of a number
    others = [] if is_id else [pk for pk in owners(text) if pk not in known]
    reached = among.select_related("affiliation").filter(own.among(SEARCH)).in_bulk(others) if others else {}
    by_phone = [reached[pk] for pk in others if pk in reached][: most - len(named)]
    explained = explain(text, own.among(SEARCH))
    return Found([*named, *by_phone], frozenset(account.pk for account in by_phone), _case(said, own), explained)


def _case(said: str, own: Powers) -> Case | None:
    """The case whose number, as it is said, this is."""
    number = _NUMBER.fullmatch(said)
    mine = Case.objects.filter(own.among(RIGHT, "account__")).select_related("account", "owner")
    return mine.filter(number="".join(number.groups())).first() if number else None


def worked_on(staff: Account, *, most: int, own: Powers) -> list[Case]:
    """The cases of this member of staff, the open ones first, then the newest."""
    mine = Case.objects.filter(own.among(RIGHT, "account__"), owner=staff).select_related("account").order_by("-opened_at")[:most]
    return sorted(mine, key=lambda case: not case.is_open)
