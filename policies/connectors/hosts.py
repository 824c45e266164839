"""Which machines this site may speak to (R-205): public ones or those of MFA_OUTGOING_HOSTS, private ones only when listed.

The name is looked up once, the addresses are judged, and a judged address is what is connected to: a name that changes
its mind in between leads nowhere.
"""

import ipaddress
import socket
from collections.abc import Iterator

from django.conf import settings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
TOO_LATE = "the time for it was over"
GLOBAL_UNICAST, NAT64 = ipaddress.IPv6Network("2000::/3"), ipaddress.IPv6Network("64:ff9b::/96")


class NotAllowed(Exception):
    """The address is not one that this site may speak to."""


class Unreachable(Exception):
    """No connection came about: nothing was sent."""


def is_named_private(host: str, port: int) -> bool:
    """Whether MFA_PRIVATE_HOSTS lists this very host, or host and port."""
    return not {host, f"{host}:{port}"}.isdisjoint(name.lower() for name in settings.MFA_PRIVATE_HOSTS)


def check_host(host: str, port: int) -> None:
    """NotAllowed when there is a list of hosts and this one is not on it."""
    listed = settings.MFA_OUTGOING_HOSTS
    if listed and not is_named_private(host, port) and not any(_matches(host, name) for name in listed):
        raise NotAllowed("the host is not on the list of allowed ones")


def _matches(host: str, listed: str) -> bool:
    """`*.example.ac.jp` stands for everything below it."""
    return host.endswith(listed[1:].lower()) if listed.startswith("*.") else host == listed.lower()


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a host, all of which are public or listed; Unreachable, NotAllowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("the name was not found") from None
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    if not is_named_private(host, port) and not all(_may_be_called(address.split("%")[0]) for address in addresses):
        raise NotAllowed("the address is not a public one")
    return addresses


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """A connection to the first of a host's judged addresses that takes one within so many seconds in all; Unreachable, NotAllowed."""
    addresses, why = addresses_of(host, port), ""
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=seconds / len(addresses))
        except OSError as error:
            why = type(error).__name__
    raise Unreachable(why)


def address_that_answers(host: str, port: int, seconds: float) -> str:
    """One judged address of a host, for who connects by other means: of several, one that takes connections now."""
    addresses = addresses_of(host, port)
    if len(addresses) == 1:
        return addresses[0]
    with connect(host, port, seconds) as line:
        return str(line.getpeername()[0])


def _may_be_called(text: str) -> bool:
    return is_public(text) or any(ipaddress.ip_address(text) in network for network in _private_networks())


def _private_networks() -> Iterator[Network]:
    """The entries of MFA_PRIVATE_HOSTS that are networks; what cannot be read allows nothing, and is named at the start."""
    return (network for text in settings.MFA_PRIVATE_HOSTS if (network := read_network(text)))


def read_network(text: str) -> Network | None:
    """A network in CIDR form; None for all else."""
    try:
        return ipaddress.ip_network(text) if "/" in text else None
    except ValueError:
        return None


def is_public(text: str) -> bool:
    """Whether an address belongs to the internet at large, also when an IPv4 one is wrapped in IPv6."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return _is_public_v6(address)
    return address.is_global and not address.is_multicast


def _is_public_v6(address: ipaddress.IPv6Address) -> bool:
    wrapped = address.ipv4_mapped or address.sixtofour
    if address in NAT64:
        wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return is_public(str(wrapped)) if wrapped else address.is_global and address in GLOBAL_UNICAST
