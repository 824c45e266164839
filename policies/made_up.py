"""People made up so that two parts of a policy speak of them, and as few other parts as possible."""

from collections.abc import Iterator, Sequence
from itertools import product

from policies.rulebook.content import Book
from policies.rulebook.scope import Scoped


def shared(wanted: Sequence[frozenset[str]], *others: str) -> Sequence[str]:
    """Values that every part which names any allows; where none does, ones that no part names."""
    named = [codes for codes in wanted if codes]
    return sorted(frozenset.intersection(*named)) if named else others


def several(wanted: Sequence[frozenset[str]]) -> Iterator[frozenset[str]]:
    """The smallest sets that hold something of what each part names."""
    yield from {frozenset(chosen) for chosen in product(*(sorted(codes) for codes in wanted if codes))}


def lists_of(scope: Scoped | None, book: Book) -> frozenset[str]:
    """The lists of accounts behind the groups that a part names."""
    return frozenset(book.lists.get(code, "") for code in scope.groups) if scope else frozenset()
