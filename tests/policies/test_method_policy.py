"""What people may register and verify with, by the institution's rules (C-04, C-05, R-070)."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, Affiliation, RoleGrant
from accounts.refusals import Refused
from methods.allowance import allowance_of
from methods.kinds.phone.models import PhoneDevice
from methods.kinds.totp.models import TotpDevice
from methods.kinds.totp.seed import new_device
from methods.lifecycle import begin, remove, set_default
from methods.models import Challenge, ChallengeState, MethodState, RegisteredMethod
from methods.usable import listed, only_usable
from policies.allowances import as_allowance, rule_for, today
from policies.facts import Circumstances, facts_of
from policies.models import AccountList, ListedAccount, PolicyVersion
from policies.models.versions import VersionState
from policies.requirements import Outcome, decide
from policies.rulebook.content import Book, Group, Network, NetworkKind
from policies.rulebook.method_rules import MethodRule
from policies.rulebook.storing import from_json, to_json
from policies.switching import switch_on
from policies.ties import Person, Ties
from tests.factories import a_method, a_phone, a_totp_app, an_account, an_affiliation, app_code
from tests.policies.books import a_book, in_force, methods_of
from tests.signin.door import enter_code, enter_password
from vault.fields import unseal

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
ALWAYS = {"asks": "verify"}
YESTERDAY, TODAY, LATER = (date.today() + timedelta(days=days) for days in (-1, 0, 30))  # noqa: DTZ011  tests run in the institution's zone


def everybody(*order: str, **special: Any) -> Book:
    return in_force(ALWAYS, methods=(methods_of(*order, **special),))


def offered(client: Client) -> str:
    return client.get("/security-info/add/").content.decode()


class TestWhoMay:
    def test_the_first_rule_that_speaks_of_somebody_counts_whole(self) -> None:
        staff = methods_of("fido", kinds=frozenset({"staff"}), countries=("JP",))
        rest = methods_of("totp", "phone", countries=("JP", "US"))
        book = a_book(methods=(staff, rest))
        assert rule_for(book, Person(kind="staff")) is staff
        assert rule_for(book, Person(kind="student")) is rest
        assert as_allowance(staff, TODAY).countries == ("JP",)

    def test_a_policy_that_leaves_somebody_without_a_rule_is_none(self) -> None:
        half = to_json(a_book(methods=(methods_of("totp", kinds=frozenset({"staff"})),)))
        with pytest.raises(ValueError, match="not for everybody"):
            from_json(half)

    def test_every_field_survives_being_stored(self) -> None:
        rule = methods_of(
            "fido",
            "phone",
            groups=frozenset({"abroad"}),
            last_days={"phone": LATER},
            limits={"fido": 2},
            call_digits=True,
            attestation="listed",
            authenticators=("cb69481e-8ff7-4039-93ec-0a2729a154a8",),
        )
        book = a_book(methods=(rule, methods_of("totp")))
        assert from_json(to_json(book)).methods == book.methods

    def test_a_version_from_before_there_were_rules_about_methods_says_what_the_settings_say(self, hana: Account, settings: Any) -> None:
        settings.MFA_PHONE_COUNTRIES = ["FR"]
        in_force(ALWAYS)
        assert allowance_of(hana).countries == ("FR",)
        everybody("totp", countries=("DE",))
        assert allowance_of(Account.objects.get(pk=hana.pk)).countries == ("DE",)


class TestRegistering:
    def test_what_is_not_allowed_is_not_offered_and_says_why_when_asked_for(self, hana: Account, browser_of: Browser) -> None:
        everybody("totp", "email")
        client = browser_of(hana)
        page = offered(client)
        assert "Authenticator app" in page
        assert "Phone" not in page
        assert "Security key" not in page
        for url in ("/security-info/phone/", "/security-info/fido/", "/security-info/app-password/"):
            answer = client.get(url, follow=True)
            assert "does not let this account register a method of this kind" in answer.content.decode(), url

    @pytest.mark.covers("C-04")
    def test_kinds_are_offered_in_the_order_of_the_institution(self, hana: Account, browser_of: Browser) -> None:
        everybody("fido", "phone", "totp")
        page = offered(browser_of(hana))
        assert page.index("Security key") < page.index("Phone") < page.index("Authenticator app")

    def test_nobody_gets_past_the_page(self, hana: Account) -> None:
        everybody("totp")
        with pytest.raises(Refused, match="kind-not-allowed"):
            begin(hana, PhoneDevice(number="+819012345678"), binding="session:x")

    def test_what_was_allowed_when_it_was_begun_is_judged_again_when_it_is_proved(self, hana: Account, browser_of: Browser) -> None:
        everybody("totp", "fido")
        client = browser_of(hana)
        client.post("/security-info/totp/")
        everybody("fido")
        code = app_code(bytes(_seed_of(hana)))
        client.post("/security-info/totp/scan/", {"code": code, "name": ""})
        assert not RegisteredMethod.objects.filter(account=hana).exists()

    def test_a_limit_of_the_policy_is_kept(self, hana: Account) -> None:
        everybody("totp", limits={"totp": 1})
        a_totp_app(hana)
        with pytest.raises(Refused, match="too-many-methods"):
            begin(hana, new_device(hana), binding="session:x")

    def test_numbers_and_addresses_are_those_of_the_group(self, hana: Account, browser_of: Browser) -> None:
        everybody("phone", "email", "totp", countries=("US", "JP"), refused_prefixes=("+8190",), refused_domains=("mail.example",))
        client = browser_of(hana)
        page = client.get("/security-info/phone/").content.decode()
        assert page.index("United States") < page.index("Japan")
        assert "France" not in page
        number = {"country": "JP", "number": "090-1234-5678", "way": "text"}
        assert "This is a number of the institution" in client.post("/security-info/phone/", number).content.decode()
        answer = client.post("/security-info/email/", {"address": "me@sub.mail.example"})
        assert "could not read this address" in answer.content.decode()


def _seed_of(account: Account) -> bytes:
    return unseal(TotpDevice.objects.get(user=account), "seed")


class TestSigningIn:
    def test_a_kind_that_is_not_allowed_is_not_asked_and_opens_nothing(self, hana: Account) -> None:
        a_phone(hana)
        everybody("totp", "fido")
        client = Client()
        answer = enter_password(client, hana)
        assert answer["Location"].endswith("/signin/refused/")
        assert "None of the verification methods" in client.get("/signin/refused/").content.decode()

    def test_another_method_is_asked_when_the_default_is_not_allowed_any_more(self, hana: Account) -> None:
        a_phone(hana)
        a_totp_app(hana)
        everybody("totp")
        client = Client()
        enter_password(client, hana)
        assert "Text a code" not in client.get("/signin/verify/options/").content.decode()
        assert enter_code(client).status_code == 302
        assert client.get("/my-account/").status_code == 200

    def test_options_stand_in_the_order_of_the_institution_after_the_default(self, hana: Account) -> None:
        a_totp_app(hana, name="app")
        a_phone(hana)
        a_method(hana, "fido", name="key")
        everybody("fido", "totp", "phone")
        assert [one.kind for one in only_usable(listed(hana))] == ["totp", "fido", "phone"]
        everybody("phone", "fido", "totp")
        assert [one.kind for one in only_usable(listed(Account.objects.get(pk=hana.pk)))] == ["totp", "phone", "fido"]

    def test_a_kind_that_ends_verifies_through_its_last_day(self, hana: Account) -> None:
        a_phone(hana)
        for last, usable in ((LATER, True), (today(), True), (YESTERDAY, False)):
            everybody("totp", "phone", last_days={"phone": last})
            account = Account.objects.get(pk=hana.pk)
            assert bool(only_usable(listed(account))) is usable, last
            assert not allowance_of(account).takes("phone")

    def test_a_new_default_takes_the_place_of_one_that_is_not_allowed(self, hana: Account, browser_of: Browser) -> None:
        a_phone(hana)
        app = a_totp_app(hana)
        everybody("totp")
        set_default(hana, app.pk, actor=hana)
        assert [one.name for one in RegisteredMethod.objects.filter(is_default=True)] == [app.name]

    def test_what_is_not_allowed_does_not_count_when_the_last_method_is_to_go(self, hana: Account) -> None:
        a_phone(hana)
        app = a_totp_app(hana)
        Account.objects.filter(pk=hana.pk).update(methods_needed=True)
        everybody("totp")
        with pytest.raises(Refused, match="last-method"):
            remove(hana, app.pk, actor=hana)

    def test_what_was_being_asked_is_closed_when_its_kind_is_refused(self, hana: Account) -> None:
        a_phone(hana)
        a_totp_app(hana)
        enter_password(Client(), hana)
        content = to_json(a_book(ALWAYS, groups=(), methods=(methods_of("totp"),)))
        PolicyVersion.objects.create(number=1, state=VersionState.DRAFT, content=content, made_at="2026-01-01T00:00Z")
        switch_on(0, actor=None, reason="phones are not trusted")
        assert not Challenge.objects.filter(kind="phone", state=ChallengeState.OPEN).exists()


KINDS = ("push", "totp", "fido", "phone", "alternate-phone", "office-phone", "email", "app-password")
RULES = st.lists(
    st.builds(
        lambda order, ends, who: methods_of(*order, last_days={kind: day for kind, day in ends.items() if kind in order}, **who),
        st.lists(st.sampled_from(KINDS), unique=True, min_size=1).map(tuple),
        st.dictionaries(st.sampled_from(KINDS), st.sampled_from([YESTERDAY, TODAY, LATER])),
        st.sampled_from([{}, {"kinds": frozenset({"student"})}, {"accounts": frozenset({"1"})}]),
    ),
    max_size=3,
)
GIVEN = {Outcome.ALLOW: 0, Outcome.REGISTER: 0, Outcome.ADDRESS: 1, Outcome.PASS: 2, Outcome.VERIFY: 2, Outcome.REFUSE: 4}


@given(
    rules=RULES,
    mine=st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(MethodState.values[:2])), min_size=1, max_size=4),
    asks=st.sampled_from(["none", "verify", "strong", "register", "refuse"]),
    opened=st.booleans(),
    sensitive=st.booleans(),
    in_effect=st.booleans(),
)
@pytest.mark.covers("S-102")
def test_no_policy_about_methods_ever_opens_anything(**drawn: Any) -> None:
    """Whatever is taken away from somebody who has methods, nothing is decided more generously than if it had stayed."""
    account = Account(common_id="1", kind="student", methods_needed=drawn["in_effect"], mfa_asked_here=drawn["in_effect"])
    methods = [RegisteredMethod(account=account, kind=kind, state=state, name=kind) for kind, state in drawn["mine"]]
    first = {"part": "registration", "asks": "open"} if drawn["opened"] else {"asks": "verify", "mode": "off"}
    decided = []
    for about in ((*drawn["rules"], methods_of("totp", "fido")), (methods_of(),)):
        book = a_book({"asks": drawn["asks"]}, first, groups=(), methods=tuple(about))
        facts = facts_of(account, methods, book, Circumstances(sensitive=drawn["sensitive"]), Ties())
        decided.append(decide(facts, book))
    assert GIVEN[decided[0].outcome] >= GIVEN[decided[1].outcome]


def test_facts_of_a_person_are_judged_by_the_rule_about_that_person() -> None:
    science = an_affiliation("science")
    account = an_account(affiliation=science)
    a_phone(account)
    rules: tuple[MethodRule, ...] = (methods_of("totp", affiliations=frozenset({"science"})), methods_of("phone"))
    book = a_book(ALWAYS, groups=(), methods=rules)
    assert facts_of(account, listed(account), book, Circumstances(), Ties()).none_usable


@pytest.mark.django_db(transaction=True)
def test_rules_about_methods_and_an_outage_cost_a_sign_in_no_query_of_their_own(hana: Account) -> None:
    members = AccountList.objects.create(made_at=timezone.now())
    ListedAccount.objects.create(account=hana, list=members)
    RoleGrant.objects.create(account=hana, role="auditor")
    a_totp_app(hana)
    some = [methods_of("fido", groups=frozenset({"some"}), roles=frozenset({"helpdesk"})) for _ in range(199)]
    mine = methods_of("totp", groups=frozenset({"some"}), roles=frozenset({"auditor"}))
    groups = (Group("Some", "一部", "some", str(members.uid), 1),)
    in_force(ALWAYS, groups=groups, methods=(*some, mine, methods_of("phone")))
    enter_password(Client(), hana)
    with CaptureQueriesContext(connection) as captured:
        assert enter_password(Client(), hana)["Location"].endswith("/signin/verify/")
    asked = [query["sql"] for query in captured if any(table in query["sql"] for table in ("policies_", "rolegrant"))]
    assert len(asked) == 2, asked


def test_deciding_takes_less_than_two_milliseconds_with_two_hundred_rules_of_each_sort() -> None:
    networks = tuple(
        Network(f"N{n}", f"N{n}", f"n{n}", NetworkKind.PARTNER, tuple(f"10.{n}.{m}.0/24" for m in range(10))) for n in range(200)
    )
    rules = [{"asks": "verify", "affiliations": [f"a{n}"], "place": "networks", "networks": [f"n{n}"]} for n in range(200)]
    methods = tuple(methods_of("totp", affiliations=frozenset({f"a{n}"})) for n in range(200))
    book = a_book(*rules, networks=networks, groups=(), methods=(*methods, methods_of("phone", "totp")))
    account = Account(common_id="1", kind="student", affiliation=Affiliation(code="a199"))
    mine = [RegisteredMethod(account=account, kind=kind, name=kind) for kind in ("phone", "totp")]
    at = Circumstances(address="10.199.9.7")
    assert decide(facts_of(account, mine, book, at, Ties()), book).outcome is Outcome.VERIFY
    began = time.process_time()
    for _ in range(100):
        decide(facts_of(account, mine, book, at, Ties()), book)
    assert (time.process_time() - began) / 100 < 0.002
