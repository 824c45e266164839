"""What every installed connector must do, whatever it speaks to (S-144)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from pytest_django import Settings

from accounts.models import Account
from policies.connectors.base import Capability, Change, Outdated, Permanent
from policies.connectors.registry import connector_for, connectors
from policies.models import ConnectedSystem
from policies.systems import ensure_system
from tests.policies.downstream import SECRET, running, says

INSTALLED = sorted(connectors())


@dataclass(frozen=True)
class Stage:
    """A system for one connector: what it knows of Hana, and a way to make it not know her."""

    system: ConnectedSystem
    knows: Callable[[], tuple[str, int]]
    forget: Callable[[], None]


def local_stage(hana: Account, settings: Settings) -> Iterator[Stage]:
    def knows() -> tuple[str, int]:
        hana.refresh_from_db()
        return "on" if hana.mfa_asked_here else "off", hana.mfa_asked_revision

    def forget() -> None:
        Account.objects.filter(pk=hana.pk).update(common_id="9999999999")

    yield Stage(ConnectedSystem.objects.get(code="local"), knows, forget)


def webhook_stage(hana: Account, settings: Settings) -> Iterator[Stage]:
    with running() as downstream:
        settings.MFA_WEBHOOK_PRIVATE_HOSTS = [f"127.0.0.1:{downstream.port}"]
        system = ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", address=downstream.url, secret=SECRET)

        def forget() -> None:
            downstream.mood = says(404)

        yield Stage(system, lambda: downstream.states[hana.common_id], forget)


STAGES = {"local": local_stage, "webhook": webhook_stage}


@pytest.fixture(params=INSTALLED)
def stage(request: pytest.FixtureRequest, hana: Account, settings: Settings) -> Iterator[Stage]:
    """A stage for each installed connector; one without a stage fails here."""
    yield from STAGES[request.param](hana, settings)


def change(account: Account, state: str, revision: int) -> Change:
    return Change(account=account.common_id, state=state, revision=revision, key=f"key-{revision}")


def test_it_confirms_what_it_has_applied(stage: Stage, hana: Account) -> None:
    answers = list(connector_for(stage.system).apply([change(hana, "on", 1)]))
    assert [(answer.change.key, answer.failure) for answer in answers] == [("key-1", None)]
    assert stage.knows() == ("on", 1)


def test_each_change_is_answered_once_and_in_order(stage: Stage, hana: Account) -> None:
    changes = [change(hana, "on", 1), change(hana, "off", 2), change(hana, "on", 3)]
    answers = list(connector_for(stage.system).apply(changes))
    assert [answer.change for answer in answers] == changes
    assert stage.knows() == ("on", 3)


def test_nothing_is_told_before_the_answer_is_asked_for(stage: Stage, hana: Account) -> None:
    answers = iter(connector_for(stage.system).apply([change(hana, "on", 1), change(hana, "off", 2)]))
    next(answers)
    assert stage.knows() == ("on", 1)


def test_repeating_a_change_does_no_harm_unless_it_says_so(stage: Stage, hana: Account) -> None:
    connector = connector_for(stage.system)
    assert connector.capability != Capability.MAY_APPLY_TWICE
    for _time in range(2):
        assert [answer.failure for answer in connector.apply([change(hana, "on", 1)])] == [None]
    assert stage.knows() == ("on", 1)


def test_an_older_revision_never_takes_the_place_of_a_newer_one(stage: Stage, hana: Account) -> None:
    connector = connector_for(stage.system)
    list(connector.apply([change(hana, "off", 2)]))
    late = next(iter(connector.apply([change(hana, "on", 1)])))
    assert isinstance(late.failure, Outdated)
    assert stage.knows() == ("off", 2)


def test_an_account_that_the_system_does_not_know_is_for_a_person(stage: Stage, hana: Account) -> None:
    stage.forget()
    answer = next(iter(connector_for(stage.system).apply([change(hana, "on", 1)])))
    assert isinstance(answer.failure, Permanent)
