"""Lists that administrators paste, or read from a file by `manage.py policy`: ranges of a network, accounts of a group. Every line that is wrong is named with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, id_pattern
from policies.clock import database_now
from policies.drafting import Change, new_id
from policies.models import AccountList, ListedAccount
from policies.rulebook.addresses import read_range
from policies.rulebook.content import Book, Group, Network

BATCH = 5000
TOLD = 50  # ranges that an event names


@dataclass(frozen=True)
class Bad:
    """A line that cannot be taken, and why."""

    number: int
    text: str
    why: str

    def __str__(self) -> str:
        return _("Line %(number)s (%(text)s): %(why)s") % {"number": self.number, "text": self.text[:60], "why": self.why}


def read_lines(text: str, judge: Callable[[str], str]) -> tuple[list[str], list[Bad]]:
    """The words of a list, one a line, without remarks after #; and the lines that `judge` objects to."""
    good, bad = [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split(",")[0].strip()
        if not words:
            continue
        if why := judge(words):
            bad.append(Bad(number, words, why))
        else:
            good.append(words)
    return list(dict.fromkeys(good)), bad


def range_objection(text: str) -> str:
    """Why a line is no range of addresses."""
    if "%" in text:
        return _("An address with a zone means something else on every machine.")
    if read_range(text) is None:
        return _("This is neither an address, nor a network in CIDR form (192.0.2.0/24), nor a range (192.0.2.1-192.0.2.9).")
    return ""


def id_objection(text: str) -> str:
    """Why a line is no Common ID."""
    try:
        id_pattern(text)
    except ValidationError as error:
        return str(error.messages[0])
    return ""


@transaction.atomic
def keep_list(common_ids: Sequence[str], *, actor: Account | None) -> AccountList:
    """A list of these accounts, all of which must be known."""
    kept = AccountList.objects.create(made_by=actor, made_at=database_now())
    for start in range(0, len(common_ids), BATCH):
        known = Account.objects.filter(common_id__in=common_ids[start : start + BATCH]).values_list("pk", flat=True)
        ListedAccount.objects.bulk_create([ListedAccount(list=kept, account_id=pk) for pk in known], batch_size=BATCH)
    return kept


def unknown_among(common_ids: Sequence[str]) -> set[str]:
    """Those that no account has."""
    known: set[str] = set()
    for start in range(0, len(common_ids), BATCH):
        known.update(Account.objects.filter(common_id__in=common_ids[start : start + BATCH]).values_list("common_id", flat=True))
    return set(common_ids) - known


def overlaps(book: Book, code: str, ranges: Sequence[str]) -> dict[str, list[str]]:
    """Which other networks share addresses with these ranges, and which of their ranges do."""
    mine = [known for text in ranges if (known := read_range(text))]
    found: dict[str, list[str]] = {}
    for network in book.networks:
        shared = [text for text, other in zip(network.ranges, network.read_ranges, strict=True) if any(other.overlaps(one) for one in mine)]
        if shared and network.code != code:
            found[str(network)] = shared
    return found


def network_change(known: Network | None, made: Network) -> Change:
    """A network of the draft is this now."""

    def make(book: Book) -> Book:
        others = tuple(made if one.code == made.code else one for one in book.networks)
        return replace(book, networks=others if known else (*book.networks, made))

    old, new = set(known.ranges) if known else set(), set(made.ranges)
    before = {"name": known.name_en, "kind": known.kind, "ranges": len(old)} if known else {}
    after = {"name": made.name_en, "kind": made.kind, "ranges": len(new)}
    return Change(make, before, after | {"added": sorted(new - old)[:TOLD], "removed": sorted(old - new)[:TOLD]})


def group_change(known: Group | None, name_en: str, name_ja: str, common_ids: Sequence[str], *, actor: Account | None) -> Change:
    """A group of the draft has these names and members now; without members it keeps those it has."""
    if common_ids or known is None:
        members, size = str(keep_list(common_ids, actor=actor).uid), len(common_ids)
    else:
        members, size = known.members, known.size
    made = Group(name_en, name_ja, known.code if known else new_id(), members, size)

    def make(book: Book) -> Book:
        others = tuple(made if one.code == made.code else one for one in book.groups)
        return replace(book, groups=others if known else (*book.groups, made))

    before = {"name": known.name_en, "members": known.size} if known else {}
    return Change(make, before, {"name": made.name_en, "members": made.size})
