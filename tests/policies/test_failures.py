"""When a system fails: every kind of failure has its own way on."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods.models import Message
from policies.applications import withdraw
from policies.claims import claim
from policies.clock import database_now
from policies.connectors.base import Answer, Capability, Change, Permanent, Transient
from policies.connectors.local import LocalConnector
from policies.models import Application, ConnectedSystem, Delivery, LatenessTally
from policies.propagation import release_system, retry
from policies.queues import queues
from policies.systems import ensure_system, resume
from policies.tasks import watch
from tests.factories import an_account
from tests.policies.deliveries import answered, of, planned, release, wait
from tests.policies.downstream import Downstream, does_it_and, drops, obedient, refuses, says

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


def test_a_failing_system_is_asked_again_later_and_later_and_holds_up_no_other(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.mood = says(500)
    application = apply_for(ready)
    time_passes(41)
    assert (of("local").state, of("mail").state) == ("confirmed", "waiting")
    assert of("mail").last_answer == "HTTP 500"
    release()
    assert len(downstream.requests) == 1
    for _hour in range(18):
        time_passes(10)
    assert 10 < len(downstream.requests) < 25
    downstream.mood = None
    time_passes(16)
    application.refresh_from_db()
    assert application.state == "in-effect"
    assert downstream.effects == [(ready.common_id, "on", 1)]
    mail_system.refresh_from_db()
    assert (mail_system.failures, mail_system.paused_until) == (0, None)


def test_three_failures_in_a_row_spare_a_system_the_rest_of_the_batch(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    planned(mail_system, *(an_account() for _ in range(5)))
    downstream.mood = says(503)
    release()
    assert len(downstream.requests) == 3
    assert Counter(Delivery.objects.values_list("state", "last_answer")) == {("waiting", ""): 2, ("waiting", "HTTP 503"): 3}


def test_a_failure_now_and_then_slows_nobody_down(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    planned(mail_system, *(an_account() for _ in range(5)))
    downstream.moods.extend([says(500), obedient, says(500), says(500)])
    release()
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"confirmed": 2, "waiting": 3}
    mail_system.refresh_from_db()
    assert (mail_system.failures, mail_system.paused_until) == (0, None)


def test_retry_after_pauses_that_system_for_as_long_as_it_says(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.moods.append(says(429, Retry_After="1800"))
    apply_for(ready)
    time_passes(41)
    time_passes(25)
    assert len(downstream.requests) == 1
    time_passes(6)
    assert of("mail").state == "confirmed"


def test_what_a_system_took_before_it_asked_for_a_pause_ends_no_pause(mail_system: ConnectedSystem, downstream: Downstream) -> None:
    ConnectedSystem.objects.update(options={"per_request": 2}, failures=1)
    planned(mail_system, *(an_account() for _ in range(4)))
    downstream.moods.extend([obedient, says(429, Retry_After="1800")])
    release_system("mail")
    mail_system.refresh_from_db()
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"confirmed": 2, "waiting": 2}
    assert mail_system.paused_until
    assert mail_system.paused_until > database_now() + timedelta(minutes=29)
    assert len(downstream.requests) == 2


def test_applied_with_the_answer_lost_has_one_effect(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.moods.extend([does_it_and(drops), does_it_and(says(502))])
    apply_for(ready)
    for _try in range(3):
        time_passes(41)
    assert of("mail").state == "confirmed"
    assert len(downstream.requests) == 3
    assert len({headers["webhook-id"] for headers in downstream.headers}) == 1
    assert downstream.effects == [(ready.common_id, "on", 1)]


@pytest.mark.covers("S-144")
def test_a_refusal_waits_for_staff_who_may_have_it_passed_on_again(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.moods.append(refuses(404))
    application = apply_for(ready)
    time_passes(41)
    time_passes(600)
    assert (of("mail").state, len(downstream.requests)) == ("failed", 1)
    assert Event.objects.get(name="delivery:failed").after["problem"] == "HTTP 404"
    retry(of("mail"), actor=None)
    release()
    application.refresh_from_db()
    assert application.state == "in-effect"


def test_what_had_waited_for_a_person_is_due_when_it_is_passed_on_again_and_not_late(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.moods.append(refuses(404))
    apply_for(ready)
    time_passes(41)
    wait(600)
    before = database_now()
    retry(of("mail"), actor=None)
    assert of("mail").due_at >= before
    assert queues(database_now(), [mail_system])[mail_system.pk].late == 0
    release()
    assert of("mail").state == "confirmed"
    assert set(LatenessTally.objects.filter(system=mail_system).values_list("seconds", flat=True)) <= {1, 2, 3}


def test_having_it_passed_on_again_needs_the_right_and_something_that_waits(
    ready: Account, sato: Account, hiro: Account, apply_for: Apply
) -> None:
    apply_for(ready)
    Delivery.objects.update(state="failed")
    with pytest.raises(Refused, match="not-allowed"):
        retry(of("local"), actor=hiro, reason="entry mended")
    retry(of("local"), actor=sato, reason="entry mended")
    assert Event.objects.get(name="delivery:retried").actor_id == sato.pk
    with pytest.raises(Refused, match="nothing-to-retry"):
        retry(of("local"), actor=sato, reason="entry mended")


def test_after_a_day_of_trying_a_person_is_needed(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.mood = says(500)
    apply_for(ready)
    time_passes(41)
    for _try in range(25):
        assert of("mail").state == "waiting"
        time_passes(59)
    assert of("mail").state == "failed"


def test_wrong_settings_stop_one_system_tell_the_administrator_and_lose_nothing(
    ready: Account, ada: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.moods.append(says(401))
    apply_for(ready)
    time_passes(41)
    time_passes(60)
    mail_system.refresh_from_db()
    assert mail_system.stopped_reason == "HTTP 401"
    assert (of("local").state, of("mail").state, len(downstream.requests)) == ("confirmed", "waiting", 1)
    assert Event.objects.filter(name="system:stopped").count() == 1
    watch()
    assert set(Message.objects.filter(account=ada, template="alarm-raised").values_list("facts__title", flat=True)) == {
        "Changes for Campus mail are late",
        "Connected system stopped: Campus mail",
    }
    assert resume(mail_system, actor=ada, reason="new key entered")
    assert not resume(mail_system, actor=ada, reason="new key entered")
    release()
    assert of("mail").state == "confirmed"


def test_a_system_whose_connector_is_not_installed_is_stopped(ready: Account, apply_for: Apply, time_passes: Passes) -> None:
    system = ensure_system("odd", connector="carrier-pigeon", name_en="Odd", name_ja="奇")
    apply_for(ready)
    time_passes(41)
    system.refresh_from_db()
    assert "carrier-pigeon" in system.stopped_reason


def test_a_system_that_knows_better_is_shown_to_staff_unless_we_know_it_too(
    ready: Account, apply_for: Apply, time_passes: Passes, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.states[ready.common_id] = ("off", 7)
    apply_for(ready)
    time_passes(41)
    assert of("mail").state == "failed"
    assert "newer" in of("mail").last_answer


class Bulk(LocalConnector):
    """Takes a whole batch or none of it."""

    code = "bulk"

    def apply(self, changes: Sequence[Change]) -> Iterator[Answer]:
        raise Transient("closed for the night", retry_after=timedelta(minutes=5))


def test_a_batch_that_is_turned_away_waits_as_a_whole(ready: Account, ken: Account, settings: Settings, time_passes: Passes) -> None:
    settings.MFA_CONNECTORS = [*settings.MFA_CONNECTORS, f"{__name__}.Bulk"]
    system = ensure_system("bulk", connector="bulk", name_en="Bulk", name_ja="一括")
    planned(system, ready, ken)
    release()
    assert set(Delivery.objects.values_list("state", "last_answer")) == {("waiting", "closed for the night")}


def test_a_refusal_of_what_is_not_wanted_any_more_needs_nobody(mail_system: ConnectedSystem, ready: Account, apply_for: Apply) -> None:
    apply_for(ready)
    wait(41)
    [row] = claim("mail", Capability.KEYED)
    withdraw(ready, actor=ready)
    answered(row, Permanent("HTTP 404"))
    wait(1)
    release()
    rows = Delivery.objects.filter(system=mail_system).order_by("revision")
    assert list(rows.values_list("state", flat=True)) == ["superseded", "confirmed"]


def test_a_weekend_in_which_the_site_was_off_is_no_weekend_of_trying(
    mail_system: ConnectedSystem, downstream: Downstream, ready: Account
) -> None:
    planned(mail_system, ready)
    downstream.mood = says(503)
    for _try in range(12):
        release_system("mail")
        wait(16)
    for _weekend in range(2):
        wait(60 * 60)
        release_system("mail")
    assert of("mail").state == "waiting"
    wait(16)
    downstream.mood = obedient
    release_system("mail")
    assert of("mail").state == "confirmed"
