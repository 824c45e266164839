"""Connected systems in the configuration pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from pytest_django import Settings

from accounts.models import Account
from audit.models import Event
from policies.connectors.sentences import sentence
from policies.models import Application, ConnectedSystem, Delivery
from policies.propagation import release_system
from policies.system_form import SystemForm
from policies.systems import stop, stop_by_hand
from tests.factories import an_account
from tests.policies.connected import a_folder
from tests.policies.deliveries import of, planned
from tests.policies.downstream import SECRET, Downstream, says
from tests.policies.files import accounts_written, minutes_pass
from vault.fields import unseal


@pytest.fixture
def browser(ada: Account, browser_of: Any) -> Client:
    return browser_of(ada)  # type: ignore[no-any-return]


def page(system: ConnectedSystem, name: str = "change") -> str:
    return reverse(f"admin:policies_connectedsystem_{name}", args=[system.pk])


def filled(browser: Client, system: ConnectedSystem, **changed: Any) -> dict[str, Any]:
    """The form as the browser shows it, with these fields filled in; None clears a box."""
    form = browser.get(page(system)).context["adminform"].form
    shown = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()} | changed
    return {name: "on" if value is True else value for name, value in shown.items() if value not in (None, False)}


def test_a_new_system_is_described_then_completed_then_enabled(browser: Client) -> None:
    add = reverse("admin:policies_connectedsystem_add")
    browser.post(add, {"code": "door", "name_en": "Doors", "name_ja": "電子錠", "connector": "ldap", "enabled": "on"})
    system = ConnectedSystem.objects.get(code="door")
    assert not system.enabled
    answer = browser.post(page(system), filled(browser, system, enabled=True, option_bind_dn="cn=x", option_base_dn="dc=x"))
    assert "The address of the system cannot be read." in answer.content.decode()
    given = {"address": "ldaps://ldap.example.ac.jp", "option_bind_dn": "cn=x", "option_base_dn": "dc=x", "new_credentials": "pass word"}
    answer = browser.post(page(system), filled(browser, system, enabled=True, **given))
    assert "Nothing is chosen that could be set in this system." in answer.content.decode()
    answer = browser.post(page(system), filled(browser, system, enabled=True, option_state_attribute="mfaUse", **given))
    system.refresh_from_db()
    assert (answer.status_code, system.enabled, system.options["state_attribute"]) == (302, True, "mfaUse")
    assert unseal(system, "credentials") == b"pass word"


def test_what_was_entered_as_credentials_stands_on_no_page_and_in_no_record(browser: Client, mail_system: ConnectedSystem) -> None:
    browser.post(page(mail_system), filled(browser, mail_system, new_credentials="whsec_bmV3IHNlY3JldA=="))
    mail_system.refresh_from_db()
    assert unseal(mail_system, "credentials") == b"whsec_bmV3IHNlY3JldA=="
    event = Event.objects.get(name="system:changed", actor_id__isnull=False)
    assert (event.before["credentials"], event.after["credentials"]) == ("", "•••")
    assert "bmV3IHNlY3JldA" not in browser.get(page(mail_system)).content.decode() + str(list(Event.objects.values_list("after", "before")))


def test_credentials_are_not_carried_to_another_address(browser: Client, mail_system: ConnectedSystem) -> None:
    elsewhere = {"address": "https://elsewhere.example.com/hook"}
    answer = browser.post(page(mail_system), filled(browser, mail_system, **elsewhere))
    assert "they are not passed on to another address" in answer.content.decode()
    mail_system.refresh_from_db()
    assert "elsewhere" not in mail_system.address
    assert browser.post(page(mail_system), filled(browser, mail_system, **elsewhere, new_credentials=SECRET)).status_code == 302


def test_a_change_is_recorded_with_the_names_of_what_was_changed(browser: Client, mail_system: ConnectedSystem, ada: Account) -> None:
    browser.post(page(mail_system), filled(browser, mail_system, per_minute=60, option_per_request=5))
    event = Event.objects.filter(name="system:changed", actor_id=ada.pk).get()
    assert (event.before["per_request"], event.after["per_request"], event.after["per_minute"]) == ("1", "5", "60")


def said(browser: Client, system: ConnectedSystem, what: str, **data: Any) -> str:
    answer = browser.post(page(system, what), data, follow=True)
    return "\n".join(str(message) for message in answer.context["messages"])


def test_the_connection_can_be_tried(browser: Client, mail_system: ConnectedSystem, downstream: Downstream, ada: Account) -> None:
    assert "Test connection" in browser.get(page(mail_system, "try")).content.decode()
    assert said(browser, mail_system, "connection") == "The connection works, and the credentials are accepted."
    assert [told["type"] for told in downstream.requests] == ["ping"]
    downstream.mood = says(200, b"<html>Sign in to the network</html>", Content_Type="text/html")
    assert said(browser, mail_system, "connection").startswith("The system answered, but did not confirm")
    events = Event.objects.filter(name="system:tried", actor_id=ada.pk).order_by("id")
    assert [event.after["problem"] for event in events] == ["", "HTTP 200 without the confirmation asked for"]


def test_one_account_is_sent_what_is_due_and_nothing_else(
    browser: Client, mail_system: ConnectedSystem, downstream: Downstream, ready: Account, request: pytest.FixtureRequest
) -> None:
    apply_for, time_passes = request.getfixturevalue("apply_for"), request.getfixturevalue("time_passes")
    apply_for(ready)
    assert "not due yet" in said(browser, mail_system, "account", common_id=ready.common_id)
    assert downstream.requests == []
    time_passes(41)
    assert said(browser, mail_system, "account", common_id=ready.common_id, state="off").startswith("The system has confirmed")
    assert downstream.effects == [(ready.common_id, "on", 1)]
    assert len(downstream.requests) == 2
    assert Event.objects.get(name="delivery:sent").after["state"] == "on"
    assert "never applied for" in said(browser, mail_system, "account", common_id=request.getfixturevalue("ken").common_id)
    assert "no account" in said(browser, mail_system, "account", common_id="0")


def test_an_account_in_effect_can_be_sent_to_a_system_that_was_connected_later(
    browser: Client, ready: Account, apply_for: Any, time_passes: Any, request: pytest.FixtureRequest
) -> None:
    apply_for(ready)
    time_passes(41)
    mail_system, downstream = request.getfixturevalue("mail_system"), request.getfixturevalue("downstream")
    said(browser, mail_system, "account", common_id=ready.common_id)
    assert downstream.effects == [(ready.common_id, "on", 1)]
    [row] = Delivery.objects.filter(system=mail_system)
    assert (row.state, row.attempt, row.desired) == ("waiting", 1, "on")
    time_passes(1)
    assert (of("mail").state, downstream.effects) == ("confirmed", [(ready.common_id, "on", 1)])
    Application.objects.update(state="terminating")
    Delivery.objects.filter(system=mail_system).delete()
    assert "not due yet" in said(browser, mail_system, "account", common_id=ready.common_id)


def test_a_stopped_system_says_why_and_where_it_is_resumed(browser: Client, mail_system: ConnectedSystem) -> None:
    stop(mail_system, "HTTP 401")
    assert "The system refused the credentials." in browser.get(page(mail_system, "try")).content.decode()
    assert reverse("policies:system", args=["mail"]) in browser.get(page(mail_system, "try")).content.decode()


@pytest.mark.parametrize("name", ["try", "connection", "account"])
def test_nobody_but_an_administrator_may_try(
    browser_of: Any, sato: Account, mail_system: ConnectedSystem, downstream: Downstream, name: str
) -> None:
    browser = browser_of(sato)
    for method in (browser.get, browser.post):
        assert method(page(mail_system, name), follow=True).status_code == 403
    assert downstream.requests == []


def test_a_failure_without_a_sentence_is_quoted() -> None:
    with override("en"):
        assert sentence("LDAP result 71") == "The connector reports: LDAP result 71."
    assert sentence("") == ""


def test_the_list_and_the_form_have_their_headings_in_both_languages(browser: Client, mail_system: ConnectedSystem) -> None:
    browser.cookies["language"] = "ja"
    listed = browser.get(reverse("admin:policies_connectedsystem_changelist")).content.decode()
    assert all(words in listed for words in ("必須", "コネクタ", "連携システム", "学内メール"))
    form = browser.get(page(mail_system)).content.decode()
    assert all(words not in form for words in ("Paused until", "Reconciled at", "Last failure", "Needs mfa"))


def test_what_happens_to_a_system_while_its_form_is_filled_in_stays(
    browser: Client, mail_system: ConnectedSystem, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, clean = filled(browser, mail_system, name_en="Mail of the campus"), SystemForm.clean

    def meanwhile(form: SystemForm) -> dict[str, Any]:
        stop_by_hand(ConnectedSystem.objects.get(code="mail"), actor=ada, reason="intruder")
        return clean(form)

    monkeypatch.setattr(SystemForm, "clean", meanwhile)
    browser.post(page(mail_system), data)
    mail_system.refresh_from_db()
    assert (mail_system.name_en, bool(mail_system.stopped_reason)) == ("Mail of the campus", True)


@pytest.mark.parametrize("connector", ["webhook", "carrier-pigeon"])
def test_options_that_the_form_does_not_show_are_kept(browser: Client, mail_system: ConnectedSystem, connector: str) -> None:
    """Those of a connector that is not installed, and of a newer version of one."""
    ConnectedSystem.objects.filter(pk=mail_system.pk).update(
        connector=connector, options={"loft": "north", "per_request": 2}, enabled=False
    )
    answer = browser.post(page(mail_system), filled(browser, mail_system, name_en="Pigeons"))
    mail_system.refresh_from_db()
    assert (answer.status_code, mail_system.name_en) == (302, "Pigeons")
    assert (mail_system.options["loft"], mail_system.options["per_request"]) == ("north", 2)


MEANWHILE = "Somebody has changed this system since you opened this page."


@pytest.mark.parametrize(
    "saved",
    [
        {"enabled": None},
        {"address": "https://mail.example.ac.jp/new", "new_credentials": SECRET},
        {"option_per_request": 5},
        {"new_credentials": SECRET},
    ],
    ids=str,
)
def test_a_form_that_was_opened_earlier_takes_nothing_back(browser: Client, mail_system: ConnectedSystem, saved: dict[str, Any]) -> None:
    early = filled(browser, mail_system, name_en="Mail of the campus")
    assert browser.post(page(mail_system), filled(browser, mail_system, **saved)).status_code == 302
    kept = ConnectedSystem.objects.values().get(pk=mail_system.pk)
    answer = browser.post(page(mail_system), early)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert MEANWHILE in html
    assert "Mail of the campus" in html
    assert ConnectedSystem.objects.values().get(pk=mail_system.pk) == kept
    assert Event.objects.filter(name="system:changed", actor_id__isnull=False).count() == 1
    assert MEANWHILE in browser.post(page(mail_system), early).content.decode()
    assert browser.post(page(mail_system), filled(browser, mail_system, name_en="Mail of the campus")).status_code == 302


def test_a_form_of_which_nobody_knows_when_it_was_opened_is_refused(browser: Client, mail_system: ConnectedSystem) -> None:
    assert MEANWHILE in browser.post(page(mail_system), filled(browser, mail_system, seen=None)).content.decode()


def test_of_two_who_save_at_the_same_moment_one_is_told(
    browser_of: Any, ada: Account, mail_system: ConnectedSystem, parallel: Callable[..., Any]
) -> None:
    browsers = [browser_of(ada) for _ in range(2)]
    forms = [
        filled(browser, mail_system, **changed) for browser, changed in zip(browsers, ({"per_minute": 60}, {"batch_size": 7}), strict=True)
    ]
    outcomes = parallel(2, lambda place: browsers[place].post(page(mail_system), forms[place]).status_code)
    assert sorted(outcome.value for outcome in outcomes) == [200, 302]
    mail_system.refresh_from_db()
    assert (mail_system.per_minute, mail_system.batch_size) in {(60, 50), (None, 7)}


@pytest.mark.parametrize("receipts", [True, False])
def test_a_shorter_window_counts_from_the_saving_of_the_form(
    browser: Client, tmp_path: Path, settings: Settings, *, receipts: bool
) -> None:
    system = a_folder(tmp_path, settings, minutes=1440, receipts=receipts)
    planned(system, an_account())
    release_system("printers")
    minutes_pass(10, tmp_path)
    planned(system, an_account())
    release_system("printers")
    minutes_pass(10, tmp_path)
    release_system("printers")
    assert accounts_written(tmp_path) == 1
    system.refresh_from_db()
    assert browser.post(page(system), filled(browser, system, option_minutes=5)).status_code == 302
    release_system("printers")
    assert accounts_written(tmp_path) == 2


@pytest.mark.parametrize("minutes", ["-5", "10081", "4.2e9", "nan", "inf"])
def test_a_window_is_neither_negative_nor_longer_than_a_week(browser: Client, mail_system: ConnectedSystem, minutes: str) -> None:
    """One would pass changes on before they are due, another can be added to no moment."""
    answer = browser.post(page(mail_system), filled(browser, mail_system, window_minutes=minutes))
    assert answer.status_code == 200
    assert "window_minutes" in answer.context["adminform"].form.errors
    mail_system.refresh_from_db()
    assert mail_system.window_minutes is None
    for allowed in ("0", "10080"):
        assert browser.post(page(mail_system), filled(browser, mail_system, window_minutes=allowed)).status_code == 302
