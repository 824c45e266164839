"""What every installed connector must do, whatever it speaks to (S-144)."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import Account
from policies.connectors.base import Capability, Change, Configuration, Outdated, Permanent
from policies.connectors.registry import connector_for, connectors
from policies.models import ConnectedSystem
from policies.systems import ensure_system
from tests.harness.directory import Slapd
from tests.policies.connected import a_directory, a_folder, a_scim_service, a_tenant
from tests.policies.deliveries import planned
from tests.policies.downstream import SECRET, refuses, running
from tests.policies.graph_server import graph_running
from tests.policies.scim_server import scim_running

INSTALLED = sorted(connectors())


@dataclass(frozen=True)
class Stage:
    """A system for one connector: what it knows of Hana, and a way to make it not know her."""

    system: ConnectedSystem
    knows: Callable[[], str]
    forget: Callable[[], None]


def local_stage(hana: Account, settings: Settings, request: pytest.FixtureRequest) -> Iterator[Stage]:
    def knows() -> str:
        hana.refresh_from_db()
        return "on" if hana.mfa_asked_here else "off"

    def forget() -> None:
        Account.objects.filter(pk=hana.pk).update(common_id="9999999999")

    yield Stage(ConnectedSystem.objects.get(code="local"), knows, forget)


def webhook_stage(hana: Account, settings: Settings, request: pytest.FixtureRequest) -> Iterator[Stage]:
    with running() as downstream:
        settings.MFA_PRIVATE_HOSTS = [f"127.0.0.1:{downstream.port}"]
        options = {"answers_questions": True}
        system = ensure_system(
            "mail", connector="webhook", name_en="Mail", name_ja="メール", address=downstream.url, secret=SECRET, options=options
        )

        def forget() -> None:
            downstream.mood = refuses(404)

        yield Stage(system, lambda: downstream.states[hana.common_id][0], forget)


def ldap_stage(hana: Account, settings: Settings, request: pytest.FixtureRequest) -> Iterator[Stage]:
    slapd: Slapd = request.getfixturevalue("slapd")
    dn = slapd.add(hana.common_id)

    def forget() -> None:
        with slapd.client() as client:
            client.delete(dn)

    yield Stage(a_directory(slapd, settings), lambda: "on" if slapd.values(dn, "mfaUse") == ["TRUE"] else "off", forget)


def scim_stage(hana: Account, settings: Settings, request: pytest.FixtureRequest) -> Iterator[Stage]:
    with scim_running() as server:
        user = server.add_user(hana.common_id)

        def forget() -> None:
            server.call("DELETE", f"/Users/{user}")

        yield Stage(a_scim_service(server, settings), lambda: "on" if server.required(user) is True else "off", forget)


def graph_stage(hana: Account, settings: Settings, request: pytest.FixtureRequest) -> Iterator[Stage]:
    with graph_running() as graph:
        user = graph.add(hana.common_id)
        yield Stage(a_tenant(graph, settings), lambda: "on" if user in graph.members else "off", graph.users.clear)


def csv_stage(hana: Account, settings: Settings, request: pytest.FixtureRequest) -> Iterator[Stage]:
    folder: Path = request.getfixturevalue("tmp_path")
    system = a_folder(folder, settings, receipts=False)

    def knows() -> str:
        lines = [line for path in sorted(folder.glob("*.csv")) for line in path.read_text().splitlines()[1:]]
        return lines[-1].split(",")[1]

    def forget() -> None:
        (folder / "mfa-printers-20260401T000000.000000Z-00000000.csv.receipt").write_text("key,outcome\nkey-1,unknown-account\n")
        ConnectedSystem.objects.filter(pk=system.pk).update(options={})
        system.refresh_from_db()

    yield Stage(system, knows, forget)


STAGES = {
    "local": local_stage,
    "webhook": webhook_stage,
    "ldap": ldap_stage,
    "scim": scim_stage,
    "graph": graph_stage,
    "csv": csv_stage,
}


@pytest.fixture(params=INSTALLED)
def stage(request: pytest.FixtureRequest, hana: Account, settings: Settings) -> Iterator[Stage]:
    """A stage for each installed connector; one without a stage fails here."""
    yield from STAGES[request.param](hana, settings, request)


def change(account: Account, state: str, revision: int) -> Change:
    return Change(account=account.common_id, state=state, revision=revision, key=f"key-{revision}")


def test_it_confirms_what_it_has_applied(stage: Stage, hana: Account) -> None:
    answers = list(connector_for(stage.system).apply([change(hana, "on", 1)]))
    assert [(answer.change.key, answer.failure) for answer in answers] == [("key-1", None)]
    assert stage.knows() == "on"


def test_each_change_is_answered_once_and_in_order(stage: Stage, hana: Account) -> None:
    changes = [change(hana, "on", 1), change(hana, "off", 2), change(hana, "on", 3)]
    answers = list(connector_for(stage.system).apply(changes))
    assert [answer.change for answer in answers] == changes
    assert stage.knows() == "on"


def test_nothing_is_told_before_the_answer_is_asked_for(stage: Stage, hana: Account) -> None:
    answers = iter(connector_for(stage.system).apply([change(hana, "on", 1), change(hana, "off", 2)]))
    first = next(answers)
    assert stage.knows() == "on"
    assert not first.more, "whoever stops here has heard everything that was told"


def test_repeating_a_change_does_no_harm_unless_it_says_so(stage: Stage, hana: Account) -> None:
    connector = connector_for(stage.system)
    assert connector.capability != Capability.MAY_APPLY_TWICE
    for _time in range(2):
        assert [answer.failure for answer in connector.apply([change(hana, "on", 1)])] == [None]
    assert stage.knows() == "on"


def test_an_older_revision_never_takes_the_place_of_a_newer_one(stage: Stage, hana: Account) -> None:
    connector = connector_for(stage.system)
    planned(stage.system, hana, revision=2, desired="off")
    list(connector.apply([change(hana, "off", 2)]))
    late = next(iter(connector.apply([change(hana, "on", 1)])))
    assert isinstance(late.failure, Outdated)
    assert stage.knows() == "off"


def test_an_account_that_the_system_does_not_know_is_for_a_person(stage: Stage, hana: Account) -> None:
    stage.forget()
    answer = next(iter(connector_for(stage.system).apply([change(hana, "on", 1)])))
    assert isinstance(answer.failure, Permanent)


def test_the_connection_can_be_tried_without_changing_anything(stage: Stage, hana: Account) -> None:
    list(connector_for(stage.system).apply([change(hana, "on", 1)]))
    connector_for(stage.system).try_connection()
    assert stage.knows() == "on"


def test_what_is_read_back_is_what_the_system_holds_and_nothing_of_strangers(stage: Stage, hana: Account) -> None:
    connector = connector_for(stage.system)
    asked = [hana.common_id, "9999999999"]
    if not connector.reads_back:
        with pytest.raises(Configuration, match="cannot be asked"):
            connector.read(asked)
        return
    for number, state in enumerate(["on", "off"], start=1):
        list(connector.apply([change(hana, state, number)]))
        with closing(connector):
            assert connector.read(asked) == {hana.common_id: state}


def test_without_its_credentials_it_is_stopped_and_not_tried_on_and_on(stage: Stage, hana: Account) -> None:
    if not connectors()[stage.system.connector].needs_credentials:
        return
    stage.system.credentials = ""
    for attempt in (lambda: list(connector_for(stage.system).apply([change(hana, "on", 1)])), connector_for(stage.system).try_connection):
        with pytest.raises(Configuration, match="secret"):
            attempt()
