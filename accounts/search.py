"""Finding accounts by id, name in either script, kana or romaji, or address; `accounts.search_words` says what counts as the same word."""

from django.db.models import Case, Min, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.models import Account, SearchWord
from accounts.search_words import Asked, asked, begins_with_one

EVERYBODY = Q()


def search(text: str, *, limit: int = 50, among: "QuerySet[Account] | None" = None, mine: Q = EVERYBODY) -> list[Account]:
    """Accounts with a word that begins with `text`, or one for each of its words; exact ones first, left ones last. One query.

    What is written as it was typed comes before what only sounds so. `among` may bring along more about each account; `mine` is a filter of
    words, for the accounts (`account__…`) that the reader may find.
    """
    wanted = asked(text)
    if not wanted.typed:
        return []
    # Of an account that fits, one of its words decides where it stands: the other words need no second look.
    words = SearchWord.objects.filter(
        begins_with_one(wanted.typed.union(wanted.sounding, *wanted.together[:1])), account=OuterRef("pk")
    ).order_by("word")
    accounts = Account.objects.all() if among is None else among
    found = accounts.select_related("affiliation").filter(pk__in=hits(text).filter(mine)[:limit])
    ordered = found.annotate(
        nearest_typed=Subquery(words.filter(begins_with_one(wanted.typed)).values("word")[:1]), nearest=Subquery(words.values("word")[:1])
    ).order_by("nearest_typed", "nearest", "pk")
    # A database may put what has no word as typed first or last; here it is the second group.
    return sorted(ordered, key=lambda account: (account.left_at is not None, vars(account)["nearest_typed"] is None))


def hits(text: str) -> "QuerySet[SearchWord, int]":
    """Primary keys of the accounts that fit `text`: as typed before as it sounds, and those with the nearest word first."""
    wanted = asked(text)
    words = SearchWord.objects.filter(_fitting(wanted)) if wanted.typed else SearchWord.objects.none()
    as_typed = Case(When(begins_with_one(wanted.typed), then=Value(0)), default=Value(1)) if wanted.sounding else Value(0)
    ranked = words.values("account").annotate(rank=Min(as_typed), nearest=Min("word"))
    return ranked.order_by("rank", "nearest", "account").values_list("account", flat=True)


def _fitting(wanted: Asked) -> Q:
    fitting = begins_with_one(wanted.typed | wanted.sounding)
    return fitting | _all(wanted.together) if wanted.together else fitting


def _all(groups: list[frozenset[str]]) -> Q:
    first, *others = groups
    wanted = begins_with_one(first)
    for group in others:
        wanted &= Q(account__in=SearchWord.objects.filter(begins_with_one(group)).values("account"))
    return wanted
