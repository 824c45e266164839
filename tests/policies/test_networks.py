"""In which networks an address is: by a table that must say what a plain search says, for any ranges and any address."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from policies.networks import is_campus, networks_at
from policies.rulebook.addresses import read_address, read_range
from policies.rulebook.content import Network, NetworkKind
from policies.rulebook.table import AddressTable
from tests.policies.books import a_book

low = st.integers(0, 40)
v4, v6 = low.map(ipaddress.IPv4Address), low.map(ipaddress.IPv6Address)
either = st.one_of(v4, v6, st.ip_addresses())
networks = st.one_of(
    st.tuples(v4, st.integers(26, 32)).map(lambda pair: str(ipaddress.ip_network(pair, strict=False))),
    st.tuples(v6, st.integers(120, 128)).map(lambda pair: str(ipaddress.ip_network(pair, strict=False))),
    st.tuples(v4, v4).map(lambda pair: f"{min(pair)}-{max(pair)}"),
)
named = st.dictionaries(st.sampled_from("abc"), st.lists(networks, max_size=5))


@given(named, either)
def test_an_address_is_in_every_network_that_has_it_however_they_overlap(texts: dict[str, list[str]], address: Any) -> None:
    ranges = {code: [known for text in of if (known := read_range(text))] for code, of in texts.items()}
    number = int(address)
    plainly = {code for code, of in ranges.items() if any(one.version == address.version and one.first <= number <= one.last for one in of)}
    table = AddressTable(ranges)
    assert table.networks_of(address) == plainly


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_an_address_of_the_other_family_is_the_same_and_so_is_its_network(address: ipaddress.IPv4Address, bits: int) -> None:
    assert read_address(f"::ffff:{address}") == address
    network = ipaddress.ip_network((address, bits), strict=False)
    assert read_range(f"::ffff:{network.network_address}/{96 + bits}") == read_range(str(network))


@given(st.text())
def test_whatever_is_written_is_read_or_is_nothing(text: str) -> None:
    read_address(text)
    read_range(text)


@pytest.mark.parametrize(
    "text",
    ["", "campus", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "010.0.0.0/8", "10.1", "fe80::1%eth0", "fe80::/10%eth0", "10.0.0.9-10.0.0.1", "10.0.0.1-::1", "10.0.0.1-", "１０.0.0.0/8"],
)  # fmt: skip
def test_what_is_no_range_is_refused(text: str) -> None:
    assert read_range(text) is None


@pytest.mark.parametrize(
    "address",
    [None, "", "nonsense", "192.0.2.7, 10.0.0.1", "192.0.2.7:80", "[192.0.2.7]", "::ffff:192.0.2.7%eth0", "192.0.2.7%1", "0xC0000207", "3221225991", "192.0.2.007", " "],
)  # fmt: skip
def test_what_cannot_be_read_is_nowhere(address: str | None) -> None:
    assert networks_at(address, a_book()) == frozenset()
    assert not is_campus(address, a_book())


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("192.0.2.7", {"hall"}),
        ("::ffff:192.0.2.7", {"hall"}),
        ("2001:db8:1::9", {"hall"}),
        ("198.51.100.7", {"indigo", "indigo-set-up"}),
        ("198.51.100.205", {"clinic", "indigo-set-up"}),
        ("192.0.2.66", {"hall", "bad"}),
        ("192.0.3.0", set()),
        ("2001:db8:2::9", set()),
    ],
)
def test_networks_may_overlap(address: str, codes: set[str]) -> None:
    assert networks_at(address, a_book()) == codes


def test_whoever_comes_through_a_proxy_that_names_nobody_is_not_on_campus(settings: Settings) -> None:
    """R-028: the proxy stands on campus, but nobody knows who is behind it."""
    settings.TRUSTED_PROXIES = ["unix", "192.0.2.8/31"]
    assert networks_at("192.0.2.8", a_book()) == frozenset()
    assert networks_at("::ffff:192.0.2.9", a_book()) == frozenset()
    assert networks_at("192.0.2.10", a_book()) == {"hall"}


def test_a_network_of_which_a_line_cannot_be_read_decides_nothing() -> None:
    book = a_book(networks=(Network("Hall", "講堂", "hall", NetworkKind.CAMPUS, ("192.0.2.0/24", "rubbish")),))
    with pytest.raises(ValueError, match="rubbish"):
        networks_at("192.0.2.7", book)
