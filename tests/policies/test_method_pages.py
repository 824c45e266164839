"""The method policy as an administrator meets it: drafted, compared, and switched on by who knows whom it leaves without a method."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from policies.allowances import today
from policies.current import book_of, current_book
from policies.loosening import More, loosenings
from policies.models import PolicyVersion
from policies.models.versions import VersionState
from policies.rulebook.content import Book
from policies.switching import approve
from tests.factories import a_method, a_phone, a_totp_app, a_verification, an_account
from tests.policies.books import a_book, in_force, methods_of

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
DRAFT = "/policies/draft/"
ALWAYS = {"asks": "verify", "id": "r1"}
TODAY = date(2026, 11, 26)
LATER = TODAY + timedelta(days=30)


@pytest.fixture
def bo() -> Account:
    account = an_account("1000000009", roles=("administrator",), name_en="Bo Second")
    a_totp_app(account)
    a_method(account, "fido", name="key")
    return account


def draft() -> PolicyVersion:
    return PolicyVersion.objects.get(state=VersionState.DRAFT)


def drafted() -> Book:
    return book_of(draft())


def form(*order: str, **fields: Any) -> dict[str, Any]:
    """The form of a rule that allows these kinds in this order."""
    usual = {"name_en": "Everybody", "name_ja": "全員", "countries": ["JP", "US"], "own_country": "JP", "calls": "", "attestation": "none"}
    usual |= {"refused_prefixes": "+81358412", "refused_domains": "example.ac.jp"}
    return usual | {f"place_{kind}": str(place) for place, kind in enumerate(order, 1)} | fields | {"seen": str(draft().edits)}


def change(client: Client, *order: str, **fields: Any) -> Any:
    return client.post(f"{DRAFT}methods/{drafted().methods[-1].id}/", form(*order, **fields))


def switch_on(client: Client, **fields: Any) -> Any:
    return client.post(f"{DRAFT}switch-on/", {"reason": "agreed", "seen": str(draft().edits)} | fields, follow=True)


FORMS = ["/policies/draft/switch-on/", "/policies/draft/rules/new/sign-in/", "/policies/draft/methods/new/", "/policies/campaigns/new/"]


@pytest.mark.parametrize("address", FORMS)
def test_whoever_has_a_key_fills_in_no_form_without_it(address: str, admin: Client, ada: Account, browser_of: Browser) -> None:
    admin.post("/policies/begin/")
    weak = browser_of(ada, verified=a_verification("totp"))
    for answer in (weak.get(address), weak.post(address, {"reason": "agreed", "seen": str(draft().edits)})):
        assert answer.headers.get("Location", "").startswith("/signin/step-up/")
    assert draft().state == VersionState.DRAFT
    assert admin.get(address).status_code == 200


class TestDrafting:
    def test_a_draft_begins_with_what_the_settings_say(self, admin: Client) -> None:
        admin.post("/policies/begin/")
        [rule] = drafted().methods
        assert rule.is_for_everybody
        assert {"push", "totp", "fido", "phone"} <= set(rule.order)
        page = admin.get(DRAFT).content.decode()
        assert "Allowed, in this order:" in page
        assert "Calls are confirmed with # alone." in page

    def test_the_form_shows_what_is_drafted_and_keeps_what_is_entered(self, admin: Client) -> None:
        admin.post("/policies/begin/")
        last = str(today() + timedelta(days=90))
        answer = change(
            admin,
            "fido",
            "totp",
            "phone",
            last_phone=last,
            limit_fido="2",
            refused_domains="Example.AC.jp",
            refused_prefixes="+8135841",
            calls="digits",
        )
        assert answer.status_code == 302, answer.content.decode()
        [rule] = drafted().methods
        assert (rule.order, rule.limits, rule.call_digits) == (("fido", "totp", "phone"), {"fido": 2}, True)
        assert str(rule.last_days["phone"]) == last
        assert rule.refused_domains == ("example.ac.jp",)
        page = admin.get(f"{DRAFT}methods/{rule.id}/").content.decode()
        assert last in page
        event = Event.objects.filter(name=EventName.POLICY_EDITED).latest("pk")
        assert event.after["order"] == ["fido", "totp", "phone"]

    @pytest.mark.parametrize(
        ("order", "fields", "said"),
        [
            ((), {}, "at least one kind"),
            (("email",), {}, "at least one kind"),
            (("totp",), {"last_phone": "2099-01-01"}, "give it a place"),
            (("totp",), {"last_totp": "2020-01-01"}, "This day is over"),
            (("totp",), {"own_country": "FR"}, "one of the countries above"),
            (("totp",), {"refused_prefixes": "0358412"}, "with + and the country code"),
            (("totp",), {"refused_domains": "@x"}, "not a domain"),
            (("fido",), {"attestation": "listed"}, "List at least one model"),
            (("fido",), {"attestation": "listed", "authenticators": "yubikey"}, "not an AAGUID"),
            (("fido",), {"attestation": "any"}, "MFA_WEBAUTHN_ROOTS"),
            (("totp",), {"limit_totp": "99"}, "less than or equal to 5"),
        ],
    )
    def test_what_cannot_be_meant_is_said_and_nothing_is_lost(
        self, admin: Client, order: tuple[str, ...], fields: dict[str, str], said: str
    ) -> None:
        admin.post("/policies/begin/")
        before = drafted()
        answer = change(admin, *order, **fields, name_en="Kept on the page")
        assert answer.status_code == 400
        assert said in answer.content.decode()
        assert "Kept on the page" in answer.content.decode()
        assert drafted() == before

    def test_rules_for_some_come_first_move_and_go_and_the_one_for_everybody_stays_last(self, admin: Client) -> None:
        admin.post("/policies/begin/")
        for name, kind in (("Students", "student"), ("Staff", "staff")):
            assert admin.post(f"{DRAFT}methods/new/", form("totp", name_en=name, kinds=[kind])).status_code == 302
        names = [rule.name_en for rule in drafted().methods]
        assert names == ["Staff", "Students", "Everybody"]
        first = drafted().methods[0].id
        admin.post(f"{DRAFT}methods/{first}/move/down/", {"seen": str(draft().edits)})
        assert [rule.name_en for rule in drafted().methods] == ["Students", "Staff", "Everybody"]
        admin.post(f"{DRAFT}methods/{first}/move/down/", {"seen": str(draft().edits)})
        assert drafted().methods[-1].name_en == "Everybody"
        admin.post(f"{DRAFT}methods/{first}/remove/", {"seen": str(draft().edits)})
        assert [rule.name_en for rule in drafted().methods] == ["Students", "Everybody"]
        assert admin.post(f"{DRAFT}methods/{drafted().methods[-1].id}/remove/", {"seen": str(draft().edits)}).status_code == 404

    def test_a_group_that_a_rule_about_methods_speaks_of_stays(self, admin: Client, hana: Account) -> None:
        admin.post("/policies/begin/")
        group = {"name_en": "Abroad", "name_ja": "留学中", "lines": hana.common_id, "seen": str(draft().edits)}
        admin.post(f"{DRAFT}groups/new/", group)
        [made] = drafted().groups
        assert admin.post(f"{DRAFT}methods/new/", form("totp", name_en="Away", groups=[made.code])).status_code == 302
        answer = admin.post(f"{DRAFT}groups/{made.code}/remove/", {"seen": str(draft().edits)}, follow=True)
        assert "speaks of it" in answer.content.decode()

    def test_a_comparison_says_it_in_words(self, admin: Client) -> None:
        in_force(ALWAYS, methods=(methods_of("totp", "phone", "fido"),))
        admin.post("/policies/begin/")
        change(admin, "totp", "fido", name_en="Methods")
        page = admin.get(f"{DRAFT}switch-on/").content.decode()
        assert "Methods: Methods" in page
        assert "Allowed, in this order: Authenticator app, Security key." in page


@pytest.mark.usefixtures("with_phones_alone")
class TestLeavingNobodyWithout:
    def test_the_number_must_be_entered(self, admin: Client) -> None:
        in_force(ALWAYS, methods=(methods_of("totp", "phone", "fido"),))
        admin.post("/policies/begin/")
        change(admin, "totp", "fido", name_en="Methods", countries=["JP"])
        page = switch_on(admin).content.decode()
        assert "At once: 3 people could not sign in any more" in page
        assert draft()
        refused = switch_on(admin, without="2").content.decode()
        assert "This would leave 3 people" in refused
        assert "in force." in switch_on(admin, without="3").content.decode()
        assert current_book().methods[0].order == ("totp", "fido")

    def test_the_list_is_downloaded_and_that_is_recorded(self, admin: Client, ada: Account) -> None:
        in_force(ALWAYS, methods=(methods_of("totp", "phone", "fido"),))
        admin.post("/policies/begin/")
        change(admin, "totp", "fido", name_en="Methods")
        before = Event.objects.filter(name=EventName.POLICY_TRIED).count()
        text = admin.get(f"{DRAFT}left-without/").content.decode("utf-8-sig")
        assert text.splitlines()[0] == "common_id,name_en,affiliation,methods,last_day"
        assert len(text.splitlines()) == 4
        assert Event.objects.filter(name=EventName.POLICY_TRIED, actor_id=ada.pk).count() == before + 1

    def test_who_approves_is_told_when_it_became_more(self, admin: Client, bo: Account) -> None:
        in_force(ALWAYS, methods=(methods_of("totp", "phone", "fido", limits={"totp": 1}),))
        admin.post("/policies/begin/")
        change(admin, "totp", "fido", name_en="Methods")
        switch_on(admin, without="3")
        waits = PolicyVersion.objects.get(state=VersionState.WAITING)
        assert waits.strands == 3
        a_phone(an_account(), "+819099998888")
        with pytest.raises(Exception, match="more-left-without"):
            approve(waits.number, waits.edits, actor=bo)


class TestAllowingMore:
    USUAL: dict[str, Any] = {
        "last_days": {"phone": LATER},
        "limits": {"totp": 2},
        "countries": ("JP",),
        "refused_prefixes": ("+81358",),
        "refused_domains": ("ac.jp",),
        "call_digits": True,
        "attestation": "any",
    }

    @pytest.mark.parametrize(
        ("new", "more"),
        [
            ({}, None),
            ({"order": ("phone", "totp")}, None),
            ({"order": ("totp",), "last_days": {}}, None),
            ({"order": ("totp", "phone", "fido")}, More.KINDS),
            ({"last_days": {}}, More.KINDS),
            ({"last_days": {"phone": LATER + timedelta(days=1)}}, More.KINDS),
            ({"last_days": {"phone": LATER - timedelta(days=1)}}, None),
            ({"limits": {}}, More.LIMITS),
            ({"limits": {"totp": 1}}, None),
            ({"countries": ("US", "JP")}, More.COUNTRIES),
            ({"refused_prefixes": ("+813",)}, None),
            ({"refused_prefixes": ("+813584",)}, More.PREFIXES),
            ({"refused_domains": ("jp",)}, None),
            ({"refused_domains": ("example.ac.jp",)}, More.DOMAINS),
            ({"call_digits": False}, More.DIGITS),
            ({"attestation": "none"}, More.MAKES),
            ({"attestation": "listed"}, None),
        ],
    )
    def test_each_is_seen_and_nothing_else(self, new: dict[str, Any], more: More | None) -> None:
        order = ("totp", "phone")
        old, other = (
            a_book(methods=(methods_of(*(fields.pop("order", order)), **fields),)) for fields in (dict(self.USUAL), self.USUAL | new)
        )
        found = {code for one in loosenings(old, other, today=TODAY) for code in one.more}
        assert found == ({more} if more else set())

    def test_more_for_one_group_is_found_behind_stricter_rules(self) -> None:
        old = a_book(methods=(methods_of("totp", kinds=frozenset({"student"})), methods_of("totp", "fido")))
        new = a_book(methods=(methods_of("totp", affiliations=frozenset({"arts"})), methods_of("totp", "fido")))
        [one] = loosenings(old, new, today=TODAY)
        assert one.person
        assert one.person.kind == "student"
        assert one.more == (More.KINDS,)

    def test_it_needs_a_second_person_who_reads_what(self, admin: Client, bo: Account, browser_of: Browser) -> None:
        in_force(ALWAYS, methods=(methods_of("totp", "fido"),))
        admin.post("/policies/begin/")
        change(admin, "totp", "fido", "phone", name_en="Methods", countries=["JP"])
        assert "somebody else has to switch it on" in switch_on(admin).content.decode()
        page = browser_of(bo, verified=a_verification("fido")).get("/policies/").content.decode()
        assert "kinds of method, or for longer" in page
        assert current_book().methods[0].order == ("totp", "fido")
        browser_of(bo, verified=a_verification("fido")).post(
            "/policies/decide/2/approve/", {"seen": str(PolicyVersion.objects.get(number=2).edits)}
        )
        assert current_book().methods[0].order == ("totp", "fido", "phone")


def test_what_if_says_which_methods_count(admin: Client, hana: Account) -> None:
    a_phone(hana)
    a_totp_app(hana)
    in_force(ALWAYS, methods=(methods_of("totp", "fido", name_en="No telephones"),))
    asked = {"account": hana.common_id, "address": "203.0.113.9", "system": "local"}
    page = admin.get("/policies/what-if/", asked).content.decode()
    assert "“No telephones” counts (Everybody)." in page
    assert page.index("my phone") < page.index("Not allowed") < page.index("Phone ")
