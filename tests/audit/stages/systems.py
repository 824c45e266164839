"""Connected systems: told, failing, stopped, compared; alarms, and a site that was put back."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Account
from audit.catalogue import EventName
from policies import alarms, homes
from policies.models import Alarm, ConnectedSystem, Delivery, Home
from policies.reconciling import compare
from policies.restoring import may_send
from policies.systems import ensure_system, stop_by_hand
from tests.audit.stages.staging import CASE, PAGE, browser, stage
from tests.audit.stages.use import applied, in_effect
from tests.helpdesk.conftest import REASON
from tests.policies.deliveries import many_due, of, planned, release, wait
from tests.policies.downstream import Downstream, refuses, says
from tests.policies.test_alarms import quiet_passes


def local() -> ConnectedSystem:
    return ConnectedSystem.objects.get(code="local")


def a_refused_delivery(hana: Account) -> Delivery:
    ensure_system("mail", connector="webhook", name_en="Campus mail", name_ja="学内メール", window_minutes=9000)
    in_effect(hana)
    Delivery.objects.filter(system__code="mail").update(state="failed", last_answer="HTTP 404", attempt=2)
    return of("mail")


@stage(EventName.DELIVERY_FAILED, on="hana", after="problem revision state system")
def a_system_that_refuses(hana: Account, mail_system: ConnectedSystem, downstream: Downstream) -> Iterator[None]:
    planned(mail_system, hana)
    downstream.mood = refuses(404)
    yield
    release()


@stage(EventName.DELIVERY_RETRIED, on="hana", by="sato", at=CASE, after="revision state system", reason=True)
def once_more_by_hand(hana: Account, sato: Account) -> Iterator[None]:
    row, desk = a_refused_delivery(hana), browser(sato)
    yield
    desk.post(reverse("helpdesk:retry-delivery", args=[row.uid]), REASON)


@stage(EventName.DELIVERY_SETTLED, on="hana", by="sato", at=CASE, after="problem revision state system", reason=True)
def settled_by_hand(hana: Account, sato: Account) -> Iterator[None]:
    row, desk = a_refused_delivery(hana), browser(sato)
    yield
    desk.post(reverse("helpdesk:settle-delivery", args=[row.uid]), REASON)


@stage(EventName.DELIVERY_SENT, on="hana", by="ada", at=PAGE, after="problem revision state system")
def one_account_by_hand(hana: Account, ada: Account, mail_system: ConnectedSystem, downstream: Downstream) -> Iterator[None]:
    in_effect(hana)
    admin = browser(ada)
    yield
    admin.post(reverse("admin:policies_connectedsystem_account", args=[mail_system.pk]), {"common_id": hana.common_id})


@stage(EventName.DELIVERY_REPEATED, on="hana", before="state", after="revision state system")
def what_a_system_lost_is_told_again(hana: Account) -> Iterator[None]:
    in_effect(hana)
    Account.objects.filter(pk=hana.pk).update(mfa_asked_here=False)
    yield
    call_command("propagation", "reconcile", "--apply", "--system", "local")
    assert of("local").state == "waiting"


@stage(EventName.SYSTEM_CHANGED, by="ada", at=PAGE, before="per_minute", after="per_minute system")
def a_system_that_is_changed(ada: Account, mail_system: ConnectedSystem) -> Iterator[None]:
    admin = browser(ada)
    page = reverse("admin:policies_connectedsystem_change", args=[mail_system.pk])
    form = admin.get(page).context["adminform"].form
    shown = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()} | {"per_minute": 60}
    yield
    assert (
        admin.post(
            page, {name: "on" if value is True else value for name, value in shown.items() if value not in (None, False)}
        ).status_code
        == 302
    )


@stage(EventName.SYSTEM_STOPPED, after="problem system")
def a_system_that_knows_us_no_more(hana: Account, mail_system: ConnectedSystem, downstream: Downstream) -> Iterator[None]:
    planned(mail_system, hana)
    downstream.mood = says(401)
    yield
    release()


@stage(EventName.SYSTEM_HALTED, by="ada", at=PAGE, after="system", reason=True)
def a_system_stopped_by_hand(ada: Account) -> Iterator[None]:
    admin = browser(ada)
    yield
    admin.post("/policies/systems/local/stop/", REASON)


@stage(EventName.SYSTEM_RESUMED, by="ada", at=PAGE, after="system", reason=True)
def a_system_resumed_by_hand(ada: Account) -> Iterator[None]:
    stop_by_hand(local(), actor=ada, reason="maintenance")
    admin, stopped_at = browser(ada), local().stopped_at
    yield
    admin.post("/policies/systems/local/resume/", REASON | {"stopped_at": stopped_at})


@stage(EventName.SYSTEM_TRIED, by="ada", at=PAGE, after="problem system")
def a_connection_that_is_tried(ada: Account, mail_system: ConnectedSystem) -> Iterator[None]:
    admin = browser(ada)
    yield
    admin.post(reverse("admin:policies_connectedsystem_connection", args=[mail_system.pk]))


@stage(EventName.SYSTEM_COMPARED, after="compared drift not_known system")
def a_system_that_is_compared(hana: Account) -> Iterator[None]:
    in_effect(hana)
    yield
    compare(local())


def failing(system: ConnectedSystem, downstream: Downstream, accounts: list[Account]) -> None:
    planned(system, *accounts)
    downstream.mood = says(500)


@stage(EventName.CIRCUIT_OPENED, after="failures problem system")
def three_failures_in_a_row(
    hana: Account, ken: Account, hiro: Account, mail_system: ConnectedSystem, downstream: Downstream
) -> Iterator[None]:
    failing(mail_system, downstream, [hana, ken, hiro])
    yield
    release()


@stage(EventName.CIRCUIT_TRIED, after="since system")
def one_change_to_see_whether_it_is_back(
    hana: Account, ken: Account, hiro: Account, mail_system: ConnectedSystem, downstream: Downstream
) -> Iterator[None]:
    failing(mail_system, downstream, [hana, ken, hiro])
    release()
    wait(10)
    yield
    release()


@stage(EventName.CIRCUIT_CLOSED, after="since system")
def a_system_that_is_back(
    hana: Account, ken: Account, hiro: Account, mail_system: ConnectedSystem, downstream: Downstream
) -> Iterator[None]:
    failing(mail_system, downstream, [hana, ken, hiro])
    release()
    wait(10)
    downstream.mood = None
    yield
    release()


@stage(EventName.ALARM_RAISED, after="alarm count problem system")
def changes_that_are_late(ada: Account) -> Iterator[None]:
    many_due(3)
    wait(11)
    yield
    alarms.watch()


@stage(EventName.ALARM_OVER, after="alarm system")
def changes_that_are_late_no_more(ada: Account) -> Iterator[None]:
    many_due(3)
    wait(11)
    alarms.watch()
    Delivery.objects.update(state="confirmed")
    quiet_passes()
    assert Alarm.objects.exists()
    yield
    alarms.watch()


@stage(EventName.SITE_RESTORED, after="missing restore_point why")
def a_database_on_another_server(hana: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(homes, "LOOK_SECONDS", 0)
    applied(hana)
    assert may_send()
    Home.objects.update(place="elsewhere/1")
    yield
    assert not may_send()


@stage(EventName.SITE_CONFIRMED, by="ada", at=PAGE, before="missing since why", reason=True)
def a_site_that_is_confirmed(ada: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(homes, "LOOK_SECONDS", 0)
    assert may_send()
    Home.objects.update(place="elsewhere/1")
    assert not may_send()
    compare(local())
    ada.refresh_from_db()  # everybody was signed out
    admin = browser(ada)
    yield
    admin.post(reverse("policies:confirm-site"), REASON)
