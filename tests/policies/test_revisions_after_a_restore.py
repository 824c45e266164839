"""Numbers of revisions after a restore: above whatever was lost, so that systems which know these take what is new (R-240)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from policies import restoring
from policies.applications import withdraw
from policies.claims import due_systems
from policies.models import Application, ConnectedSystem, Delivery, Home
from policies.planning import next_revision
from policies.propagation import release_system, retry
from policies.reconciling import compare, repair
from policies.restoring import confirm_site, look_around
from tests.policies.deliveries import of, release, wait
from tests.policies.downstream import Downstream
from tests.policies.restored import compare_all

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]


def test_changes_after_a_restore_are_newer_than_what_was_lost(ready: Account, apply_for: Apply, time_passes: Passes, ada: Account) -> None:
    apply_for(ready)
    time_passes(41)
    Home.objects.update(place="elsewhere/1")
    look_around()
    compare_all()
    confirm_site(actor=ada, reason="restored")
    assert next_revision(ready) > restoring.AHEAD
    Account.objects.filter(pk=ready.pk).update(mfa_asked_here=False, mfa_asked_revision=7)  # what was lost: a termination at revision 7
    assert repair(compare(ConnectedSystem.objects.get(code="local")), cap=10) == 1
    time_passes(1)
    ready.refresh_from_db()
    assert ready.mfa_asked_here
    assert of("local").state == "confirmed"


def test_changes_between_a_restore_and_its_confirmation_are_newer_than_what_was_lost(
    ready: Account, apply_for: Apply, ada: Account, moved: None, mail_system: ConnectedSystem, downstream: Downstream
) -> None:
    downstream.states[ready.common_id] = ("off", 7)  # what was lost: an application and its end
    look_around()
    apply_for(ready)
    compare_all()
    confirm_site(actor=ada, reason="restored")
    wait(41)
    release()
    assert (of("mail").state, Application.objects.get().state) == ("confirmed", "in-effect")
    assert downstream.effects == [(ready.common_id, "on", restoring.AHEAD + 1)]


@pytest.fixture
def put_back(ready: Account, apply_for: Apply, ada: Account, moved: None, mail_system: ConnectedSystem, downstream: Downstream) -> Account:
    """Hana, whose application came with the backup; campus mail knows what was lost, and refuses it."""
    downstream.states[ready.common_id] = ("off", 7)
    apply_for(ready)
    look_around()
    compare_all()
    confirm_site(actor=ada, reason="restored")
    return ready


def test_what_came_with_the_backup_is_newer_than_what_was_lost_once_a_person_passes_it_on_again(
    put_back: Account, downstream: Downstream, ada: Account
) -> None:
    wait(41)
    release()
    assert (of("local").state, of("mail").state, downstream.effects) == ("confirmed", "failed", [])
    retry(of("mail"), actor=ada, reason="it was lost")
    with pytest.raises(Refused, match="too-late-to-withdraw"):
        withdraw(put_back, actor=put_back)
    release_system("mail")
    assert Application.objects.get().state == "applied"
    release_system("local")
    application = Application.objects.get()
    assert (application.state, of("local").revision) == ("in-effect", application.revision)
    assert downstream.effects == [(put_back.common_id, "on", application.revision)]
    assert Event.objects.get(name="delivery:retried").after["revision"] == application.revision > restoring.AHEAD


def test_what_is_passed_on_again_under_a_new_number_is_early_nowhere(put_back: Account, ada: Account) -> None:
    Delivery.objects.filter(system__code="mail").update(state="failed", due_at=F("due_at") - timedelta(minutes=41))
    retry(of("mail"), actor=ada, reason="it was lost")
    assert due_systems() == []
    assert {row.revision for row in Delivery.objects.filter(state="waiting")} == {Application.objects.get().revision}
    wait(41)
    release()
    assert Application.objects.get().state == "in-effect"


def test_what_joins_a_number_that_another_system_was_given_is_newer_than_what_was_lost(
    put_back: Account, downstream: Downstream, ada: Account
) -> None:
    wait(41)
    release()
    system = ConnectedSystem.objects.get(code="local")
    Account.objects.update(mfa_asked_here=False)
    Application.objects.update(state="in-effect")
    repair(compare(system), cap=10)  # gives the application a new number, for this system alone
    retry(of("mail"), actor=ada, reason="it was lost")
    release()
    number = Application.objects.get().revision
    assert number > restoring.AHEAD
    assert downstream.effects == [(put_back.common_id, "on", number)]
    assert not Delivery.objects.exclude(revision=number).exclude(state__in=["superseded", "confirmed"]).exists()


def test_a_comparison_leaves_nothing_behind_that_a_system_refused_under_an_older_number(
    put_back: Account, mail_system: ConnectedSystem
) -> None:
    wait(41)
    release()
    Application.objects.update(state="in-effect", revision=restoring.AHEAD + 5)
    repair(compare(mail_system), cap=10)
    assert list(Delivery.objects.filter(system=mail_system).order_by("revision").values_list("state", flat=True)) == [
        "superseded",
        "waiting",
    ]
