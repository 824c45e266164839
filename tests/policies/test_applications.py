"""Applying for MFA use, from the button to the effect."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, SessionRecord
from accounts.refusals import Refused
from audit.models import Event
from methods.models import Message, RegisteredMethod
from policies import applications
from policies.applications import TEXT_VERSION, decline, submit, withdraw
from policies.models import Application, ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState
from policies.systems import ensure_system

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


def codes_of(account: Account) -> list[str]:
    return list(Event.objects.filter(account_id=account.pk).order_by("id").values_list("name", flat=True))


@pytest.mark.covers("S-85", "S-86")
def test_an_application_keeps_who_when_from_where_and_which_text(ready: Account, apply_for: Apply) -> None:
    application = apply_for(ready)
    assert application.account == ready
    assert application.text_version == TEXT_VERSION
    assert application.state == "applied"
    assert abs(application.submitted_at - timezone.now()) < timedelta(seconds=5)
    event = Event.objects.get(name="application:submitted")
    assert (event.account_id, event.actor_id, event.actor_kind) == (ready.pk, ready.pk, "self")
    assert event.after["revision"] == application.revision == 1


@pytest.mark.covers("S-91")
def test_every_enabled_system_gets_one_delivery_due_after_its_window(ready: Account, apply_for: Apply) -> None:
    ensure_system("quick", connector="webhook", name_en="Quick", name_ja="速い", window_minutes=5)
    ensure_system("gone", connector="webhook", name_en="Gone", name_ja="無い", enabled=False)
    application = apply_for(ready)
    due = {row.system.code: row.due_at - application.submitted_at for row in application.deliveries.all()}
    assert due == {"local": timedelta(minutes=40), "quick": timedelta(minutes=5)}


@pytest.mark.covers("S-84", "S-141")
def test_without_a_method_it_is_refused_and_the_refusal_recorded(hana: Account, apply_for: Apply) -> None:
    with pytest.raises(Refused) as refusal:
        apply_for(hana)
    assert refusal.value.code == "no-method"
    assert "support@example.ac.jp" in refusal.value.sentence
    assert Event.objects.get(name="application:refused").after == {"why": "no-method"}
    assert not Application.objects.exists()


@pytest.mark.covers("S-84")
@pytest.mark.parametrize("days_ago", [None, 31])
def test_without_a_recent_test_sign_in_it_is_refused(ready: Account, apply_for: Apply, days_ago: int | None) -> None:
    tested = None if days_ago is None else timezone.now() - timedelta(days=days_ago)
    RegisteredMethod.objects.update(last_signin_at=tested)
    with pytest.raises(Refused, match="no-test-signin"):
        apply_for(ready)


def test_a_person_who_has_left_cannot_apply(ready: Account, apply_for: Apply) -> None:
    Account.objects.filter(pk=ready.pk).update(left_at=timezone.now())
    with pytest.raises(Refused, match="account-left"):
        apply_for(ready)


def test_nobody_applies_for_somebody_else(ready: Account, ken: Account) -> None:
    with pytest.raises(Refused, match="not-allowed"):
        submit(ready, actor=ken, text_version=TEXT_VERSION)


def test_instructions_that_have_changed_meanwhile_must_be_read_again(ready: Account) -> None:
    with pytest.raises(Refused, match="text-changed"):
        submit(ready, actor=ready, text_version="older")


def test_with_no_required_system_nothing_can_be_promised(ready: Account, apply_for: Apply) -> None:
    ConnectedSystem.objects.update(required=False)
    with pytest.raises(Refused, match="no-systems"):
        apply_for(ready)


def test_applying_twice_is_refused(ready: Account, apply_for: Apply) -> None:
    apply_for(ready)
    with pytest.raises(Refused, match="already-applied"):
        apply_for(ready)
    assert Application.objects.count() == 1


@pytest.mark.parametrize("part", ["plan", "record", "tell", "need_methods"])
def test_when_any_part_fails_nothing_is_left(ready: Account, apply_for: Apply, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError(part)

    before = Event.objects.count()
    monkeypatch.setattr(applications, part, broken)
    with pytest.raises(RuntimeError):
        apply_for(ready)
    ready.refresh_from_db()
    assert not ready.methods_needed
    assert (Application.objects.count(), Delivery.objects.count(), Message.objects.count()) == (0, 0, 0)
    assert Event.objects.count() == before


def test_submitting_tells_every_address(ready: Account, apply_for: Apply) -> None:
    ready.recovery_address, ready.recovery_address_confirmed_at = "hana@elsewhere.example", timezone.now()
    ready.save()
    apply_for(ready)
    mails = Message.objects.filter(template="application-submitted")
    assert set(mails.values_list("address", flat=True)) == {ready.contact_address, "hana@elsewhere.example"}
    assert mails[0].facts == {"minutes": 40, "held": False}


@pytest.mark.covers("S-92")
def test_it_is_in_effect_once_every_required_system_has_confirmed(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    application = apply_for(ready)
    time_passes(39)
    application.refresh_from_db()
    assert application.state == "applied"
    time_passes(2)
    application.refresh_from_db()
    ready.refresh_from_db()
    assert application.state == "in-effect"
    assert application.settled_at is not None
    assert (ready.mfa_asked_here, ready.mfa_asked_revision, ready.methods_needed) == (True, 1, True)
    assert codes_of(ready) == ["application:submitted", "delivery:confirmed", "application:in-effect"]
    assert Message.objects.filter(template="application-in-effect").count() == 1


def test_an_optional_system_does_not_hold_it_up(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    ensure_system("slow", connector="webhook", name_en="Slow", name_ja="遅い", required=False, window_minutes=600)
    application = apply_for(ready)
    time_passes(41)
    application.refresh_from_db()
    assert application.state == "in-effect"


def test_what_is_on_its_way_when_no_system_is_required_any_more_waits_for_all_that_were_told(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem
) -> None:
    ConnectedSystem.objects.filter(code="mail").update(window_minutes=60)
    application = apply_for(ready)
    ConnectedSystem.objects.update(required=False)
    time_passes(41)
    application.refresh_from_db()
    assert application.state == "applied"
    time_passes(20)
    application.refresh_from_db()
    assert application.state == "in-effect"


def test_sessions_without_mfa_end_when_it_comes_into_effect(
    ready: Account, apply_for: Apply, time_passes: Passes, browser_of: Callable[..., object]
) -> None:
    browser_of(ready, verified=False)
    browser_of(ready)
    apply_for(ready)
    time_passes(41)
    ended = SessionRecord.objects.filter(account=ready).exclude(ended_at=None)
    assert [record.ended_why for record in ended] == ["mfa-in-effect"]
    assert ended[0].verified_at is None
    assert Event.objects.get(name="application:in-effect").after["sessions"] == 1


@pytest.mark.covers("C-07")
def test_it_can_be_withdrawn_before_a_system_was_told(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    application = apply_for(ready)
    withdraw(ready, actor=ready)
    time_passes(60)
    application.refresh_from_db()
    ready.refresh_from_db()
    assert application.state == "withdrawn"
    assert (ready.mfa_asked_here, ready.methods_needed) == (False, False)
    assert list(Delivery.objects.values_list("state", "attempt")) == [("superseded", 0)]
    assert codes_of(ready) == ["application:submitted", "application:withdrawn"]
    assert Message.objects.filter(template="application-withdrawn").exists()


@pytest.mark.covers("C-07")
def test_it_cannot_be_withdrawn_once_a_system_has_confirmed(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    ensure_system("slow", connector="webhook", name_en="Slow", name_ja="遅い", window_minutes=600)
    application = apply_for(ready)
    time_passes(41)
    with pytest.raises(Refused, match="too-late-to-withdraw"):
        withdraw(ready, actor=ready)
    application.refresh_from_db()
    assert application.state == "applied"
    assert application.deliveries.get(system__code="slow").state == DeliveryState.WAITING


def test_nobody_withdraws_for_somebody_else_or_out_of_nothing(ready: Account, ken: Account, apply_for: Apply) -> None:
    with pytest.raises(Refused, match="nothing-to-withdraw"):
        withdraw(ready, actor=ready)
    apply_for(ready)
    with pytest.raises(Refused, match="not-allowed"):
        withdraw(ready, actor=ken)


def test_after_withdrawing_one_can_apply_again_with_a_higher_revision(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    apply_for(ready)
    withdraw(ready, actor=ready)
    again = apply_for(ready)
    assert again.revision == 2
    time_passes(41)
    again.refresh_from_db()
    assert again.state == "in-effect"


@pytest.mark.covers("S-97")
def test_answering_no_is_refused_once_applied(ready: Account, apply_for: Apply) -> None:
    decline(ready)
    apply_for(ready)
    with pytest.raises(Refused, match="cannot-disable"):
        decline(ready)
