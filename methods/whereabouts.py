"""Where a request comes from, in words. The floor above knows what the institution's networks are called, and says so at start-up."""

from collections.abc import Callable

from django.utils.translation import gettext as _

Namer = Callable[[str], str]
_namers: list[Namer] = []
_sharing: list[Callable[[str], bool]] = []


def named_by(namer: Namer, *, shared: Callable[[str], bool]) -> None:
    """Learn who names networks, and who knows which are shared by many people; the last ones count."""
    _namers[:], _sharing[:] = [namer], [shared]


def is_shared(address: str) -> bool:
    """Whether many people come from this address, as from the campus."""
    return bool(_sharing) and _sharing[0](address)


def place_of(address: str | None) -> str:
    """The network of an address, with the address."""
    if not address:
        return _("Unknown network")
    return f"{_namers[0](address)} ({address})" if _namers else address
