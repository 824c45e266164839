"""R-028: only the proxies the institution names are believed, and only for what they have seen themselves."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from audit.context import client_address

PROXIES = ["10.0.0.0/8", "2001:db8:ffff::/48"]
STRANGER, VISITOR = "203.0.113.9", "198.51.100.20"
addresses = st.ip_addresses().map(str)
rubbish = st.one_of(addresses, st.text(max_size=30), st.sampled_from(["unknown", "_hidden", "10.0.0.1", "[::1]:80", "127.0.0.1", ""]))
headers = st.lists(rubbish, max_size=6).map(",".join)


@pytest.fixture(autouse=True)
def proxies(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = PROXIES


def trusted(address: str) -> bool:
    address = str(getattr(ipaddress.ip_address(address), "ipv4_mapped", None) or address)
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(proxy) for proxy in PROXIES)


@given(headers)
def test_a_stranger_is_known_by_the_address_of_the_connection_whatever_is_claimed(forged: str) -> None:
    assert client_address(STRANGER, forged) == STRANGER


@given(headers)
def test_a_visitor_behind_a_proxy_cannot_change_what_the_proxy_saw(forged: str) -> None:
    assert client_address("10.0.0.5", f"{forged},{VISITOR}") == VISITOR
    assert client_address("10.0.0.5", f"{forged}, {VISITOR} , 10.9.9.9") == VISITOR


@given(addresses | st.text(max_size=30), headers)
def test_the_answer_is_an_address_or_nothing(remote: str, forged: str) -> None:
    found = client_address(remote, forged)
    assert found is None or str(ipaddress.ip_address(found)) == found


@given(addresses, headers)
def test_nobody_passes_for_a_proxy(remote: str, forged: str) -> None:
    found = client_address(remote, forged)
    if found is not None and not trusted(remote):
        assert not trusted(found)


def test_what_cannot_be_read_ends_at_the_proxy_that_sent_it() -> None:
    assert client_address("10.0.0.5", f"{VISITOR}, unknown") == "10.0.0.5"
    assert client_address("10.0.0.5", "") == "10.0.0.5"


def test_an_address_written_in_the_other_family_is_the_same_address() -> None:
    assert client_address("::ffff:10.0.0.5", f"::ffff:{VISITOR}") == VISITOR


def test_a_long_way_of_proxies_is_walked_to_its_beginning() -> None:
    assert client_address("10.0.0.5", f"{VISITOR}, 2001:db8:ffff::7, 10.1.1.1") == VISITOR


def test_without_proxies_no_header_is_read(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    assert client_address("10.0.0.5", VISITOR) == "10.0.0.5"


@pytest.fixture
def socket(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["unix", *PROXIES]


@pytest.mark.usefixtures("socket")
def test_a_proxy_on_a_socket_is_believed_for_what_it_has_seen() -> None:
    assert client_address("", VISITOR) == VISITOR
    assert client_address("", f"{STRANGER}, {VISITOR}, 10.9.9.9") == VISITOR


@given(forged=headers)
@pytest.mark.usefixtures("socket")
def test_behind_a_socket_a_visitor_cannot_change_what_the_proxy_saw(forged: str) -> None:
    assert client_address("", f"{forged},{VISITOR}") == VISITOR


@given(remote=addresses.filter(lambda address: not trusted(address)), forged=headers)
@pytest.mark.usefixtures("socket")
def test_whoever_has_an_address_is_not_taken_for_a_socket(remote: str, forged: str) -> None:
    assert client_address(remote, forged) == client_address(remote, "")


@pytest.mark.usefixtures("socket")
@pytest.mark.parametrize(("remote", "forwarded"), [("", ""), ("", "unix"), ("", f"{VISITOR},"), ("unix", VISITOR), (" ", VISITOR)])
def test_a_socket_whose_proxy_names_nobody_opens_nothing(remote: str, forwarded: str) -> None:
    assert client_address(remote, forwarded) is None


def test_an_empty_address_is_believed_in_nothing_unless_the_institution_says_so(settings: Settings) -> None:
    assert client_address("", VISITOR) is None
    settings.TRUSTED_PROXIES = []
    assert client_address("", VISITOR) is None
