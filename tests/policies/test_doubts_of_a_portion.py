"""What a system was told in a portion that came to no good end may take effect late: it is in doubt, and nothing else is."""

from collections import deque
from collections.abc import Iterator, Sequence

import pytest
from pytest_django import Settings

from accounts.models import Account
from policies.connectors.base import Change, Transient
from policies.connectors.scim import ScimConnector
from policies.connectors.states import Failures, Forbidden, SetStateConnector
from policies.models import ConnectedSystem, Delivery
from policies.propagation import release_system
from policies.systems import ensure_system
from tests.factories import an_account
from tests.policies.connected import a_scim_service, a_tenant
from tests.policies.deliveries import planned
from tests.policies.graph_server import graph_running
from tests.policies.scim_server import ScimServer, scim_running

pytestmark = [pytest.mark.django_db, pytest.mark.covers("S-144")]
TRY_LATER = ("429 Slow", {"Retry-After": "90"}, b"{}")


@pytest.fixture
def server() -> Iterator[ScimServer]:
    with scim_running() as running:
        yield running


@pytest.fixture
def people(server: ScimServer) -> list[Account]:
    """Two who are known there."""
    people = [an_account(), an_account()]
    for person in people:
        server.add_user(person.common_id)
    return people


def in_doubt() -> list[bool]:
    return [moment is not None for moment in Delivery.objects.order_by("pk").values_list("doubted_at", flat=True)]


def answers(server: ScimServer, *said: tuple[str, dict[str, str], bytes]) -> None:
    """To the next changes."""
    server.before.extend(lambda one=one: server.instead.append(one) for one in said)  # type: ignore[misc]


def test_who_may_have_been_changed_before_a_later_request_was_refused_is_in_doubt(
    server: ScimServer, people: list[Account], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(a_scim_service(server, settings), *people)
    monkeypatch.setattr(ScimConnector, "first_portion", 2)
    answers(server, ("504 Gateway Timeout", {}, b""), TRY_LATER)
    release_system("cloud")
    assert [method for method, _, _ in server.requests].count("PATCH") == 2
    assert set(Delivery.objects.values_list("state", flat=True)) == {"waiting"}
    assert in_doubt() == [True, True]


def test_only_who_may_have_been_told_is_in_doubt_and_nobody_of_the_portions_behind(
    server: ScimServer, people: list[Account], settings: Settings
) -> None:
    planned(a_scim_service(server, settings), *people)
    answers(server, TRY_LATER)
    release_system("cloud")
    assert [method for method, _, _ in server.requests].count("PATCH") == 1
    assert in_doubt() == [True, False]


def test_who_may_have_been_changed_before_the_settings_turned_out_to_be_wrong_is_in_doubt(
    server: ScimServer, people: list[Account], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = a_scim_service(server, settings)
    planned(system, *people)
    monkeypatch.setattr(ScimConnector, "first_portion", 2)
    answers(server, ("504 Gateway Timeout", {}, b""), ("401 Unauthorized", {}, b""))
    release_system("cloud")
    system.refresh_from_db()
    assert (system.stopped_reason, set(Delivery.objects.values_list("state", flat=True))) == ("HTTP 401", {"waiting"})
    assert in_doubt() == [True, True]


def test_nobody_is_in_doubt_when_the_system_was_asked_and_nothing_was_written(
    server: ScimServer, people: list[Account], settings: Settings
) -> None:
    planned(a_scim_service(server, settings), *people)
    server.instead.append(TRY_LATER)
    release_system("cloud")
    assert {method for method, _, _ in server.requests} == {"GET"}
    assert in_doubt() == [False, False]


def test_nobody_is_in_doubt_when_nobody_is_there(people: list[Account], server: ScimServer, settings: Settings) -> None:
    system = a_scim_service(server, settings)
    ConnectedSystem.objects.filter(pk=system.pk).update(address="http://127.0.0.1:1/v2")
    settings.MFA_PRIVATE_HOSTS = ["127.0.0.1", "127.0.0.1:1"]
    planned(system, *people)
    release_system("cloud")
    assert set(Delivery.objects.values_list("last_answer", flat=True)) != {""}
    assert in_doubt() == [False, False]


def test_whom_a_system_was_told_of_and_could_not_be_asked_about_is_in_doubt(
    server: ScimServer, people: list[Account], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(a_scim_service(server, settings), people[0])
    read = ScimConnector.read

    def away(connector: ScimConnector, accounts: Sequence[str]) -> dict[str, str]:
        server.instead.append(TRY_LATER)
        return read(connector, accounts)

    monkeypatch.setattr(ScimConnector, "read", away)
    release_system("cloud")
    assert in_doubt() == [True]


def test_what_was_answered_together_with_what_made_the_system_rest_is_in_doubt(settings: Settings) -> None:
    """Three failures are enough for a rest; the other answers of the portion are there already."""
    people = [an_account() for _ in range(5)]
    with graph_running() as graph:
        system = a_tenant(graph, settings, group_id="", per_user=True)
        for person in people:
            graph.add(person.common_id)
        planned(system, *people)
        graph.single["PATCH"] = deque([(503, {}, {})] * 5)
        release_system("entra")
    system.refresh_from_db()
    assert (system.failures, set(Delivery.objects.values_list("state", flat=True))) == (3, {"waiting"})
    assert in_doubt() == [True] * 5


class Guarded(SetStateConnector):
    """Lets nobody change its first account, answers nothing about the second, and is away for the third."""

    code = "guarded"
    portion = 2
    needs_address = needs_credentials = False

    def write(self, changes: Sequence[Change]) -> Failures:
        with self.looking_up():
            if len(changes) < self.portion:
                raise Transient("no connection")
        first, second = changes
        return {first.key: Forbidden("HTTP 403"), second.key: Transient("no answer", maybe_applied=True)}

    def try_connection(self) -> None:
        """Always there."""


def test_only_what_is_not_allowed_waits_for_the_next_portion(settings: Settings) -> None:
    settings.MFA_CONNECTORS = [*settings.MFA_CONNECTORS, f"{__name__}.Guarded"]
    system = ensure_system("guarded", connector="guarded", name_en="Guarded", name_ja="番")
    planned(system, *(an_account() for _ in range(3)))
    release_system("guarded")
    rows = Delivery.objects.order_by("pk").values_list("state", "last_answer")
    assert list(rows) == [("waiting", "no connection"), ("waiting", "no answer"), ("waiting", "no connection")]
    assert in_doubt() == [False, True, False]
