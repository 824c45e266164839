"""From which network somebody comes: campus (setting MFA_CAMPUS_NETWORKS) or outside."""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

CAMPUS, OUTSIDE = "campus", "outside"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def network_of(address: str | None) -> str:
    """`campus` or `outside`; an address that is missing or cannot be read is outside."""
    known = _parsed(address or "")
    return CAMPUS if known and any(known in network for network in _networks(tuple(settings.MFA_CAMPUS_NETWORKS))) else OUTSIDE


def name_of(address: str) -> str:
    """What people call the network of an address."""
    return _("Campus network") if network_of(address) == CAMPUS else _("Outside the campus network")


def setup_fails(address: str | None) -> bool:
    """Whether the institution knows that a method cannot be set up from this network (S-103); only ever a warning."""
    known = _parsed(address or "")
    return known is not None and any(known in network for network in _networks(tuple(settings.MFA_NO_SETUP_NETWORKS)))


def _parsed(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text.strip()) for text in texts)
