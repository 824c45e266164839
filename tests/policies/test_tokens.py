"""A token that cannot stand in a header, as where a mail has wrapped it, is refused in words, and stands in no log."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Account
from policies.connectors.base import Change, Configuration, Transient
from policies.connectors.graph import GraphConnector
from policies.connectors.hosts import NotAllowed
from policies.connectors.outgoing import Request, send
from policies.connectors.scim import ScimConnector
from tests.policies.connected import a_scim_service, a_tenant
from tests.policies.downstream import Downstream
from tests.policies.graph_server import GraphMock, graph_running
from tests.policies.scim_server import TOKEN, ScimServer, scim_running
from vault.fields import seal, unseal

pytestmark = pytest.mark.django_db
CHANGE = Change(account="1000000001", state="on", revision=1, key="key")
WRONG = ["wrapped-by\na-mail", "wrapped-by\r\na-mail", "wrapped-by a-mail", "wrapped-by\x7f", "wrapped-by-そら"]


@pytest.fixture
def server() -> Iterator[ScimServer]:
    with scim_running() as running:
        yield running


@pytest.mark.parametrize("token", WRONG)
def test_a_token_that_is_none_stops_the_system_and_is_logged_nowhere(
    server: ScimServer, settings: Settings, caplog: pytest.LogCaptureFixture, token: str
) -> None:
    system = a_scim_service(server, settings)
    seal(system, "credentials", token.encode())
    with pytest.raises(Configuration, match="the secret is not a token"):
        list(ScimConnector(system).apply([CHANGE]))
    with pytest.raises(Configuration, match="the secret is not a token"):
        ScimConnector(system).try_connection()
    assert server.requests == []
    assert "wrapped-by" not in caplog.text


@pytest.mark.parametrize("token", WRONG)
def test_it_is_refused_where_it_is_entered(server: ScimServer, settings: Settings, ada: Account, browser_of: Any, token: str) -> None:
    system, browser = a_scim_service(server, settings), browser_of(ada)
    page = reverse("admin:policies_connectedsystem_change", args=[system.pk])
    form = browser.get(page).context["adminform"].form
    shown = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()} | {"new_credentials": token}
    answer = browser.post(page, {name: value for name, value in shown.items() if value not in (None, False)})
    assert "do not have the form of a token" in answer.content.decode()
    system.refresh_from_db()
    assert unseal(system, "credentials").decode() == TOKEN


@pytest.mark.parametrize(
    ("path", "headers"), [("", {"Authorization": "Bearer of-a\nsecret"}), ("/パス", {}), ("", {"Accept": "of-a-sécret-そら"})]
)
def test_what_cannot_be_written_as_a_request_is_refused_without_being_quoted(
    downstream: Downstream, path: str, headers: dict[str, str]
) -> None:
    with pytest.raises(NotAllowed, match="request cannot be written") as refusal:
        send(Request("POST", downstream.url + path, b"{}", headers))
    assert (str(refusal.value), refusal.value.__suppress_context__) == ("the request cannot be written", True)
    assert downstream.requests == []


def test_a_token_that_graph_gives_and_that_is_none_is_no_answer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.policies.graph_server.secrets.token_urlsafe", lambda: "of-a\ntoken")
    with graph_running(GraphMock()) as graph, pytest.raises(Transient, match="without the answer asked for"):
        list(GraphConnector(a_tenant(graph, settings)).apply([CHANGE]))


def test_a_version_that_cannot_stand_in_a_header_holds_up_nobody(server: ScimServer, settings: Settings) -> None:
    user = server.add_user(CHANGE.account)
    odd = {"id": user, "userName": CHANGE.account, "meta": {"version": 'W/"one\ntwo"'}}
    server.instead.append(("200 OK", {}, json.dumps({"totalResults": 1, "Resources": [odd]}).encode()))
    assert [answer.failure for answer in ScimConnector(a_scim_service(server, settings)).apply([CHANGE])] == [None]
    assert server.required(user) is True
