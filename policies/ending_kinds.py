"""Kinds of method that end by the method policy: who has one is told beforehand, at once and as the day comes near (C-04)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Account
from methods.models import MethodState, RegisteredMethod
from methods.notices import tell_all
from methods.usable import only_usable
from policies.allowances import as_allowance, rule_for, today
from policies.clock import database_now
from policies.current import current_book
from policies.models import EndNotice
from policies.rulebook.content import Book
from policies.rulebook.method_words import names_in_both
from policies.rulebook.starting import method_rules
from policies.ties import Ties, person_of, ties_of_many

STEPS = (30, 7, 1)  # days before
AT_ONCE = 0
BATCH = 200


@dataclass(frozen=True)
class Ending:
    """A kind, its last day, and which of the mails is due."""

    kind: str
    last_day: date
    step: int


def tell_those_affected() -> int:
    """Plan the mails that are due; each is planned once, whoever looks at the same time. Can be stopped anywhere. Returns how many."""
    book, day = current_book(), today()
    endings = {
        Ending(kind, last, _step((last - day).days)) for rule in method_rules(book) for kind, last in rule.last_days.items() if last >= day
    }
    return sum(_tell(keys, one, book) for one in sorted(endings, key=str) for keys in _batches(one))


def _step(left: int) -> int:
    return min((step for step in STEPS if left <= step), default=AT_ONCE)


def _batches(ending: Ending) -> Iterator[list[int]]:
    after = 0
    while keys := list(_untold(ending).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield keys
        after = keys[-1]


def _untold(ending: Ending) -> QuerySet[Account]:
    mine = RegisteredMethod.objects.filter(account=OuterRef("pk"), kind=ending.kind, state=MethodState.ACTIVE)
    told = EndNotice.objects.filter(account=OuterRef("pk"), kind=ending.kind, last_day=ending.last_day, step=ending.step)
    return Account.objects.filter(Exists(mine), ~Exists(told), left_at=None)


@transaction.atomic
def _tell(keys: list[int], ending: Ending, book: Book) -> int:
    """Tell those of these accounts to whom the ending applies; the row that is written first is the fence."""
    accounts = list(
        Account.objects.select_for_update(of=("self",), no_key=True).select_related("affiliation").filter(pk__in=keys).order_by("pk")
    )
    ties = ties_of_many(keys, book)
    affected = [
        one for one in accounts if rule_for(book, person_of(one, ties.get(one.pk, Ties()))).last_days.get(ending.kind) == ending.last_day
    ]
    told = set(
        EndNotice.objects.filter(account__in=keys, kind=ending.kind, last_day=ending.last_day, step=ending.step).values_list(
            "account_id", flat=True
        )
    )
    due = [one for one in affected if one.pk not in told]
    now = database_now()
    EndNotice.objects.bulk_create(
        EndNotice(account=one, kind=ending.kind, last_day=ending.last_day, step=ending.step, told_at=now) for one in due
    )
    name_en, name_ja = names_in_both(ending.kind)
    facts = {"kind_en": name_en, "kind_ja": name_ja, "last_day": ending.last_day.isoformat()}
    alone = _alone(due, book, ties, ending.last_day)
    tell_all((one for one in due if one.pk in alone), "method-kind-ends", alone=True, **facts)
    tell_all((one for one in due if one.pk not in alone), "method-kind-ends", alone=False, **facts)
    return len(due)


def _alone(due: list[Account], book: Book, ties: dict[int, Ties], last_day: date) -> set[int]:
    """Those who will have nothing to sign in with on the day after."""
    methods: dict[int, list[RegisteredMethod]] = {one.pk: [] for one in due}
    for method in RegisteredMethod.objects.filter(account__in=list(methods)):
        methods[method.account_id].append(method)
    after = date.fromordinal(last_day.toordinal() + 1)
    return {
        one.pk
        for one in due
        if not only_usable(methods[one.pk], as_allowance(rule_for(book, person_of(one, ties.get(one.pk, Ties()))), after))
    }
