"""I8, R-193: after a whole life at every desk, no secret lies where it does not belong."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from audit import tallies
from audit.models import Event
from methods.models import RegisteredMethod
from methods.registry import kind, kinds
from review import searching
from tests.factories import a_verification, an_account, signed_in
from tests.methods.canaries import Canary, Places, everything_stored, opened, places  # noqa: F401  a fixture
from tests.methods.people import Handset, send_all
from tests.methods.push_service import PushService, push_service
from tests.methods.secret_desk import (
    call_the_desk,
    come_by_the_recovery_address,
    come_to_the_counter,
    connect,
    lists,
    pass_on,
    recover,
)
from tests.methods.secret_life import PASSWORD, Life
from tests.signin.door import enter_password

STAFF_PAGES = {
    "sato": [
        "/helpdesk/",
        "/helpdesk/?q=hana",
        "/helpdesk/suggestions/?q=hana",
        "/helpdesk/accounts/1000000001/",
        *(f"/helpdesk/{page}/" for page in ("reports", "cases", "approvals", "confirmations", "deliveries", "exceptions", "terminations")),
        *(f"/helpdesk/{page}/" for page in ("board", "bulk", "leavers")),
    ],
    "aki": [
        "/audit/",
        "/audit/?account=1000000001",
        "/audit/accounts/1000000001/",
        "/audit/seals/",
        "/audit/findings/",
        "/audit/findings/thresholds/",
        "/audit/report/",
        "/audit/report/method-changes.csv",
        "/audit/report/method-changes.xlsx",
        "/audit/exports/events.csv",
        "/audit/exports/",
    ],
    "ada": [
        "/policies/",
        "/policies/systems/",
        *(f"/policies/systems/leaky-{name}/" for name in ("webhook", "scim", "ldap", "graph")),
        "/policies/campaigns/never-applied/",
        "/policies/campaigns/never-applied.csv",
        "/policies/what-if/?account=1000000001&address=192.0.2.7",
        "/helpdesk/staff/",
        "/admin/",
        "/admin/policies/connectedsystem/",
    ],
}


def break_down(life: Life) -> None:
    """An error that nobody expected, with a password in the variables of its frames."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signin.flow.begin", lambda *_, **__: 1 / 0)
        answer = enter_password(Client(raise_request_exception=False), life.account, password=PASSWORD)
        assert answer.status_code == 500


def staff_look(request: pytest.FixtureRequest, more: list[str]) -> None:
    for name, pages in STAFF_PAGES.items():
        look(request.getfixturevalue(name), pages)
    look(an_account(roles=("administrator", "senior-helpdesk")), more)
    auditor = Client()
    signed_in(auditor, request.getfixturevalue("aki"))
    for event in Event.objects.order_by("-pk")[:60]:
        auditor.get(reverse("audit:event", args=[event.uid]))
        auditor.post(reverse("audit:reveal", args=[event.uid]), {"reason": "Ticket 4711"})
    auditor.get(reverse("audit:proof", args=[event.uid]))
    Client().get("/metrics", headers={"Authorization": "Bearer metrics test token"})


def look(staff: Account, pages: list[str]) -> None:
    browser = Client()
    signed_in(browser, staff, verified=a_verification("fido"))
    for page in pages:
        assert browser.get(page).status_code == 200, page


def servers_own() -> list[Canary]:
    """Every setting whose name says that it is secret, and that has a value."""
    words, public = ("SECRET", "KEY", "TOKEN", "PASSWORD", "DATABASE_URL"), {"MFA_SEAL_OLD_KEYS", "CSRF_HEADER_NAME"}
    named = [name for name in dir(configured) if name.isupper() and any(word in name.split("_") for word in words) and name not in public]
    values = {name: getattr(configured, name) for name in named}
    return [Canary(name, value) for name, value in values.items() if isinstance(value, str) and len(value) > 11]


@pytest.fixture
def bell(settings: Any) -> Iterator[PushService]:
    settings.MFA_PUSH_HOSTS = ["127.0.0.1"]
    with push_service() as service:
        yield service


@pytest.mark.django_db(transaction=True)
def test_no_secret_is_stored_logged_queued_cached_mailed_exported_or_shown(
    request: pytest.FixtureRequest,
    hana: Account,
    handset: Handset,
    bell: PushService,
    places: Places,  # noqa: F811
    settings: Any,
) -> None:
    hana.set_password(PASSWORD)
    hana.save()
    life = Life(hana, handset, bell)
    life.register()
    life.sign_in_again()
    life.take_a_key()
    connect(life, settings)
    life.use_programs()
    recover(life, request.getfixturevalue("sato"))
    walked = {type(kind(code)) for code in RegisteredMethod.objects.filter(account=hana).values_list("kind", flat=True)}
    assert {type(known).__module__ for known in kinds()} == {one.__module__ for one in walked}, "every kind of method is part of this life"
    pass_on(life)
    break_down(life)
    life.look_around()
    come_to_the_counter(life)
    call_the_desk(life, request.getfixturevalue("hiro"))
    more = lists(life, request.getfixturevalue("sato"))
    come_by_the_recovery_address(life)
    send_all()
    searching.run()
    tallies.count()
    staff_look(request, more)
    canaries = life.canaries + servers_own()
    assert {"SECRET_KEY", "MFA_SEAL_KEY", "MFA_VAPID_PRIVATE_KEY", "TWILIO_AUTH_TOKEN", "MFA_METRICS_TOKEN"} <= {
        one.name for one in canaries
    }
    assert places.betrayed(canaries) == set()
    assert {canary.name for canary in canaries} - {canary.name for canary in canaries if is_known(canary, places)} == set()


def is_known(canary: Canary, places: Places) -> bool:  # noqa: F811
    """A canary that its carrier does not hold either was never alive, and proves nothing."""
    if not canary.carriers:
        return bool(canary.secret)
    return any(canary.lies_in(text) or canary.lies_in(text.replace(" ", "")) for place, text in places.all() if place in canary.carriers)


def test_the_search_finds_what_lies_open(hana: Account, places: Places) -> None:  # noqa: F811
    """Otherwise the test above would prove nothing."""
    RegisteredMethod.objects.create(account=hana, kind="totp", name=PASSWORD, hint="code 012345")
    stored, secret = everything_stored(), Canary("password", PASSWORD)
    assert secret.lies_in(stored)
    assert secret.lies_in(f"x {base64.b64encode(PASSWORD.encode()).decode()} y")
    assert Canary("code", "012345").lies_in(stored)
    assert not Canary("code", "012345").lies_in("10:00:00.012345 012345-67 a012345")
    places.tasks.append(f"args ['{PASSWORD}']")
    assert places.betrayed([secret]) == {("tables", "password"), ("broker", "password")}


def test_what_is_signed_or_packed_is_opened_before_it_is_searched() -> None:
    said = {"noted": PASSWORD * 20}
    assert PASSWORD in opened(signing.dumps(said, compress=True))
    assert opened("10:00:00") == ""
