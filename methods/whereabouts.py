"""Where a request comes from, in words. The floor above knows what the institution's networks are called, and says so at start-up."""

from collections.abc import Callable

from django.utils.translation import gettext as _

Namer = Callable[[str], str]
_namers: list[Namer] = []


def named_by(namer: Namer) -> None:
    """Learn who names networks; the last one counts."""
    _namers[:] = [namer]


def place_of(address: str | None) -> str:
    """The network of an address, with the address."""
    if not address:
        return _("Unknown network")
    return f"{_namers[0](address)} ({address})" if _namers else address
