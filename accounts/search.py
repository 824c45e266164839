"""Finding accounts by id, name in either script, or address; `accounts.search_words` says what counts as the same word."""

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery

from accounts.models import Account, SearchWord
from accounts.search_words import asked, begins


def search(text: str, *, limit: int = 50, among: "QuerySet[Account] | None" = None) -> list[Account]:
    """Accounts with a word that begins with `text`, or one for each of its words; exact ones first, left ones last. One query.

    `among` may bring along more about each account.
    """
    wanted = _wanted(text)
    if wanted is None:
        return []
    nearest = SearchWord.objects.filter(wanted, account=OuterRef("pk")).order_by("word").values("word")[:1]
    accounts = Account.objects.all() if among is None else among
    found = accounts.select_related("affiliation").filter(pk__in=hits(text)[:limit])
    return sorted(found.order_by(Subquery(nearest), "pk"), key=lambda account: account.left_at is not None)


def hits(text: str) -> "QuerySet[SearchWord, int]":
    """Primary keys of the accounts that fit `text`, those with the nearest word first."""
    wanted = _wanted(text)
    words = SearchWord.objects.none() if wanted is None else SearchWord.objects.filter(wanted)
    nearest = words.values("account").annotate(nearest=Min("word")).order_by("nearest", "account")
    return nearest.values_list("account", flat=True)


def _wanted(text: str) -> Q | None:
    alternatives, together = asked(text)
    if not alternatives:
        return None
    wanted = Q()
    for word in alternatives:
        wanted |= begins(word)
    if together:
        wanted |= _all(together)
    return wanted


def _all(words: list[str]) -> Q:
    first, *others = words
    wanted = begins(first)
    for word in others:
        wanted &= Q(account__in=SearchWord.objects.filter(begins(word)).values("account"))
    return wanted
