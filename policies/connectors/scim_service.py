"""The other side of the SCIM connector: looking users up page by page, patching them under their ETags."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from math import inf
from typing import Any
from urllib.parse import quote, urlencode

from policies.connectors.base import Configuration, Kept, Permanent, Transient, Unknown
from policies.connectors.budget import Budget
from policies.connectors.outgoing import Reply, Request
from policies.connectors.states import NOT_THERE, Forbidden
from policies.connectors.web import ask, is_success, listed, refusal, said

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
PAGE = 100
LONGEST = 1024 * 1024
NO_ANSWER = "HTTP 200 without the answer asked for"
Operations = list[dict[str, Any]]


@dataclass(frozen=True)
class ScimUser:
    """A user that was found: its id, its version (ETag), the value of the attribute, and whether it is in the group."""

    id: str
    version: str
    value: Any
    member: bool = False


Patches = Mapping[str, tuple[ScimUser, Operations]]


def written(value: Any) -> str:
    """A value as it stands in the options; empty for a list or an object."""
    return {True: "true", False: "false", None: ""}.get(value, str(value)) if not isinstance(value, list | dict) else ""


def quoted(text: str) -> str:
    """A text inside a filter."""
    return json.dumps(text)


class NotTaken(Configuration):
    """The service does not take a question as it was put."""


class ScimService:
    """One service, spoken to with a bearer token. What was found out about it holds for as long as this object lives."""

    def __init__(self, address: str, token: str, certificates: str, budget: Budget) -> None:
        self.address, self.token, self.certificates, self.budget = address.rstrip("/"), token, certificates, budget
        self._takes_several = True  # comparisons in a filter
        self._most = inf  # operations in a bulk request

    def request(self, method: str, path: str, body: Any = None, version: str = "", longest: int = LONGEST) -> Reply:
        """One exchange; Transient or Configuration when no answer comes."""
        headers = {"Accept": "application/scim+json", "Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/scim+json"
        if version:
            headers["If-Match"] = version
        content = b"" if body is None else json.dumps(body).encode()
        return ask(Request(method, f"{self.address}{path}", content, headers, self.certificates, longest, self.budget.left()))

    def get(self, path: str, *, longest: int = LONGEST) -> dict[str, Any]:
        """What is read; Transient or Configuration without success."""
        reply = self.request("GET", path, longest=longest)
        if reply.status == HTTPStatus.BAD_REQUEST:
            raise NotTaken(f"HTTP {reply.status}")
        if not is_success(reply.status):
            failure = refusal(reply.status, reply.headers)
            raise Configuration(failure.why) if isinstance(failure, Permanent) else failure
        return said(reply.content)

    def users(self, accounts: Sequence[str], name: str, attribute: str) -> dict[str, list[ScimUser]]:
        """The users with these values of `name`; nobody is without one who was not asked for alone.

        Some services take one comparison in a filter: several they refuse, or find nobody by them.
        """
        together = self._looked_up_together(accounts, name, attribute) if self._takes_several and len(accounts) > 1 else {}
        missing = [account for account in accounts if not together.get(account)]
        alone = {account: self._looked_up([account], name, attribute)[account] for account in missing}
        if together and any(alone.values()):
            self._takes_several = False
        return together | alone

    def _looked_up_together(self, accounts: Sequence[str], name: str, attribute: str) -> dict[str, list[ScimUser]]:
        """Empty where the service does not take several."""
        try:
            return self._looked_up(accounts, name, attribute)
        except NotTaken:
            self._takes_several = False
            return {}

    def _looked_up(self, accounts: Sequence[str], name: str, attribute: str) -> dict[str, list[ScimUser]]:
        """What one filter finds over all pages, whatever the case of the letters of the name."""
        query = {
            "filter": " or ".join(f"{name} eq {quoted(account)}" for account in accounts),
            "attributes": ",".join(filter(None, [name, attribute, "meta"])),
        }
        by_account: dict[str, list[ScimUser]] = {account: [] for account in accounts}
        wanted = {account.lower(): account for account in accounts}
        for one in self._pages("/Users", query):
            account = wanted.get(written(_at(one, name)).lower())
            if account and isinstance(one.get("id"), str):
                by_account[account].append(ScimUser(one["id"], _version(one), _at(one, attribute)))
        return by_account

    def _pages(self, path: str, query: dict[str, str]) -> Iterable[dict[str, Any]]:
        start = 1
        while True:
            page = self.get(f"{path}?{urlencode(query | {'startIndex': str(start), 'count': str(PAGE)})}")
            total, found = page.get("totalResults"), listed(page.get("Resources"))
            if type(total) is not int:
                raise Transient(NO_ANSWER)
            yield from found
            start += len(found)
            if start > total:
                return
            if not found:
                raise Transient("a page of the answer is missing")

    def patch_users(self, patches: Patches, *, bulk: bool) -> dict[str, Kept | None]:
        """What became of each patch, by its key."""
        if bulk and patches:
            return self._patch_in_bulk(patches)
        return {key: self._patch_one(user, operations) for key, (user, operations) in patches.items()}

    def _patch_one(self, user: ScimUser, operations: Operations) -> Kept | None:
        body = {"schemas": [PATCH], "Operations": operations}
        reply = self.request("PATCH", f"/Users/{quote(user.id, safe='')}", body, user.version)
        return _of_one_user(reply.status, reply.headers)

    def _patch_in_bulk(self, patches: Patches) -> dict[str, Kept | None]:
        """In one request, or in several where the service does not take so much at once."""
        body = {"schemas": [BULK], "Operations": [_bulk_operation(key, user, changes) for key, (user, changes) in patches.items()]}
        reply = self.request("POST", "/Bulk", body) if self._takes(body) else None
        if reply is None or reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return self._patch_fewer(patches)
        if not is_success(reply.status):
            failure = refusal(reply.status, reply.headers)
            raise Configuration(failure.why) if isinstance(failure, Permanent) else failure
        statuses = {str(one.get("bulkId")): _status(one) for one in listed(said(reply.content).get("Operations"))}
        return {key: _of_one_user(statuses.get(key, 0), {}) for key in patches}

    def _patch_fewer(self, patches: Patches) -> dict[str, Kept | None]:
        """Half of them, and then the others; one alone as where there are no bulk requests."""
        if len(patches) == 1:
            self._most = 0
            return self.patch_users(patches, bulk=False)
        both, half = list(patches.items()), (len(patches) + 1) // 2
        self._most = min(self._most, half)
        return self._patch_in_bulk(dict(both[:half])) | self._patch_in_bulk(dict(both[half:]))

    def _takes(self, body: dict[str, Any]) -> bool:
        """Whether a bulk request is small enough, as far as is known."""
        most = min(self._most, self._bulk_limits.get("maxOperations", inf))
        return len(body["Operations"]) <= most and len(json.dumps(body)) <= self._bulk_limits.get("maxPayloadSize", inf)

    @cached_property
    def _bulk_limits(self) -> dict[str, int]:
        """What the service says of them; one that says nothing is told, and may refuse."""
        try:
            bulk = self._abilities.get("bulk")
        except Configuration:
            return {}
        return {name: most for name, most in bulk.items() if type(most) is int and most > 0} if isinstance(bulk, dict) else {}

    @cached_property
    def _abilities(self) -> dict[str, Any]:
        return self.get("/ServiceProviderConfig")

    def must_support(self, *, bulk: bool) -> None:
        """Configuration when the service says of itself that it cannot do what is needed."""
        if not isinstance(self._abilities.get("patch"), dict):  # a page, or the answer of something else
            raise Configuration(NO_ANSWER)
        for name in ["patch", *(["bulk"] if bulk else [])]:
            feature = self._abilities.get(name)
            if not isinstance(feature, dict) or feature.get("supported") is not True:
                raise Configuration(f"the service does not support {name} requests")


def _bulk_operation(key: str, user: ScimUser, operations: Operations) -> dict[str, Any]:
    version = {"version": user.version} if user.version else {}
    path = f"/Users/{quote(user.id, safe='')}"
    return {"method": "PATCH", "path": path, "bulkId": key, "data": {"schemas": [PATCH], "Operations": operations}, **version}


def _status(operation: dict[str, Any]) -> int:
    status = operation.get("status")
    text = str(status.get("code") if isinstance(status, dict) else status)
    return int(text) if text.isdecimal() else 0


def judged(status: int, headers: Mapping[str, str]) -> Configuration | Kept | None:
    """What the answer to a change means; None for success."""
    if is_success(status):
        return None
    if status == 0:
        return Transient(NO_ANSWER, maybe_applied=True)
    if status == HTTPStatus.NOT_FOUND:
        return Unknown(NOT_THERE)
    if status == HTTPStatus.PRECONDITION_FAILED:
        return Transient("the entry was changed by somebody else meanwhile", is_expected=True)
    return refusal(status, headers)


def _of_one_user(status: int, headers: Mapping[str, str]) -> Kept | None:
    """That one user may not be changed says nothing of the others."""
    return Forbidden(f"HTTP {status}") if status == HTTPStatus.FORBIDDEN else raised_or_kept(judged(status, headers))


def raised_or_kept(failure: Configuration | Kept | None) -> Kept | None:
    """What concerns one account is kept for it; what concerns them all is raised."""
    if isinstance(failure, Configuration) or (isinstance(failure, Transient) and failure.retry_after is not None):
        raise failure
    return failure


def _version(user: dict[str, Any]) -> str:
    """The ETag of a user; empty when there is none that can stand in a header."""
    version = _at(user, "meta.version")
    return version if isinstance(version, str) and version.isascii() and version.isprintable() else ""


def _at(resource: dict[str, Any], path: str) -> Any:
    """The value at a path: `userName`, `name.familyName`, or `urn:…:User:attribute` of an extension."""
    schema, _, name = path.rpartition(":")
    inner: Any = resource.get(schema) if schema and schema in resource else resource
    for part in name.split("."):
        inner = {key.lower(): value for key, value in inner.items()}.get(part.lower()) if isinstance(inner, dict) else None
    return inner
