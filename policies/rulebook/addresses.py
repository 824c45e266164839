"""Addresses and ranges as people write them; what cannot be read is nothing."""

import ipaddress
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Range:
    """From one address to another, both included, of one family."""

    version: int
    first: int
    last: int

    def overlaps(self, other: "Range") -> bool:
        """Whether an address is in both."""
        return self.version == other.version and self.first <= other.last and other.first <= self.last


def read_address(text: str) -> Address | None:
    """The address; an IPv4 address written as IPv6 is itself. None for garbage, and for an address with a zone: no two machines mean the same by it."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    return None if address.scope_id else address.ipv4_mapped or address


def read_range(text: str) -> Range | None:
    """`192.0.2.0/24`, one address, or `192.0.2.10-192.0.2.20`; None when it cannot be read, or an address has bits beyond its network."""
    first, dash, last = text.partition("-")
    if dash:
        return _between(read_address(first), read_address(last))
    if "/" not in text:
        address = read_address(text)
        return _between(address, address)
    return _network(text.strip())


def _network(text: str) -> Range | None:
    if "%" in text:
        return None
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return None
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped:
        return _between(network.network_address.ipv4_mapped, network.broadcast_address.ipv4_mapped)
    return Range(network.version, int(network.network_address), int(network.broadcast_address))


def _between(first: Address | None, last: Address | None) -> Range | None:
    if first is None or last is None or first.version != last.version or int(first) > int(last):
        return None
    return Range(first.version, int(first), int(last))
