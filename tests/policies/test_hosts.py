"""Which machines the site may speak to (R-205)."""

import socket
from typing import Any

import pytest
from pytest_django import Settings

from policies.connectors import hosts
from policies.connectors.hosts import NotAllowed, Unreachable, address_that_answers, addresses_of, check_host, connect, is_public


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("203.0.114.5", True),
        ("2400:4050::1", True),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104  an address to refuse
        ("224.0.0.1", False),
        ("::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::1", False),
        ("64:ff9b::8.8.8.8", True),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b:1::10.0.0.1", False),
        ("::10.0.0.1", False),
        ("fec0::1", False),
        ("5f00::1", False),
    ],
)
def test_private_addresses_are_known_in_every_disguise(address: str, *, public: bool) -> None:
    assert is_public(address) is public


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that every name has."""
    addresses: list[str] = []
    monkeypatch.setattr(hosts.socket, "getaddrinfo", lambda *args, **kwargs: [(2, 1, 6, "", (one, 0)) for one in addresses])
    return addresses


def test_a_private_address_is_called_only_inside_a_listed_network(settings: Settings, looked_up: list[str]) -> None:
    looked_up.append("10.1.2.3")
    with pytest.raises(NotAllowed, match="public"):
        addresses_of("ldap.example.ac.jp", 636)
    settings.MFA_PRIVATE_HOSTS = ["10.1.0.0/16"]
    assert addresses_of("ldap.example.ac.jp", 636) == ["10.1.2.3"]
    looked_up.append("10.2.0.1")
    with pytest.raises(NotAllowed, match="public"):
        addresses_of("ldap.example.ac.jp", 636)


def test_a_network_that_cannot_be_read_allows_nothing_and_holds_up_no_other(settings: Settings, looked_up: list[str]) -> None:
    looked_up.append("10.1.2.3")
    settings.MFA_PRIVATE_HOSTS = ["10.1.2.3/16"]
    with pytest.raises(NotAllowed, match="public"):
        addresses_of("ldap.example.ac.jp", 636)
    settings.MFA_PRIVATE_HOSTS = ["10.1.2.3/16", "10.1.2.0/24"]
    assert addresses_of("ldap.example.ac.jp", 636) == ["10.1.2.3"]


@pytest.mark.parametrize("listed", ["LDAP.Example.ac.jp", "LDAP.Example.ac.jp:636"])
def test_a_listed_name_is_the_same_in_capitals(settings: Settings, looked_up: list[str], listed: str) -> None:
    looked_up.append("10.1.2.3")
    settings.MFA_PRIVATE_HOSTS = [listed]
    assert addresses_of("ldap.example.ac.jp", 636) == ["10.1.2.3"]


@pytest.mark.parametrize(
    ("host", "allowed"), [("a.example.ac.jp", True), ("example.com", True), ("example.ac.jp", False), ("b.test", False)]
)
def test_with_a_list_of_hosts_nobody_else_is_spoken_to(settings: Settings, host: str, *, allowed: bool) -> None:
    settings.MFA_OUTGOING_HOSTS = ["*.example.ac.jp", "Example.com"]
    if allowed:
        check_host(host, 443)
        return
    with pytest.raises(NotAllowed, match="list"):
        check_host(host, 443)


def test_a_name_without_an_address_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **kwargs: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(hosts.socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable):
        addresses_of("nowhere.example.ac.jp", 443)


def test_of_several_addresses_the_first_that_answers_is_used(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with an IPv6 address on a network without IPv6."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings.MFA_PRIVATE_HOSTS = ["both.test"]
        found = [(socket.AF_INET6, 1, 6, "", ("::1", port, 0, 0)), (socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]
        look_up = socket.getaddrinfo
        monkeypatch.setattr(
            hosts.socket, "getaddrinfo", lambda host, *more, **how: found if host == "both.test" else look_up(host, *more, **how)
        )
        with connect("both.test", port, 5) as line:
            assert line.getpeername()[0] == "127.0.0.1"
        assert address_that_answers("both.test", port, 5) == "127.0.0.1"
    with pytest.raises(Unreachable):
        connect("both.test", port, 5)
