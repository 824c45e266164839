"""The country of a planned journey in the rules: on its days, by the institution's calendar, and never more than a rule says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, RoleGrant
from methods import travel
from methods.models import Journey
from methods.usable import listed
from policies.clock import day_of
from policies.drafting import begin
from policies.explaining import explain_rule
from policies.facts import Circumstances, Facts, facts_for
from policies.models import AccountList, Found, ListedAccount, PolicyVersion
from policies.replaying import run, start
from policies.requirements import Outcome, decide
from policies.rulebook.content import Group
from policies.rulebook.storing import to_json
from policies.what_if import what_if
from tests.factories import a_totp_app
from tests.methods.people import fresh_browser
from tests.policies.books import a_book, in_force
from tests.signin.door import attempt_of, enter_password

ABROAD, ACCOUNT = "203.0.113.9", "/my-account/"
OPENS = ({"id": "paris", "countries": ["FR"], "asks": "none", "name_en": "In Paris"}, {"id": "others", "asks": "verify"})
ZONES = ["Asia/Tokyo", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati"]


@pytest.fixture
def traveller(hana: Account) -> Account:
    a_totp_app(hana)
    return hana


def plans(account: Account, country: str = "FR", first: int = 0, last: int = 3) -> None:
    days = travel.Days(travel.today() + timedelta(days=first), travel.today() + timedelta(days=last))
    travel.plan(account, None, country=country, days=days, actor=account)


def signs_in(account: Account) -> str:
    return str(enter_password(Client(REMOTE_ADDR=ABROAD), account, next_path=ACCOUNT)["Location"])


@pytest.mark.django_db
@pytest.mark.covers("S-133", "S-136")
def test_a_rule_for_a_country_counts_on_the_days_of_the_journey_alone(traveller: Account) -> None:
    in_force(*OPENS)
    plans(traveller, first=2, last=4)
    for day, opened in ((0, False), (1, False), (2, True), (4, True), (5, False)):
        with time_machine.travel(timezone.now() + timedelta(days=day), tick=False):
            assert (signs_in(traveller) == ACCOUNT) is opened, day


@pytest.mark.django_db
def test_a_journey_elsewhere_and_a_journey_of_somebody_else_open_nothing(traveller: Account, ken: Account) -> None:
    in_force(*OPENS)
    a_totp_app(ken)
    plans(ken)
    assert signs_in(traveller) == "/signin/verify/"
    plans(traveller, country="DE")
    assert signs_in(traveller) == "/signin/verify/"


@pytest.mark.django_db
def test_security_info_is_verified_on_a_journey_too(traveller: Account) -> None:
    in_force(*OPENS)
    plans(traveller)
    assert enter_password(Client(REMOTE_ADDR=ABROAD), traveller)["Location"] == "/signin/verify/"


@pytest.mark.django_db
def test_the_country_is_kept_with_the_sign_in_and_named_in_words(traveller: Account) -> None:
    book = in_force({"id": "paris", "countries": ["FR"], "asks": "verify", "name_en": "In Paris"})
    plans(traveller)
    client = Client(REMOTE_ADDR=ABROAD)
    enter_password(client, traveller, next_path=ACCOUNT)
    assert attempt_of(client).facts["countries"] == ["FR"]
    assert "on a journey to France" in explain_rule(f"{book.number}:paris")


@pytest.mark.django_db
def test_what_if_asks_for_the_country_of_the_moment(traveller: Account) -> None:
    book = a_book(*OPENS, groups=())
    plans(traveller, first=1, last=1)
    for day, outcome, countries in ((0, Outcome.VERIFY, set()), (1, Outcome.ALLOW, {"FR"}), (2, Outcome.VERIFY, set())):
        answer = what_if(traveller, book, Circumstances(address=ABROAD, moment=timezone.now() + timedelta(days=day)))
        assert (answer.requirement.outcome, set(answer.facts.countries)) == (outcome, countries)


@pytest.mark.django_db
def test_the_page_of_what_if_names_the_country(traveller: Account, ada: Account) -> None:
    in_force(*OPENS)
    plans(traveller)
    html = fresh_browser(ada).get("/policies/what-if/", {"account": traveller.common_id, "address": ABROAD}).content.decode()
    assert "on a journey to France" in html


@pytest.mark.django_db
def test_a_dry_run_counts_the_country_of_each_sign_in(traveller: Account, ada: Account) -> None:
    in_force({"id": "paris", "countries": ["FR"], "asks": "verify"}, {"id": "others", "asks": "none"})
    plans(traveller)
    signs_in(traveller)
    Journey.objects.all().delete()
    signs_in(traveller)
    begin(actor=ada)
    content = to_json(a_book({"id": "nobody", "countries": ["FR"], "asks": "refuse"}, {"id": "others", "asks": "none"}, groups=()))
    PolicyVersion.objects.filter(state="draft").update(content=content)
    replay = start(actor=ada)
    run(replay.uid, until=timezone.now() + timedelta(minutes=1))
    assert dict(Found.objects.values_list("finding", "signins")) == {"more": 1, "refused": 1}


@pytest.mark.django_db
def test_roles_lists_and_journey_are_asked_in_one_query(traveller: Account) -> None:
    members = AccountList.objects.create(made_at=timezone.now())
    ListedAccount.objects.create(account=traveller, list=members)
    RoleGrant.objects.create(account=traveller, role="auditor")
    plans(traveller)
    rule = {"roles": ["auditor"], "groups": ["some"], "countries": ["FR"], "asks": "verify"}
    book = a_book(rule, groups=(Group("Some", "一部", "some", str(members.uid), 1),))
    registered = listed(traveller)
    with CaptureQueriesContext(connection) as captured:
        facts = facts_for(traveller, registered, book, Circumstances(address=ABROAD))
    assert len(captured) == 1
    assert (facts.roles, facts.lists, facts.countries) == ({"auditor"}, {str(members.uid)}, {"FR"})
    assert decide(facts, book).rule == book.rules[0].id


codes = st.frozensets(st.sampled_from(["FR", "DE", "US"]), max_size=2)


@pytest.mark.covers("S-101")
@given(ruled=codes, travelled=codes, sensitive=st.booleans())
def test_a_rule_of_a_country_never_speaks_of_a_journey_elsewhere(
    *, ruled: frozenset[str], travelled: frozenset[str], sensitive: bool
) -> None:
    book = a_book({"id": "there", "countries": sorted(ruled), "asks": "none"}, {"id": "else", "asks": "verify"})
    facts = Facts(active=True, usable=1, countries=travelled, sensitive=sensitive, day="2026-04-01")
    allowed = decide(facts, book).outcome is Outcome.ALLOW
    assert allowed is (not sensitive and (not ruled or bool(ruled & travelled)))
    assert decide(replace(facts, usable=0), book).outcome is Outcome.REFUSE, "no country registers a first method"


@given(
    st.sampled_from(ZONES),
    st.dates(date(2026, 1, 1), date(2027, 12, 1)),
    st.integers(0, 20),
    st.datetimes(datetime(2025, 12, 1), datetime(2027, 12, 31)),  # noqa: DTZ001  made aware below
)
def test_a_journey_is_under_way_from_the_first_midnight_to_the_last_whatever_the_clocks_do(
    zone: str, first: date, days: int, at: datetime
) -> None:
    """Also over days on which clocks are changed, and whatever the time is in the country."""
    moment, last = at.replace(tzinfo=UTC), first + timedelta(days=days)
    with override_settings(TIME_ZONE=zone):
        day = date.fromisoformat(day_of(moment))
    begins = datetime.combine(first, datetime.min.time(), ZoneInfo(zone))
    ends = datetime.combine(last + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    assert (first <= day <= last) is (begins.astimezone(UTC) <= moment < ends.astimezone(UTC))


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ZONES)
def test_today_is_the_institutions_day_for_plan_and_rules_alike(traveller: Account, zone: str, settings: Any) -> None:
    settings.TIME_ZONE = zone
    for hour in range(0, 48, 3):
        with (
            time_machine.travel(datetime(2026, 3, 28, 12, tzinfo=UTC) + timedelta(hours=hour), tick=False),
            timezone.override("America/Adak"),
        ):
            assert travel.today().isoformat() == day_of(timezone.now()) == Circumstances().day
