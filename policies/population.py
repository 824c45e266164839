"""What rules can see of many accounts at once: people whom no rule of two versions can tell apart are one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from accounts.models import Account
from methods.models import MethodState, RegisteredMethod
from policies.facts import Circumstances, Facts, facts_of
from policies.rulebook.content import Book
from policies.ties import either, ties_of_many

BATCH = 2000
Pair = tuple[Facts, Facts]


class Population:
    """Facts of accounts as they are today, each read once."""

    def __init__(self, old: Book, new: Book) -> None:
        rules = (*old.rules, *new.rules)
        self.books = tuple(Book(0, groups=book.groups, methods=book.methods) for book in (old, new))
        self.affiliations = frozenset().union(*(rule.affiliations for rule in rules))
        self.accounts = frozenset().union(*(rule.accounts for rule in rules))
        self.either = either(old, new)
        self.facts: list[Pair] = []  # by the old version and by the new one: which methods count may differ
        self.known: dict[int, int | None] = {}
        self.same: dict[Pair, int] = {}

    def number_of(self, account: int) -> int | None:
        """Which of `facts` are those of an account; None for one that is no more."""
        return self.known.get(account)

    def learn(self, accounts: Iterable[int]) -> None:
        """Read what is not known yet, in a few queries per two thousand."""
        unknown = sorted(set(accounts) - self.known.keys())
        for start in range(0, len(unknown), BATCH):
            self._read(unknown[start : start + BATCH])

    def _read(self, keys: list[int]) -> None:
        methods: dict[int, list[RegisteredMethod]] = defaultdict(list)
        for method in RegisteredMethod.objects.filter(account__in=keys).exclude(state=MethodState.REMOVED):
            methods[method.account_id].append(method)
        both = ties_of_many(keys, self.either)
        self.known.update(dict.fromkeys(keys))
        for account in Account.objects.filter(pk__in=keys).select_related("affiliation"):
            old, new = (self._seen(facts_of(account, methods[account.pk], book, Circumstances(), both[account.pk])) for book in self.books)
            self.known[account.pk] = self._number((old, new))

    def _seen(self, facts: Facts) -> Facts:
        """The facts without what no rule looks at."""
        return replace(
            facts,
            usable=min(facts.usable, 1),
            strong=min(facts.strong, 1),
            affiliation=facts.affiliation if facts.affiliation in self.affiliations else "",
            account=facts.account if facts.account in self.accounts else "",
            day="",
        )

    def _number(self, seen: Pair) -> int:
        """The same for the same facts."""
        if seen not in self.same:
            self.same[seen] = len(self.facts)
            self.facts.append(seen)
        return self.same[seen]
