"""A stand-in for Microsoft's sign-in and Graph that takes only requests as they are documented."""

import json
import re
import secrets
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.policies.listening import JsonHandler, listening

TENANT, CLIENT, SECRET, GROUP = "11111111-aaaa", "22222222-bbbb", "client secret", "33333333-cccc"
MOST = 20
PERMISSIONS = ("User.Read.All", "GroupMember.ReadWrite.All", "Policy.ReadWrite.AuthenticationMethod")
SECURITY_GROUP: dict[str, Any] = {"id": GROUP, "groupTypes": [], "mailEnabled": False, "onPremisesSyncEnabled": None, "displayName": "MFA"}
DENIED = (403, {}, {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges to complete the operation."}})
NOT_FOUND = (404, {}, {"error": {"code": "Request_ResourceNotFound", "message": "Resource 'it' does not exist."}})
Answer = tuple[int, dict[str, str], Any]


@dataclass
class GraphMock:
    """What the tenant holds, what reached it, and what it is to answer instead."""

    users: dict[str, dict[str, str]] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    nested: set[str] = field(default_factory=set)  # members by way of another group
    states: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    instead: deque[tuple[int, dict[str, str], Any]] = field(default_factory=deque)  # of a whole batch
    single: dict[str, deque[Answer]] = field(default_factory=dict)  # of single requests, by method
    privileged: set[str] = field(default_factory=set)
    permissions: set[str] = field(default_factory=lambda: {*PERMISSIONS})
    group: dict[str, Any] | None = field(default_factory=lambda: {**SECURITY_GROUP})  # None: it was deleted
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def add(self, name: str) -> str:
        user = f"id-{name}"
        self.users[user] = {"id": user, "userPrincipalName": f"{name}@example.ac.jp", "employeeId": name}
        self.states[user] = "disabled"
        return user

    def one(self, request: dict[str, Any]) -> Answer:
        """One request of a batch, as the reference of Graph v1.0 describes it."""
        method, url, body = request["method"], urlsplit(request["url"]), request.get("body")
        if self.single.get(method):
            return self.single[method].popleft()
        path, query = unquote(url.path), parse_qs(url.query)
        if method == "GET" and path == "/users":
            return self._lookup(query, request.get("headers", {}))
        if method == "GET" and path == f"/groups/{GROUP}" and self.group:
            return 200, {}, {name: self.group[name] for name in query["$select"][0].split(",")}
        if found := re.fullmatch(r"/users/([^/]+)/(checkMemberGroups|authentication/requirements)", path):
            return self._of_user(method, found[1], found[2], body)
        if found := re.fullmatch(rf"/groups/{GROUP}/members/(?:([^/]+)/)?\$ref", path):
            return self._member(method, found[1], body)
        return NOT_FOUND

    def _lookup(self, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        if "$top" in query:
            return 200, {}, {"value": list(self.users.values())[:1]}
        found = re.fullmatch(r"(\w+) eq '((?:[^']|'')*)'", query["$filter"][0])
        if not found or headers.get("ConsistencyLevel") != "eventual" or query.get("$count") != ["true"]:
            return 400, {}, {"error": {"code": "Request_UnsupportedQuery"}}
        value, chosen = found[2].replace("''", "'"), query["$select"][0].split(",")
        matching = [user for user in self.users.values() if user.get(found[1], "").lower() == value.lower()]
        return 200, {}, {"value": [{name: user[name] for name in chosen} for user in matching]}

    def _of_user(self, method: str, user: str, what: str, body: Any) -> Answer:
        if user not in self.users:
            return NOT_FOUND
        if what == "checkMemberGroups":
            assert method == "POST"
            there = self.members | self.nested if self.group else set()
            return 200, {}, {"value": [group for group in body["groupIds"] if group == GROUP and user in there]}
        if "Policy.ReadWrite.AuthenticationMethod" not in self.permissions:
            return DENIED
        if method == "GET":
            return 200, {}, {"perUserMfaState": self.states[user]}
        assert (method, set(body)) == ("PATCH", {"perUserMfaState"})
        if user in self.privileged:
            return DENIED
        assert body["perUserMfaState"] in {"enforced", "disabled", "enabled"}
        self.states[user] = body["perUserMfaState"]
        return 204, {}, None

    def _member(self, method: str, user: str | None, body: Any) -> Answer:
        if refused := self._group_refuses():
            return refused
        if method == "DELETE":
            there = user in self.members
            self.members.discard(str(user))
            return (204, {}, None) if there else NOT_FOUND
        assert (method, user) == ("POST", None)
        added = body["@odata.id"].removeprefix(f"{self.url}/v1.0/directoryObjects/")
        if added in self.members:
            return bad("One or more added object references already exist for the following modified properties: 'members'.")
        assert added in self.users
        self.members.add(added)
        return 204, {}, None

    def _group_refuses(self) -> Answer | None:
        """Of groups that are no security groups kept by hand Graph changes those of Microsoft 365 alone."""
        if self.group is None:
            return NOT_FOUND
        if "GroupMember.ReadWrite.All" not in self.permissions or "DynamicMembership" in self.group["groupTypes"]:
            return DENIED
        if self.group["mailEnabled"] and "Unified" not in self.group["groupTypes"]:
            return bad("Cannot Update a mail-enabled security groups and or distribution list.")
        if self.group["onPremisesSyncEnabled"]:
            return bad("Unable to update the specified properties for on-premises mastered Directory Sync objects.")
        return None


def bad(message: str) -> Answer:
    return 400, {}, {"error": {"code": "Request_BadRequest", "message": message}}


class Handler(JsonHandler):
    server: "Server"

    def do_POST(self) -> None:  # noqa: N802  the standard library's name
        graph, body = self.server.graph, self.body()
        if self.path == f"/{TENANT}/oauth2/v2.0/token":
            return self.token(graph, body)
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in graph.tokens:
            return self.answer(401, {"error": {"code": "InvalidAuthenticationToken"}})
        if graph.instead:
            status, headers, said = graph.instead.popleft()
            return self.answer(status, said, **headers)
        if self.path not in {"/v1.0/$batch", "/beta/$batch"} or self.headers["Content-Type"] != "application/json":
            return self.answer(400, {"error": {"code": "BadRequest"}})
        return self.batch(graph, json.loads(body)["requests"])

    def token(self, graph: GraphMock, body: bytes) -> None:
        form = {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}
        right = {"client_id": CLIENT, "client_secret": SECRET, "scope": f"{graph.url}/.default", "grant_type": "client_credentials"}
        if form != right:
            return self.answer(401, {"error": "invalid_client"})
        graph.tokens.add(token := secrets.token_urlsafe())
        return self.answer(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def batch(self, graph: GraphMock, requests: list[dict[str, Any]]) -> None:
        ids = [one["id"] for one in requests]
        beta = {one["url"].endswith("/authentication/requirements") for one in requests}  # documented there alone
        rightly = all(one["url"].startswith("/") for one in requests) and beta == {self.path.startswith("/beta/")}
        rightly &= all(one["headers"]["Content-Type"] == "application/json" for one in requests if "body" in one)
        if not 0 < len(requests) <= MOST or len(set(ids)) != len(ids) or not rightly:
            return self.answer(400, {"error": {"code": "BadRequest"}})
        with graph.lock:
            graph.batches.append(requests)
            answers = [(one["id"], *graph.one(one)) for one in requests]
        said = [{"id": name, "status": status, "headers": headers, "body": body} for name, status, headers, body in answers]
        return self.answer(200, {"responses": list(reversed(said))})  # in any order


class Server(ThreadingHTTPServer):
    daemon_threads = True
    graph: GraphMock


@contextmanager
def graph_running(graph: GraphMock | None = None, handler: type[Handler] = Handler) -> Iterator[GraphMock]:
    """A tenant on a port of its own."""
    server = Server(("127.0.0.1", 0), handler)
    server.graph = graph or GraphMock()
    server.graph.port = server.server_port
    with listening(server):
        yield server.graph
