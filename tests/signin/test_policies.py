"""Policies at the door: who is asked, with what, and what is kept of the decision; forged addresses change nothing."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from pytest_django import Settings

from accounts.models import Account, RoleGrant, SessionRecord
from audit.models import Event
from audit.terms import value_words
from audit.wording import sentence
from policies.models import AccountList, ListedAccount
from policies.rulebook.content import Group
from tests.factories import a_totp_app, signed_in
from tests.methods.people import add_app, fresh_browser
from tests.methods.security_key import SoftKey, asked_on
from tests.methods.test_fido_pages import KEY, SETUP, add_key
from tests.policies.books import in_force
from tests.signin.door import HOME, attempt_of, enter_code, enter_password, has_session

pytestmark = pytest.mark.django_db
HALL, OUTSIDE, ACCOUNT = "192.0.2.7", "203.0.113.9", "/my-account/"
INSIDE_FREE = (
    {"id": "outside", "place": "outside", "asks": "verify"},
    {"id": "inside", "asks": "none", "name_en": "On campus", "name_ja": "学内"},
)


@pytest.mark.covers("S-101", "C-02")
@pytest.mark.parametrize("in_effect", [True, False])
def test_only_from_outside_the_campus(hana: Account, *, in_effect: bool) -> None:
    in_force(*INSIDE_FREE)
    a_totp_app(hana)
    Account.objects.update(mfa_asked_here=in_effect)
    assert enter_password(Client(REMOTE_ADDR=OUTSIDE), hana, next_path=ACCOUNT)["Location"] == "/signin/verify/"
    inside = Client(REMOTE_ADDR=HALL)
    assert enter_password(inside, hana, next_path=ACCOUNT)["Location"] == ACCOUNT
    assert has_session(inside)
    assert inside.get(HOME, follow=True).redirect_chain[0][0].startswith("/signin/step-up/")


@pytest.mark.covers("S-102")
def test_whoever_is_skipped_by_network_registers_all_the_same(hana: Account) -> None:
    in_force(*INSIDE_FREE, {"part": "registration", "asks": "open"})
    client = Client(REMOTE_ADDR=HALL)
    assert enter_password(client, hana, next_path=ACCOUNT)["Location"] == "/signin/more-information/"
    assert not has_session(client)


def test_the_rule_its_version_and_the_facts_are_kept_and_told(hana: Account) -> None:
    book = in_force(*INSIDE_FREE, {"id": "trial", "asks": "refuse", "mode": "report"})
    a_totp_app(hana)
    enter_password(Client(REMOTE_ADDR=HALL), hana, next_path=ACCOUNT)
    badge = SessionRecord.objects.get()
    assert badge.rule == f"{book.number}:inside"
    assert badge.facts == {
        "networks": ["hall"],
        "affiliation": "science",
        "kind": "student",
        "system": "local",
        "in_effect": False,
        "usable": 1,
        "strong": 0,
    }
    accepted = Event.objects.get(name="password:accepted")
    assert (accepted.after["rule"], accepted.after["facts"]) == (badge.rule, badge.facts)
    assert value_words("rule", badge.rule) == f"Rule “On campus” (version {book.number}): no verification is asked for"
    with translation.override("ja"):
        assert "学内" in value_words("rule", badge.rule)


def test_a_rule_that_only_reports_leaves_its_word_beside_the_decision(hana: Account) -> None:
    book = in_force({"id": "trial", "asks": "refuse", "mode": "report"}, {"id": "all", "asks": "verify"})
    a_totp_app(hana)
    client = Client()
    assert enter_password(client, hana)["Location"] == "/signin/verify/"
    assert Event.objects.get(name="password:accepted").after["reported"] == f"{book.number}:trial"
    assert enter_code(client).status_code == 302


def test_a_refusal_names_its_rule(hana: Account) -> None:
    in_force({"asks": "refuse", "name_en": "Closed for the move", "name_ja": "移転のため休止"})
    a_totp_app(hana)
    client = Client()
    assert enter_password(client, hana)["Location"] == "/signin/refused/"
    assert "Closed for the move" in client.get("/signin/refused/").content.decode()
    assert "Closed for the move" in sentence(Event.objects.get(name="signin:refused"))


KEYS = {"id": "keys", "asks": "strong", "name_en": "Keys", "name_ja": "鍵"}


def with_key(account: Account) -> SoftKey:
    a_totp_app(account)
    return add_key(fresh_browser(account))


def test_where_a_key_is_asked_for_nothing_weaker_is_offered_or_accepted(hana: Account) -> None:
    key = with_key(hana)
    app = hana.registered_methods.get(kind="totp")
    in_force(KEYS)
    client = Client()
    enter_password(client, hana)
    assert str(app.pk) not in client.get("/signin/verify/options/").content.decode()
    client.post(f"/signin/verify/use/{app.pk}/", {"way": ""})
    assert enter_code(client).status_code != 302 or not has_session(client)
    page = client.get("/signin/verify/")
    assert client.post("/signin/verify/", {"code": key.get(asked_on(page))}).status_code == 302
    assert has_session(client)


def test_an_app_that_was_asked_before_the_key_was_needed_opens_nothing(hana: Account) -> None:
    with_key(hana)
    client = Client()
    enter_password(client, hana)
    attempt = attempt_of(client)
    attempt.strong = True
    attempt.save()
    enter_code(client)
    assert not has_session(client)


def test_whoever_has_no_key_is_told_what_to_do(hana: Account) -> None:
    in_force(KEYS)
    a_totp_app(hana)
    client = Client()
    assert enter_password(client, hana)["Location"] == "/signin/refused/"
    page = client.get("/signin/refused/").content.decode()
    assert "needs a security key or a passkey" in page
    assert "Temporary Access Pass" in page


def test_stepping_up_takes_the_key_as_well(hana: Account) -> None:
    key = with_key(hana)
    app = hana.registered_methods.get(kind="totp")
    in_force(KEYS)
    client = Client()
    signed_in(client, hana, verified=False)
    assert str(app.pk) not in client.get("/signin/step-up/options/").content.decode()
    client.post("/signin/step-up/", {"method": app.pk, "code": "123456"})
    assert SessionRecord.objects.filter(verified_at__isnull=False, ended_at=None).count() == 1  # the browser that registered the key
    page = client.get("/signin/step-up/")
    assert client.post("/signin/step-up/", {"code": key.get(asked_on(page))}).status_code == 302
    assert SessionRecord.objects.filter(verified_at__isnull=False, ended_at=None).count() == 2


def test_stepping_up_without_a_key_is_explained(hana: Account) -> None:
    in_force(KEYS)
    a_totp_app(hana)
    client = Client()
    signed_in(client, hana, verified=False)
    page = client.get("/signin/step-up/")
    assert page.status_code == 403
    assert "needs a security key or a passkey" in page.content.decode()


def test_a_pass_leads_to_a_key_and_to_nothing_weaker(hana: Account, settings: Settings) -> None:
    settings.MFA_FIRST_REGISTRATION_EMAIL = False
    a_totp_app(hana)
    book = in_force(KEYS)
    client = Client()
    enter_password(client, hana)
    attempt = attempt_of(client)
    attempt.requirement, attempt.rule = "register", f"{book.number}:keys"  # as after a Temporary Access Pass
    attempt.save()
    assert "/security-info/fido/" in client.get("/signin/more-information/").content.decode()
    add_app(client, name="weaker")
    assert client.get("/signin/continue/")["Location"] == "/signin/more-information/"
    client.post("/signin/finish/")
    assert not has_session(client)
    assert client.post(SETUP)["Location"] == KEY
    client.post(KEY, {"code": SoftKey().create(asked_on(client.get(KEY))), "name": "key"})
    client.post("/signin/finish/")
    assert has_session(client)


FORGED = [
    {"HTTP_X_FORWARDED_FOR": HALL},
    {"HTTP_X_FORWARDED_FOR": f"{HALL}, {HALL}"},
    {"HTTP_X_FORWARDED_FOR": f"::ffff:{HALL}"},
    {"HTTP_X_FORWARDED_FOR": f"{HALL}:443"},
    {"HTTP_X_FORWARDED_FOR": f"{HALL},"},
    {"HTTP_X_FORWARDED_FOR": ",,,"},
    {"HTTP_X_FORWARDED_FOR": f'"{HALL}"'},
    {"HTTP_X_FORWARDED_FOR": "192.0.2.0/24"},
    {"HTTP_X_FORWARDED_FOR": "\x00" + HALL},
    {"HTTP_X_FORWARDED": HALL},
    {"HTTP_FORWARDED": f"for={HALL}"},
    {"HTTP_FORWARDED": f'for="[::ffff:{HALL}]";proto=https;by={HALL}'},
    {"HTTP_FORWARDED_FOR": HALL},
    {"HTTP_X_REAL_IP": HALL},
    {"HTTP_X_CLIENT_IP": HALL},
    {"HTTP_CLIENT_IP": HALL},
    {"HTTP_TRUE_CLIENT_IP": HALL},
    {"HTTP_CF_CONNECTING_IP": HALL},
    {"HTTP_X_CLUSTER_CLIENT_IP": HALL},
    {"HTTP_X_ORIGINAL_FORWARDED_FOR": HALL},
    {"REMOTE_HOST": HALL},
]


@pytest.mark.covers("S-101")
@pytest.mark.parametrize("headers", FORGED, ids=[f"{number}-{next(iter(one))}" for number, one in enumerate(FORGED)])
@pytest.mark.parametrize("proxy", ["", "10.0.0.5"])
def test_a_forged_header_never_makes_a_request_look_like_campus(
    hana: Account, settings: Settings, headers: dict[str, str], proxy: str
) -> None:
    """R-028: from a stranger directly, and behind the proxy, which adds on the right what it has seen."""
    settings.TRUSTED_PROXIES = ["10.0.0.0/24"]
    in_force(*INSIDE_FREE)
    a_totp_app(hana)
    seen = {"HTTP_X_FORWARDED_FOR": ", ".join(filter(None, [headers.get("HTTP_X_FORWARDED_FOR", ""), OUTSIDE]))} if proxy else {}
    client = Client(**{"REMOTE_ADDR": proxy or OUTSIDE} | headers | seen)
    assert enter_password(client, hana, next_path=ACCOUNT)["Location"] == "/signin/verify/"
    assert attempt_of(client).address == OUTSIDE


@pytest.mark.parametrize("sent", ["", "unknown", f"{HALL}:443", "_hidden", f"{HALL} , rubbish", "fe80::1%eth0"])
def test_a_proxy_on_campus_that_names_nobody_readable_lends_nobody_its_network(hana: Account, settings: Settings, sent: str) -> None:
    settings.TRUSTED_PROXIES = ["192.0.2.250/32"]
    in_force(*INSIDE_FREE)
    a_totp_app(hana)
    client = Client(REMOTE_ADDR="192.0.2.250", HTTP_X_FORWARDED_FOR=sent)
    assert enter_password(client, hana, next_path=ACCOUNT)["Location"] == "/signin/verify/"


def test_behind_a_proxy_the_campus_is_still_the_campus(hana: Account, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/24"]
    in_force(*INSIDE_FREE)
    a_totp_app(hana)
    client = Client(REMOTE_ADDR="10.0.0.5", HTTP_X_FORWARDED_FOR=f"{OUTSIDE}, {HALL}, 10.0.0.9")
    assert enter_password(client, hana, next_path=ACCOUNT)["Location"] == ACCOUNT


@pytest.mark.django_db(transaction=True)
def test_two_hundred_rules_with_roles_and_groups_cost_two_queries(hana: Account) -> None:
    members = AccountList.objects.create(made_at=timezone.now())
    ListedAccount.objects.create(account=hana, list=members)
    RoleGrant.objects.create(account=hana, role="auditor")
    a_totp_app(hana)
    others: list[dict[str, Any]] = [{"roles": ["helpdesk"], "groups": ["some"], "asks": "none"} for _ in range(199)]
    in_force(
        *others,
        {"id": "last", "roles": ["auditor"], "groups": ["some"], "asks": "verify"},
        groups=(Group("Some", "一部", "some", str(members.uid), 1),),
    )
    enter_password(Client(), hana)
    with CaptureQueriesContext(connection) as captured:
        client = Client()
        enter_password(client, hana)
    asked = [query["sql"] for query in captured if any(table in query["sql"] for table in ("policies_", "rolegrant"))]
    assert len(asked) == 2, asked
    assert attempt_of(client).rule.endswith(":last")
    assert attempt_of(client).facts["groups"] == ["some"]


def test_under_a_rule_that_asks_for_a_key_another_method_is_not_tested_and_the_page_says_why(hana: Account) -> None:
    app, client = a_totp_app(hana), fresh_browser(hana)
    in_force({"asks": "strong"})
    answer = client.get(f"/signin/step-up/test/{app.pk}/", follow=True)
    assert answer.redirect_chain[0][0] == HOME
    assert "only those can be tried out" in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_holder_reads_in_the_list_of_sessions_why_nothing_was_asked(hana: Account, language: str) -> None:
    in_force(*INSIDE_FREE)
    a_totp_app(hana)
    inside = Client(REMOTE_ADDR=HALL)
    enter_password(inside, hana, next_path=ACCOUNT)
    inside.cookies["language"] = language
    page = inside.get(ACCOUNT).content.decode()
    assert {"en": "Rule “On campus”", "ja": "学内"}[language] in page
