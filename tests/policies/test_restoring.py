"""After a restore from a backup, and on a copy beside the original, nothing is sent until an administrator confirms (R-240)."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from kombu.exceptions import OperationalError
from pytest_django import Settings

from accounts.models import Account, SessionRecord
from accounts.refusals import Refused
from audit.models import Event, Seal
from audit.seals import leaving, outside, sealing
from methods.models import Challenge, Message
from methods.usable import passes
from policies import homes, tasks
from policies.alarms import watch
from policies.claims import due_systems
from policies.models import Application, ConnectedSystem, Delivery, Home
from policies.propagation import release_system
from policies.reconciling import compare
from policies.restoring import confirm_site, look_around, may_send, not_compared
from policies.tasks import release as release_task
from policies.trying import send_one
from tests.factories import a_method
from tests.harness.append_only import triggers_lifted
from tests.policies.deliveries import of, release, wait
from tests.policies.downstream import Downstream
from tests.policies.restored import compare_all

pytestmark = pytest.mark.django_db
Apply = Callable[[Account], Application]
Browser = Callable[..., Client]
Passes = Callable[[float], None]


@pytest.fixture(autouse=True)
def _looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "LOOK_SECONDS", 0)


@pytest.fixture
def kept(settings: Settings, tmp_path: Path) -> Path:
    """Heads leave for a folder, and the machine remembers the newest."""
    settings.MFA_HEADS_FOLDER, settings.MFA_MARK_FILE = str(tmp_path / "heads"), str(tmp_path / "newest.json")
    return tmp_path


def set_back() -> None:
    """The newest seals and events are gone, as after a restore."""
    with triggers_lifted(connection):
        Seal.objects.order_by("-number").first().delete()  # type: ignore[union-attr]
        Event.objects.order_by("-id").first().delete()  # type: ignore[union-attr]


@pytest.mark.covers("S-144")
def test_nothing_is_sent_from_another_place_until_it_is_confirmed(
    ready: Account, ada: Account, apply_for: Apply, moved: None, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    apply_for(ready)
    wait(41)
    release()
    release_system("mail")
    release_task()
    assert (of("local").state, of("mail").state, downstream.requests) == ("waiting", "waiting", [])
    with pytest.raises(Refused, match="site-unsure"):
        send_one(mail_system, ready, actor=ada)
    compare_all()
    confirm_site(actor=ada, reason="restored on purpose")
    assert Event.objects.get(name="site:confirmed").actor_id == ada.pk
    release()
    assert (of("local").state, of("mail").state) == ("confirmed", "confirmed")


def test_first_starts_and_restarts_go_on_as_before(kept: Path, ready: Account, apply_for: Apply) -> None:
    assert may_send()
    apply_for(ready)
    sealing.seal()
    leaving.send()
    for _restart in range(3):
        homes.Looked.over = None
        assert may_send()
    assert (kept / "newest.json").exists()
    assert due_systems() == []


def test_a_new_database_beside_old_heads_is_a_first_start(kept: Path, hana: Account) -> None:
    Event.objects.create(at="2020-01-01T00:00:00Z", name="site:confirmed", actor_kind="system")
    sealing.seal()
    leaving.send()
    outside.remember()
    with triggers_lifted(connection):
        Seal.objects.all().delete()
    Home.objects.all().delete()
    assert may_send()


@pytest.mark.parametrize("memory", ["heads", "newest.json"])
def test_a_database_that_was_set_back_is_told_by_what_left_it(kept: Path, ready: Account, apply_for: Apply, memory: str) -> None:
    assert may_send()
    apply_for(ready)
    sealing.seal()
    Event.objects.create(at="2030-01-01T00:00:00Z", name="site:confirmed", actor_kind="system")
    sealing.seal()
    leaving.send() if memory == "heads" else outside.remember()
    assert may_send()
    set_back()
    assert not may_send()
    row = Home.objects.get()
    assert (row.why, row.missing) == ("set-back", 1)
    assert outside.is_here(sealing.newest().head)  # type: ignore[union-attr]
    compare_all()
    confirm_site(actor=None, reason="restored")
    assert may_send()


def test_a_copy_under_another_name_sends_nothing(settings: Settings, ready: Account) -> None:
    assert may_send()
    settings.MFA_INSTANCE = "test system"
    assert not may_send()
    assert Home.objects.get().why == "renamed"


def test_sessions_codes_and_passes_from_before_count_no_longer(hana: Account, browser_of: Browser, moved: None) -> None:
    browser = browser_of(hana)
    method = a_method(hana, "email", name="mail")
    Challenge.objects.create(account=hana, method=method, kind="email", expires_at=method.bound_at + timedelta(hours=1))
    a_method(hana, "access-pass", name="pass", is_default=False)
    look_around()
    assert browser.get("/security-info/").status_code == 302
    assert SessionRecord.objects.get().epoch < Account.objects.get(pk=hana.pk).epoch
    assert Challenge.objects.get().state == "closed"
    assert passes(hana.registered_methods.all()) == []
    assert Account.objects.get(pk=hana.pk).methods_version == hana.methods_version + 1


def test_it_is_confirmed_only_by_who_may_with_a_reason_and_after_comparing(ada: Account, sato: Account, moved: None) -> None:
    look_around()
    with pytest.raises(Refused, match="not-compared"):
        confirm_site(actor=ada, reason="why")
    compare_all()
    for actor, reason, code in ((sato, "why", "not-allowed"), (ada, " ", "reason-missing")):
        with pytest.raises(Refused, match=code):
            confirm_site(actor=actor, reason=reason)
    confirm_site(actor=ada, reason="why")
    with pytest.raises(Refused, match="site-is-sure"):
        confirm_site(actor=ada, reason="why")


def test_a_system_that_is_stopped_keeps_nobody_from_confirming(ada: Account, moved: None, mail_system: ConnectedSystem) -> None:
    look_around()
    ConnectedSystem.objects.filter(code="mail").update(stopped_reason="HTTP 401")
    assert [system.code for system in not_compared()] == ["local"]


def test_the_drift_counts_who_uses_mfa_there_and_is_not_known_here(
    ready: Account, ken: Account, apply_for: Apply, time_passes: Passes
) -> None:
    apply_for(ready)
    time_passes(41)
    Account.objects.filter(pk=ken.pk).update(mfa_asked_here=True, mfa_asked_revision=4)
    system = ConnectedSystem.objects.get(code="local")
    assert compare(system).drift == 0
    Home.objects.update(place="elsewhere/1")
    look_around()
    assert (compare(system).strangers, compare(system).drift) == ([ken.common_id], 1)
    tasks.compare_system("local")
    assert ConnectedSystem.objects.get(code="local").drift == 1
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("propagation", "reconcile", stdout=said)
    assert f"{ken.common_id}: uses MFA there, without an application here" in said.getvalue()


def test_administrators_get_one_mail_and_one_when_it_is_over(ada: Account, moved: None) -> None:
    look_around()
    watch()
    watch()
    assert Message.objects.filter(account=ada, template="alarm-raised").count() == 1


def test_many_workers_find_out_once(moved: None) -> None:
    for _worker in range(4):
        look_around()
    assert Delivery.objects.count() == 0


def test_the_page_says_what_happened_compares_and_confirms(ada: Account, browser_of: Browser, moved: None) -> None:
    look_around()
    browser = browser_of(Account.objects.get(pk=ada.pk))
    shown = browser.get("/policies/restore/").content.decode()
    assert "another server" in shown
    assert "Not compared yet" in shown
    assert "when these systems have been compared: Sign-in of this site." in shown
    assert 'name="reason"' not in shown
    assert "Only read" in browser.get("/policies/systems/").content.decode()
    assert browser.post("/policies/restore/confirm/", {"reason": "why"}).status_code == 409
    compare_all()
    compared = browser.get("/policies/restore/").content.decode()
    assert "0 accounts are not as they should be" in compared
    assert 'name="reason"' in compared
    assert f'href="{reverse("policies:systems")}" aria-current="page"' in compared
    assert browser.post("/policies/restore/confirm/", {"reason": ""}).status_code == 400
    assert browser.post("/policies/restore/confirm/", {"reason": "why"}).status_code == 302
    assert "Running" in browser.get("/policies/systems/").content.decode()
    assert "nothing is missing" in browser.get("/policies/restore/").content.decode()


def test_others_may_not_open_it(sato: Account, browser_of: Browser) -> None:
    assert browser_of(sato).get("/policies/restore/").status_code == 403


def test_the_command_does_the_same(moved: None) -> None:
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("propagation", "restore", stdout=said)
    assert "Not compared yet: local" in said.getvalue()
    with pytest.raises(CommandError, match="Not every connected system"):
        call_command("propagation", "restore", confirm=True, reason="restored", stdout=said)
    call_command("propagation", "reconcile", stdout=said)
    with pytest.raises(CommandError, match="--reason"):
        call_command("propagation", "restore", confirm=True, stdout=said)
    call_command("propagation", "restore", confirm=True, reason="restored", stdout=said)
    assert "Changes are passed on" in said.getvalue()


@pytest.mark.parametrize("hardened", [False, True])
def test_a_plain_role_knows_where_the_database_lives(*, hardened: bool) -> None:
    if connection.vendor != "postgresql":
        assert homes.place() == homes.place()  # a file has no roles
        return
    role = f"plain_{uuid.uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")  # all of it is rolled back
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        if hardened:
            cursor.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public")
        cursor.execute(f"SET LOCAL ROLE {role}")
        found = homes.place()
        assert found.startswith("oid ") is hardened
        assert homes.place() == found
        assert not found.startswith("None")
        cursor.execute("RESET ROLE")


def test_compare_now_says_whether_anybody_compares(ada: Account, browser_of: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(tasks.compare_system, "apply_async", lambda arguments, **_options: asked.append(arguments))
    browser = browser_of(ada)
    assert "are being compared" in browser.post("/policies/restore/compare/", follow=True).content.decode()
    assert asked == [("local",)]

    def down(*_arguments: object, **_options: object) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.compare_system, "apply_async", down)
    shown = browser.post("/policies/restore/compare/", follow=True).content.decode()
    assert "No worker could be reached." in shown
    assert "are being compared" not in shown
