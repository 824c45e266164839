"""From which of the institution's networks somebody comes, by the policy that is in force."""

from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

from policies.current import current_book
from policies.rulebook.addresses import read_address, read_range
from policies.rulebook.content import Book, Network, NetworkKind
from policies.rulebook.table import NOWHERE, AddressTable


def networks_at(address: str | None, book: Book) -> frozenset[str]:
    """Codes of the networks an address is in.

    None for what cannot be read, and for a proxy of ours: whoever is behind it without being named by it is nowhere we know.
    """
    known = read_address(address or "")
    if known is None or _proxies(tuple(settings.TRUSTED_PROXIES)).networks_of(known):
        return NOWHERE
    return book.table.networks_of(known)


@lru_cache(maxsize=8)
def _proxies(texts: tuple[str, ...]) -> AddressTable:
    return AddressTable({"proxy": [known for text in texts if (known := read_range(text))]})


def is_campus(address: str | None, book: Book) -> bool:
    """Whether an address is on campus; one that is missing or cannot be read is not."""
    return not book.of_kind[NetworkKind.CAMPUS].isdisjoint(networks_at(address, book))


def is_shared(address: str) -> bool:
    """Whether many people come from this address, so that what comes from it says nothing of one of them."""
    return is_campus(address, current_book())


def name_of(address: str, book: Book | None = None) -> str:
    """What people call the network of an address; whoever asks for many gives the book."""
    book = book or current_book()
    named = _first(book, networks_at(address, book), NetworkKind.CAMPUS, NetworkKind.PARTNER, NetworkKind.BLOCKED)
    return str(named) if named else _("Outside the campus network")


def set_up_fails_on(address: str | None) -> str:
    """The name of the network from which a method cannot be set up, when somebody is on one (S-103); only ever a warning."""
    book = current_book()
    named = _first(book, networks_at(address, book), NetworkKind.NO_SETUP)
    return str(named) if named else ""


def _first(book: Book, codes: frozenset[str], *kinds: NetworkKind) -> Network | None:
    found = [book.network_named[code] for code in sorted(codes)]
    return next((network for kind in kinds for network in found if network.kind is kind), None)
