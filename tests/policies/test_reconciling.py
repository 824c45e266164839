"""What connected systems should hold against what they hold (R-232)."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from accounts.models import Account
from audit.models import Event
from policies import returns, tasks
from policies.clock import database_now
from policies.comparing import not_lately
from policies.connectors.ldap import LdapConnector
from policies.models import Application, ConnectedSystem, Delivery
from policies.reconciling import compare, repair
from policies.states import ApplicationState
from policies.systems import ensure_system
from policies.trying import send_one
from tests.factories import a_totp_app, an_account
from tests.harness.directory import PEOPLE, Slapd
from tests.policies.connected import a_directory, a_folder
from tests.policies.deliveries import of, release, wait
from tests.policies.downstream import SECRET, Downstream

Apply = Callable[[Account], Application]
Passes = Callable[[float], None]
Said = pytest.CaptureFixture[str]


@pytest.fixture
def in_effect(ready: Account, apply_for: Apply, time_passes: Passes) -> Account:
    """Hana, whose MFA use is in effect since before any other system was connected."""
    apply_for(ready)
    time_passes(41)
    return ready


@pytest.fixture
def directory(in_effect: Account, slapd: Slapd, settings: Settings) -> ConnectedSystem:
    """A directory that was connected afterwards and knows her."""
    slapd.add(in_effect.common_id)
    return a_directory(slapd, settings)


def held(slapd: Slapd, account: Account) -> list[str]:
    return slapd.values(f"uid={account.common_id},{PEOPLE}", "mfaUse")


def reconcile(*options: str) -> bool:
    """Whether the command found everything as it should be."""
    try:
        call_command("propagation", "reconcile", *options)
    except SystemExit as end:
        return not end.code
    return True


def test_comparing_changes_nothing_and_says_what_differs(
    in_effect: Account, directory: ConnectedSystem, slapd: Slapd, capsys: Said
) -> None:
    assert not reconcile("--system", "directory")
    assert (
        capsys.readouterr().out == f"directory: compared 1, differing 1, unknown there 0\n  {in_effect.common_id}: should be on, is off\n"
    )
    assert (held(slapd, in_effect), Delivery.objects.filter(system=directory).count()) == ([], 0)
    directory.refresh_from_db()
    assert (directory.drift, directory.reconciled_at is not None) == (1, True)
    assert Event.objects.get(name="system:compared").after == {"system": "Directory", "compared": 1, "drift": 1, "not_known": 0}


def test_a_system_that_was_connected_later_learns_who_uses_mfa(in_effect: Account, directory: ConnectedSystem, slapd: Slapd) -> None:
    assert reconcile("--system", "directory", "--apply")
    release()
    assert (held(slapd, in_effect), of("directory").state) == (["TRUE"], "confirmed")
    assert reconcile("--system", "directory")


def test_what_somebody_switched_off_by_hand_is_switched_on_again(in_effect: Account, directory: ConnectedSystem, slapd: Slapd) -> None:
    reconcile("--apply")
    release()
    first = of("directory").key
    with slapd.client() as client:
        client.modify(f"uid={in_effect.common_id},{PEOPLE}", {"mfaUse": [("MODIFY_DELETE", [])]})
    assert reconcile("--apply")
    release()
    assert held(slapd, in_effect) == ["TRUE"]
    assert of("directory").key != first
    events = Event.objects.filter(name="delivery:repeated").order_by("id")
    assert [(event.account_id, event.before["state"], event.after["state"]) for event in events] == [(in_effect.pk, "off", "on")] * 2


def test_who_no_longer_uses_mfa_is_switched_off(in_effect: Account, directory: ConnectedSystem, slapd: Slapd) -> None:
    reconcile("--apply")
    release()
    Application.objects.update(state=ApplicationState.TERMINATED)
    report = compare(directory)
    assert [(one.desired, one.actual) for one in report.differing] == [("off", "on")]
    repair(report, cap=1)
    release()
    assert held(slapd, in_effect) == []


def test_beyond_the_cap_nothing_is_repaired(in_effect: Account, directory: ConnectedSystem, capsys: Said) -> None:
    assert not reconcile("--system", "directory", "--apply", "--cap", "0")
    assert "nothing repaired: more than 0 differ" in capsys.readouterr().out
    assert not Delivery.objects.filter(system=directory).exists()


def test_what_is_on_its_way_is_no_drift(ready: Account, apply_for: Apply, slapd: Slapd, settings: Settings) -> None:
    slapd.add(ready.common_id)
    directory = a_directory(slapd, settings)
    apply_for(ready)
    assert compare(directory).drift == 0
    ConnectedSystem.objects.filter(code="directory").update(window_minutes=600)
    wait(41)
    release()
    assert compare(directory).drift == 0


def test_whom_the_system_does_not_know_is_said_and_not_repaired(in_effect: Account, slapd: Slapd, settings: Settings, capsys: Said) -> None:
    a_directory(slapd, settings)
    assert reconcile("--system", "directory", "--apply"), "telling it again would help nobody"
    said = capsys.readouterr().out
    assert "differing 0, unknown there 1" in said
    assert f"{in_effect.common_id}: should be on, is not known there for certain" in said
    assert ConnectedSystem.objects.values_list("drift", "unknown_there").get(code="directory") == (0, 1)


def test_a_system_that_is_not_enabled_is_said_to_be_not_compared(in_effect: Account, directory: ConnectedSystem, capsys: Said) -> None:
    ConnectedSystem.objects.filter(pk=directory.pk).update(enabled=False)
    assert not reconcile("--system", "directory")
    assert reconcile(), "it is no fault where nobody has asked for it"
    assert capsys.readouterr().out.count("directory: not enabled, not compared\n") == 2


def test_an_account_that_changed_since_the_comparison_is_left_alone(in_effect: Account, directory: ConnectedSystem) -> None:
    report = compare(directory)
    Application.objects.update(state=ApplicationState.TERMINATING)
    assert repair(report, cap=10) == 0


def test_many_are_told_a_few_at_a_time(ready: Account, apply_for: Apply, time_passes: Passes, slapd: Slapd, settings: Settings) -> None:
    people = [ready, *(an_account() for _ in range(3))]
    for person in people[1:]:
        a_totp_app(person, last_signin_at=database_now())
    for person in people:
        apply_for(person)
        slapd.add(person.common_id)
    time_passes(41)
    directory = a_directory(slapd, settings)
    ConnectedSystem.objects.filter(code="directory").update(per_minute=2)
    directory.refresh_from_db()
    repair(compare(directory), cap=10)
    due = sorted(Delivery.objects.filter(system=directory).values_list("due_at", flat=True))
    assert [round((moment - due[0]).total_seconds()) for moment in due] == [0, 30, 60, 90]


def test_a_system_that_cannot_be_asked_is_told_only_what_it_was_never_told(in_effect: Account, tmp_path: Path, settings: Settings) -> None:
    folder = a_folder(tmp_path, settings, receipts=False)
    assert repair(compare(folder), cap=10) == 1
    release()
    assert of("printers").state == "confirmed"
    assert compare(folder).drift == 0


def test_what_another_run_has_told_since_it_was_compared_is_not_told_again(in_effect: Account, tmp_path: Path, settings: Settings) -> None:
    folder = a_folder(tmp_path, settings, receipts=False)
    mine, another = compare(folder), compare(folder)
    assert repair(another, cap=10) == 1
    release()
    told = of("printers")
    assert (repair(mine, cap=10), of("printers").key, of("printers").state) == (0, told.key, "confirmed")


def test_nor_is_whom_an_administrator_has_sent_by_hand_since(in_effect: Account, ada: Account, tmp_path: Path, settings: Settings) -> None:
    folder = a_folder(tmp_path, settings, receipts=False)
    report = compare(folder)
    assert send_one(folder, in_effect, actor=ada).ok
    release()
    assert of("printers").state == "confirmed"
    assert repair(report, cap=10) == 0


def test_whose_mfa_use_returns_while_the_system_is_asked_is_no_difference(
    terminated: Account, slapd: Slapd, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    slapd.add(terminated.common_id)
    directory, read = a_directory(slapd, settings), LdapConnector.read

    def meanwhile(connector: LdapConnector, accounts: Sequence[str]) -> dict[str, str]:
        returns.end_now(Account.objects.get(pk=terminated.pk))
        release()
        return read(connector, accounts)

    assert compare(directory).drift == 0
    monkeypatch.setattr(LdapConnector, "read", meanwhile)
    report = compare(directory)
    assert held(slapd, terminated) == ["TRUE"]
    assert (report.compared, report.differing) == (1, [])


def test_what_was_told_while_the_system_was_asked_is_no_difference(
    in_effect: Account, directory: ConnectedSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = LdapConnector.read

    def meanwhile(connector: LdapConnector, accounts: Sequence[str]) -> dict[str, str]:
        states = read(connector, accounts)
        monkeypatch.undo()
        reconcile("--system", "directory", "--apply")
        release()
        return states

    monkeypatch.setattr(LdapConnector, "read", meanwhile)
    assert compare(directory).drift == 0
    assert of("directory").state == "confirmed"


@pytest.mark.parametrize(("became", "holds"), [("confirmed", "on"), ("settled", "on"), ("superseded", "")])
def test_a_system_that_cannot_be_asked_holds_what_it_took_last(
    in_effect: Account, tmp_path: Path, settings: Settings, became: str, holds: str
) -> None:
    folder = a_folder(tmp_path, settings, receipts=False)
    repair(compare(folder), cap=10)
    release()
    Delivery.objects.filter(system=folder).update(state=became)
    Application.objects.update(state=ApplicationState.TERMINATED, revision=2)
    report = compare(folder)
    assert [(one.desired, one.actual) for one in report.differing] == [("off", holds)]
    repair(report, cap=10)
    ConnectedSystem.objects.update(next_batch_at=None)
    release()
    assert (of("printers").desired, of("printers").state, compare(folder).drift) == ("off", "confirmed", 0)


def test_a_system_that_cannot_be_asked_and_was_never_told_of_somebody_needs_no_end(
    in_effect: Account, tmp_path: Path, settings: Settings
) -> None:
    folder = a_folder(tmp_path, settings, receipts=False)
    Application.objects.update(state=ApplicationState.TERMINATED, revision=2)
    assert compare(folder).drift == 0


def test_a_system_that_does_not_answer_is_said_to_be_not_compared(
    in_effect: Account, downstream: Downstream, settings: Settings, capsys: Said
) -> None:
    options = {"answers_questions": True}
    mail = ensure_system(
        "mail", connector="webhook", name_en="Mail", name_ja="メール", address=downstream.url, secret=SECRET, options=options
    )
    mail.credentials = ""
    mail.save()
    assert not reconcile("--system", "mail", "--apply")
    assert capsys.readouterr().out == "mail: not compared: the secret is missing or cannot be read\n"
    tasks.compare_system("mail")
    tasks.compare_system("nowhere")
    assert not Event.objects.filter(name="system:compared").exists()


def test_each_system_is_compared_once_a_day_however_many_beats_there_are(in_effect: Account, directory: ConnectedSystem) -> None:
    assert set(not_lately()) == {"local", "directory"}
    tasks.compare_system("directory")
    assert not_lately() == ["local"]
