"""Policies as a new administrator meets them: from an empty site to a policy in force, by two people where it protects less."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from audit.wording import sentence
from policies.current import book_of, current_book
from policies.models import ListedAccount, PolicyVersion
from policies.models.versions import VersionState
from policies.rulebook.content import Asks, Book, Mode, Part
from tests.factories import a_totp_app
from tests.policies.books import in_force

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
DRAFT, OVERVIEW = "/policies/draft/", "/policies/"


def seen() -> dict[str, str]:
    return {"seen": str(PolicyVersion.objects.get(state__in=[VersionState.DRAFT, VersionState.WAITING]).edits)}


def a_rule(name: str, asks: str, **fields: Any) -> dict[str, Any]:
    return {"name_en": name, "name_ja": f"規則{name}", "asks": asks, "mode": "on", "use": "", "place": ""} | fields | seen()


def add(client: Client, part: str, rule: dict[str, Any]) -> None:
    answer = client.post(f"/policies/draft/rules/new/{part}/", rule)
    assert answer.status_code == 302, answer.content.decode()


def switch_on(client: Client, reason: str = "Agreed by the board") -> Any:
    return client.post("/policies/draft/switch-on/", {"reason": reason} | seen(), follow=True)


def drafted() -> Book:
    return book_of(PolicyVersion.objects.get(state=VersionState.DRAFT))


@pytest.mark.covers("S-101", "C-02")
def test_from_an_empty_site_to_three_kinds_of_people(admin: Client, second: Client) -> None:
    assert "No version has been switched on yet" in admin.get(OVERVIEW).content.decode()
    admin.post("/policies/begin/")
    before = [str(rule) for rule in drafted().rules]
    for rule in drafted().rules:
        admin.post(f"/policies/draft/rules/{rule.id}/remove/", seen())
    network = {"name_en": "Campus", "name_ja": "学内", "kind": "campus", "lines": "192.0.2.0/24\n2001:db8:1::/48 # library"}
    assert admin.post("/policies/draft/networks/new/", network | seen()).status_code == 302
    add(admin, "sign-in", a_rule("Administrators", "strong", roles=["administrator"]))
    add(admin, "sign-in", a_rule("Staff", "verify", kinds=["staff", "faculty"]))
    add(admin, "sign-in", a_rule("Students outside", "verify", kinds=["student"], place="outside"))
    add(admin, "sign-in", a_rule("Students on campus", "none", kinds=["student"], place="campus"))
    add(admin, "registration", a_rule("On campus", "open", place="campus"))
    page = admin.get(DRAFT).content.decode()
    assert "Student, from outside the campus: a verification is asked for." in page
    assert "with the role Administrator: a security key or passkey is asked for." in page
    admin.post("/policies/draft/preset/report-only/", seen())
    assert "The new version is in force." in switch_on(admin, "Report only first").content.decode()
    assert [str(rule) for rule in current_book().rules if rule.mode is Mode.ON] == before
    admin.post("/policies/begin/")
    admin.post("/policies/draft/preset/all-on/", seen())
    assert "somebody else has to switch it on" in switch_on(admin).content.decode()
    waiting = PolicyVersion.objects.get(state=VersionState.WAITING)
    page = second.get(OVERVIEW).content.decode()
    assert "Students on campus" in page
    assert "Agreed by the board" in page
    assert (
        "The new version is in force." in second.post(f"/policies/decide/{waiting.number}/approve/", seen(), follow=True).content.decode()
    )
    book = current_book()
    assert next((str(rule), rule.asks) for rule in book.rules if rule.part is Part.SIGN_IN) == ("Administrators", Asks.STRONG)
    assert {rule.mode for rule in book.rules} == {Mode.ON}
    [event] = Event.objects.filter(name=EventName.POLICY_SWITCHED_ON).order_by("-pk")[:1]
    assert sentence(event) == "1000000009 switched on version 2 of the policy, which 1000000006 had asked for, in place of version 1."


def test_only_administrators_see_policies(browser_of: Browser, hana: Account, sato: Account, aki: Account) -> None:
    for account in (hana, sato, aki):
        assert browser_of(account).get(OVERVIEW).status_code == 403
        assert browser_of(account).post("/policies/begin/").status_code == 403
    assert not PolicyVersion.objects.exists()


def test_a_change_needs_a_fresh_verification(admin: Client, ada: Account) -> None:
    ada.session_records.update(verified_at="2026-01-01T00:00:00Z")
    assert admin.post("/policies/begin/")["Location"].startswith("/signin/step-up/")
    assert "Verify yourself first" in admin.get(OVERVIEW).content.decode()
    assert not PolicyVersion.objects.exists()


def test_every_step_is_one_event_with_what_was_and_what_is(admin: Client, ada: Account) -> None:
    in_force({"id": "r1", "asks": "none", "name_en": "Everybody"})
    admin.post("/policies/begin/")
    admin.post("/policies/draft/rules/r1/", a_rule("Everybody", "verify", name_ja="規則"))
    assert switch_on(admin).status_code == 200
    events = list(Event.objects.filter(name__startswith="policy:").order_by("pk"))
    assert [event.name for event in events] == ["policy:drafted", "policy:edited", "policy:switched-on"]
    assert {event.actor_id for event in events} == {ada.pk}
    assert (events[1].before["asks"], events[1].after["asks"]) == ("none", "verify")
    assert (events[2].before, events[2].after, events[2].reason) == ({"policy": 1}, {"policy": 2}, "Agreed by the board")


def test_a_draft_is_discarded(admin: Client, ada: Account) -> None:
    in_force({"id": "r1", "asks": "verify"})
    admin.post("/policies/begin/")
    admin.post("/policies/discard/", seen())
    assert not PolicyVersion.objects.filter(state=VersionState.DRAFT).exists()
    assert Event.objects.get(name=EventName.POLICY_DISCARDED).actor_id == ada.pk


def test_nobody_locks_themselves_out(admin: Client) -> None:
    in_force({"id": "r1", "asks": "verify"})
    admin.post("/policies/begin/")
    admin.post("/policies/draft/rules/r1/", a_rule("Closed", "refuse"))
    assert "you could not sign in again" in switch_on(admin).content.decode()
    assert current_book().number == 1


def test_a_draft_that_somebody_else_has_changed_is_not_overwritten(admin: Client, second: Client) -> None:
    in_force({"id": "r1", "asks": "verify", "name_en": "First"}, {"id": "r2", "asks": "none", "name_en": "Second"})
    admin.post("/policies/begin/")
    mine, theirs = a_rule("Mine", "strong"), a_rule("Theirs", "strong")
    second.post("/policies/draft/rules/r1/", theirs)
    answer = admin.post("/policies/draft/rules/r1/", mine, follow=True)
    assert "Somebody else has changed the draft" in answer.content.decode()
    assert drafted().rule_named["r1"].name_en == "Theirs"
    assert "Somebody else" in admin.post("/policies/draft/switch-on/", {"reason": "x", "seen": "0"}).content.decode()


def test_rules_are_moved_up_and_down_and_removed(admin: Client) -> None:
    in_force(*({"id": f"r{n}", "asks": "verify", "name_en": f"R{n}"} for n in (1, 2, 3)))
    admin.post("/policies/begin/")
    admin.post("/policies/draft/rules/r3/move/up/", seen())
    admin.post("/policies/draft/rules/r1/move/down/", seen())
    admin.post("/policies/draft/rules/r2/remove/", seen())
    assert [rule.id for rule in drafted().rules] == ["r3", "r1"]


def test_a_network_names_every_line_it_cannot_read(admin: Client) -> None:
    admin.post("/policies/begin/")
    given = {"name_en": "Hall", "name_ja": "講堂", "kind": "campus"} | seen()
    answer = admin.post("/policies/draft/networks/new/", given | {"lines": "192.0.2.0/24,hall\r\n10.0.0.1/8\r\n# remark\r\nfe80::1%eth0"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Line 2 (10.0.0.1/8)" in page
    assert "Line 4 (fe80::1%eth0)" in page
    assert not drafted().networks
    admin.post("/policies/draft/networks/new/", given | {"lines": "192.0.2.0/24,hall\n192.0.2.0/24"})
    assert drafted().networks[0].ranges == ("192.0.2.0/24",)


def test_networks_that_share_addresses_say_so(admin: Client) -> None:
    admin.post("/policies/begin/")
    for name, ranges in (("Hall", "192.0.2.0/24"), ("Library", "192.0.2.128-192.0.2.130")):
        admin.post("/policies/draft/networks/new/", {"name_en": name, "name_ja": name, "kind": "campus", "lines": ranges} | seen())
    assert "Shares addresses with Hall: 192.0.2.0/24" in admin.get(DRAFT).content.decode()


def test_a_group_is_a_list_of_accounts_that_there_are(admin: Client, hana: Account) -> None:
    admin.post("/policies/begin/")
    given = {"name_en": "Pilot", "name_ja": "試行"}
    answer = admin.post("/policies/draft/groups/new/", given | {"lines": f"{hana.common_id}\n9999999999\nrubbish"} | seen())
    assert "Line 3 (rubbish)" in answer.content.decode()
    assert admin.post("/policies/draft/groups/new/", given | {"lines": hana.common_id} | seen()).status_code == 302
    [group] = drafted().groups
    assert (group.size, ListedAccount.objects.get(list__uid=group.members).account) == (1, hana)
    add(admin, "sign-in", a_rule("Pilot", "strong", groups=[group.code]))
    assert "speaks of it" in admin.post(f"/policies/draft/groups/{group.code}/remove/", seen(), follow=True).content.decode()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_that_nobody_can_reckon_with_is_no_day_of_a_rule(admin: Client, day: str) -> None:
    admin.post("/policies/begin/")
    for field in ("since", "until"):
        answer = admin.post("/policies/draft/rules/new/sign-in/", a_rule("Day", "verify", **{field: day}))
        assert "is not a day" in answer.content.decode()


@pytest.mark.parametrize("thing", ["networks", "groups"])
def test_a_list_that_cannot_be_read_is_shown_with_its_error(admin: Client, thing: str) -> None:
    admin.post("/policies/begin/")
    answer = admin.post(
        f"/policies/draft/{thing}/new/", {"name_en": "A", "name_ja": "A", "kind": "campus", "lines": "192.0.2.1\x00"} | seen()
    )
    assert answer.status_code < 500
    assert "Null characters are not allowed" in answer.content.decode()


def test_versions_are_kept_compared_and_brought_back(admin: Client) -> None:
    in_force({"id": "r1", "asks": "verify", "name_en": "Everybody"})
    in_force({"id": "r2", "asks": "strong", "name_en": "Everybody"})
    page = admin.get("/policies/versions/1/").content.decode()
    assert "a verification is asked for" in page
    assert "a security key or passkey is asked for" in page
    assert admin.post("/policies/versions/1/bring-back/")["Location"] == DRAFT
    [rule] = drafted().rules
    assert (rule.asks, rule.id != "r1") == (Asks.VERIFY, True)
    assert admin.post("/policies/versions/2/bring-back/").status_code == 409


def test_of_rules_with_one_name_the_comparison_shows_each(admin: Client) -> None:
    kept = {"id": "r1", "asks": "verify", "name_en": "Twins"}
    in_force(kept)
    in_force({"id": "r2", "asks": "none", "name_en": "Twins", "kinds": ["student"]}, kept)
    lines = admin.get("/policies/versions/1/").context["differences"]  # beside the one in force
    [(before, after), (gone, nothing)] = [(line.before, line.after) for line in lines if line.what == "Twins"]
    assert (nothing, "Student" in gone) == ("", True)
    assert all("a verification is asked for" in words for words in (before, after))


def test_rules_of_one_name_that_were_brought_back_stand_beside_those_they_came_from(admin: Client) -> None:
    twins = [{"asks": asks, "name_en": "Twins", "kinds": ["student"]} for asks in ("none", "verify")]
    in_force(*twins)
    in_force(*twins)
    lines = admin.get("/policies/versions/1/").context["differences"]
    told = [line for line in lines if line.what == "Twins"]
    assert (len(told), any(line.differs for line in told)) == (2, False)


def test_what_if_names_the_rule_and_why_the_others_were_passed_over(admin: Client, hana: Account) -> None:
    a_totp_app(hana)
    in_force(
        {"asks": "refuse", "kinds": ["staff"], "name_en": "Staff"},
        {"asks": "verify", "place": "outside", "name_en": "Outside"},
        {"asks": "none", "name_en": "Rest"},
    )
    asked = {"account": hana.common_id, "address": "203.0.113.9", "system": "local", "moment": "2026-04-01T12:00"}
    page = admin.get("/policies/what-if/", asked).content.decode()
    assert "A verification is asked for" in page
    assert "another kind of account" in page
    assert "Fits, but another came first" in page
    page = admin.get("/policies/what-if/", asked | {"address": "192.0.2.7"}).content.decode()
    assert "Signed in with the password alone" in page
    assert Event.objects.filter(name=EventName.POLICY_TRIED, account_id=hana.pk).count() == 2
    assert "not a network address" in admin.get("/policies/what-if/", asked | {"address": "here"}).content.decode()


def test_the_pages_take_few_queries_however_many_rules_there_are(admin: Client, django_assert_max_num_queries: Any) -> None:
    in_force(*({"asks": "verify", "kinds": ["student"]} for _ in range(200)))
    admin.post("/policies/begin/")
    for page in (OVERVIEW, DRAFT, "/policies/versions/", "/policies/versions/1/"):
        with django_assert_max_num_queries(12):
            assert admin.get(page).status_code == 200
