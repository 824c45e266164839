"""Rule order, networks that overlap, the two families of addresses, time zones and changes of clocks never open what no rule opens."""

import ipaddress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import assume, given
from hypothesis import strategies as st

from policies.facts import Circumstances, Facts
from policies.networks import networks_at
from policies.requirements import Outcome, decide
from policies.rulebook.content import Asks, Book, Network, NetworkKind, Part, Rule
from policies.rulebook.matching import misses
from tests.policies.books import NETWORKS, a_book
from tests.policies.test_requirements import books, rules, situations

ZONES = [
    "Asia/Tokyo",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
]
FIRST, LAST = date(2026, 3, 29), date(2026, 10, 25)  # the days on which Berlin's clocks change
moments = st.datetimes(datetime(2011, 1, 1), datetime(2037, 1, 1)).map(lambda one: one.replace(tzinfo=UTC)) | st.builds(  # noqa: DTZ001
    lambda day, seconds: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds),
    st.sampled_from([FIRST, LAST]),
    st.integers(-100_000, 200_000),
)


@given(books, situations, st.sampled_from([Asks.NONE, Asks.VERIFY, Asks.STRONG, Asks.REFUSE]), st.lists(rules(), min_size=1, max_size=4))
def test_what_stands_below_a_rule_for_everybody_changes_nothing(book: Book, facts: Facts, asks: Asks, more: list[Any]) -> None:
    upto = (*book.rules, Rule("Everybody", "全員", id="everybody", part=Part.SIGN_IN, asks=asks))
    below = [rule for rule in more if rule.part is Part.SIGN_IN]
    known, changed = decide(facts, replace(book, rules=upto)), decide(facts, replace(book, rules=(*upto, *below)))
    assert replace(known, reported="") == replace(changed, reported="")


@given(books, situations, st.sampled_from([NetworkKind.PARTNER, NetworkKind.NO_SETUP]))
def test_another_network_over_the_same_addresses_changes_nothing_where_no_rule_names_it(
    book: Book, facts: Facts, kind: NetworkKind
) -> None:
    assume(all("more" not in rule.networks for rule in book.rules))
    wider = replace(book, networks=(*book.networks, Network("More", "他", "more", kind, ("0.0.0.0/0", "::/0"))))
    assert decide(replace(facts, networks=facts.networks | {"more"}), wider) == decide(facts, book)


@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_address_is_in_the_same_networks(address: ipaddress.IPv4Address) -> None:
    book = a_book()
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    for text in (f"::ffff:{address}", f"::FFFF:{address}", mapped.compressed, mapped.exploded, mapped.exploded.upper(), f" {address} "):
        assert networks_at(text, book) == networks_at(str(address), book), text


@given(st.ip_addresses(v=4), st.integers(0, 95))
def test_a_range_of_ipv6_alone_never_holds_a_client_of_ipv4(address: ipaddress.IPv4Address, bits: int) -> None:
    """`::/0` written down for campus would otherwise let the whole IPv4 internet in by its other spelling."""
    around = ipaddress.ip_network((int(ipaddress.IPv6Address(f"::ffff:{address}")), bits), strict=False)
    book = a_book(networks=(Network("Six", "六", "six", NetworkKind.CAMPUS, (str(around),)),))
    assert networks_at(f"::ffff:{address}", book) == networks_at(str(address), book) == frozenset()


@given(st.ip_addresses(), st.lists(st.sampled_from(NETWORKS), unique=True, max_size=5))
def test_only_from_outside_opens_for_campus_addresses_alone(address: Any, known: list[Network]) -> None:
    outside = {"id": "outside", "place": "outside", "asks": "verify"}
    book = a_book(outside, {"id": "inside", "place": "campus", "asks": "none"}, networks=tuple(known))
    facts = Facts(active=True, usable=1, networks=networks_at(str(address), book))
    ranges = [one for network in known if network.kind is NetworkKind.CAMPUS for one in network.read_ranges]
    plain = getattr(address, "ipv4_mapped", None) or address
    inside = any(one.version == plain.version and one.first <= int(plain) <= one.last for one in ranges)
    assert inside or decide(facts, book).outcome is not Outcome.ALLOW


@pytest.mark.parametrize("zone", ZONES)
def test_a_rule_opens_on_its_days_by_the_institutions_clock_and_not_a_second_longer(settings: Any, zone: str) -> None:
    settings.TIME_ZONE = zone
    timezone.get_default_timezone.cache_clear()
    opened = {"id": "open", "asks": "none", "since": FIRST.isoformat(), "until": LAST.isoformat()}
    book = a_book(opened, {"id": "else", "asks": "verify"})

    @given(moments, st.sampled_from(ZONES), st.timedeltas(timedelta(), timedelta(days=3)))
    def holds(moment: datetime, reader: str, after: timedelta) -> None:
        with timezone.override(reader):
            day = Circumstances(moment=moment).day
            assert day <= Circumstances(moment=moment + after).day, "no change of clocks brings a day back that is over"
        here = datetime.fromtimestamp(moment.timestamp(), ZoneInfo(zone)).date()
        decided = decide(Facts(active=True, usable=1, day=day), book)
        assert (decided.outcome is Outcome.ALLOW) == (FIRST <= here <= LAST), (moment, here)

    try:
        holds()
    finally:
        timezone.get_default_timezone.cache_clear()


@given(books, situations)
def test_in_every_order_a_password_is_enough_only_where_a_rule_in_force_says_so(book: Book, facts: Facts) -> None:
    opens = [rule for rule in book.rules if rule.asks is Asks.NONE and not list(misses(rule, facts, book))]
    for turned in (book, replace(book, rules=tuple(reversed(book.rules)))):
        assert opens or decide(facts, turned).outcome is not Outcome.ALLOW


def test_outside_is_where_no_campus_network_is_named_even_if_the_address_is_missing() -> None:
    book = a_book({"id": "inside", "place": "campus", "asks": "none"}, {"id": "rest", "place": "outside", "asks": "verify"})
    for address in (None, "", "unknown", "192.0.2.7:443"):
        assert decide(Facts(active=True, usable=1, networks=networks_at(address, book)), book).rule == "rest"
