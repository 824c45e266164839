"""The other side of the Graph connector: a token by client credentials, and requests in batches of twenty."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from policies.connectors.base import Configuration, Kept, Permanent, Transient
from policies.connectors.budget import Budget
from policies.connectors.outgoing import Reply, Request
from policies.connectors.states import Forbidden
from policies.connectors.web import ask, is_success, is_token, listed, refusal, said

BATCH = 20  # as many as Graph takes
LONGEST = 1024 * 1024
NO_ANSWER = "HTTP 200 without the answer asked for"
LACKS_PERMISSION = "the application lacks a permission"
REFUSED_CREDENTIALS = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """One request of a batch."""

    method: str
    url: str
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """What became of one request of a batch."""

    status: int
    body: dict[str, Any]
    failure: Kept | None


def odata(text: str) -> str:
    """A text inside a filter."""
    return "'" + text.replace("'", "''") + "'"


def must_be(answer: Answered, name: str, kind: type[T]) -> T:
    """A part of an answer that has to be there; its failure is raised, as what concerns all of them."""
    if answer.failure:
        of_all = answer.failure.for_all if isinstance(answer.failure, Forbidden) else answer.failure.why
        raise Configuration(of_all) if isinstance(answer.failure, Permanent) else answer.failure
    value = answer.body.get(name)
    if not isinstance(value, kind):
        raise Transient(NO_ANSWER)
    return value


class GraphService:
    """One tenant, spoken to as an application."""

    def __init__(self, *, graph: str, sign_in: str, tenant: str, client: str, secret: str, budget: Budget) -> None:
        self.graph, self.sign_in = graph.rstrip("/"), sign_in.rstrip("/")
        self.tenant, self.client, self.secret = tenant, client, secret
        self.token, self.budget = "", budget

    def batch(self, asked: Mapping[str, Asked], *, version: str = "v1.0") -> dict[str, Answered]:
        """The answer to each; Transient or Configuration when it concerns all, or when Graph asks to wait."""
        answers: dict[str, Answered] = {}
        keys = list(asked)
        for start in range(0, len(keys), BATCH):
            some = keys[start : start + BATCH]
            answers |= self._one_batch({key: asked[key] for key in some}, version)
        return answers

    def _one_batch(self, asked: Mapping[str, Asked], version: str) -> dict[str, Answered]:
        numbered = {str(number): key for number, key in enumerate(asked, start=1)}
        requests = [_as_json(number, asked[key]) for number, key in numbered.items()]
        reply = self._post_batch({"requests": requests}, version)
        found = {str(one.get("id")): one for one in listed(said(reply.content).get("responses"))}
        return {key: _answered(found.get(number, {})) for number, key in numbered.items()}

    def _post_batch(self, body: dict[str, Any], version: str) -> Reply:
        reply = self._authorized(body, version)
        if reply.status == HTTPStatus.UNAUTHORIZED:  # a token lives an hour; this one may be older
            self.token = ""
            reply = self._authorized(body, version)
        if not is_success(reply.status):
            failure = refusal(reply.status, reply.headers)
            raise Configuration(failure.why) if isinstance(failure, Permanent) else failure
        return reply

    def _authorized(self, body: dict[str, Any], version: str) -> Reply:
        self.token = self.token or self._new_token()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Accept": "application/json"}
        return ask(
            Request(
                "POST", f"{self.graph}/{version}/$batch", json.dumps(body).encode(), headers, longest=LONGEST, seconds=self.budget.left()
            )
        )

    def _new_token(self) -> str:
        form = {
            "client_id": self.client,
            "client_secret": self.secret,
            "scope": f"{self.graph}/.default",
            "grant_type": "client_credentials",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        address = f"{self.sign_in}/{quote(self.tenant, safe='')}/oauth2/v2.0/token"
        reply = ask(Request("POST", address, urlencode(form).encode(), headers, seconds=self.budget.left()))
        if reply.status in REFUSED_CREDENTIALS:
            raise Configuration("the credentials were refused")
        if not is_success(reply.status):
            failure = refusal(reply.status, reply.headers)
            raise Configuration(failure.why) if isinstance(failure, Permanent) else failure
        token = said(reply.content).get("access_token")
        if not isinstance(token, str) or not is_token(token):
            raise Transient(NO_ANSWER)
        return token


def _as_json(number: str, asked: Asked) -> dict[str, Any]:
    headers = asked.headers | ({"Content-Type": "application/json"} if asked.body is not None else {})
    request: dict[str, Any] = {"id": number, "method": asked.method, "url": asked.url}
    if headers:
        request["headers"] = headers
    if asked.body is not None:
        request["body"] = asked.body
    return request


def _answered(one: dict[str, Any]) -> Answered:
    status, headers, body = one.get("status"), one.get("headers"), one.get("body")
    if type(status) is not int:
        return Answered(0, {}, Transient(NO_ANSWER, maybe_applied=True))
    known = {str(name).lower(): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
    if status == HTTPStatus.FORBIDDEN:  # Graph says so of single users, too: of those who hold certain roles
        return Answered(status, {}, Forbidden(f"HTTP {status}", LACKS_PERMISSION))
    failure = None if is_success(status) else refusal(status, known)
    if isinstance(failure, Configuration) or (isinstance(failure, Transient) and failure.retry_after is not None):
        raise failure
    return Answered(status, body if isinstance(body, dict) else {}, failure)
