"""The other side of the SCIM connector: looking users up page by page, patching them under their ETags."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from policies.connectors.base import Configuration, Kept, Permanent, Transient
from policies.connectors.budget import Budget
from policies.connectors.outgoing import Reply, Request
from policies.connectors.states import NOT_THERE, Forbidden
from policies.connectors.web import ask, is_success, listed, refusal, said

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
PAGE = 100
LONGEST = 1024 * 1024
NO_FILTER = "the service ignores the filter of members"
Operations = list[dict[str, Any]]


@dataclass(frozen=True)
class ScimUser:
    """A user that was found: its id, its version (ETag), the value of the attribute, and whether it is in the group."""

    id: str
    version: str
    value: Any
    member: bool = False


def written(value: Any) -> str:
    """A value as it stands in the options."""
    return {True: "true", False: "false", None: ""}.get(value, str(value)) if not isinstance(value, list | dict) else ""


def quoted(text: str) -> str:
    """A text inside a filter."""
    return json.dumps(text)


class ScimService:
    """One service, spoken to with a bearer token."""

    def __init__(self, address: str, token: str, certificates: str, budget: Budget) -> None:
        self.address, self.token, self.certificates, self.budget = address.rstrip("/"), token, certificates, budget
        self._tells_members = False

    def _ask(self, method: str, path: str, body: Any = None, version: str = "") -> Reply:
        headers = {"Accept": "application/scim+json", "Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/scim+json"
        if version:
            headers["If-Match"] = version
        content = b"" if body is None else json.dumps(body).encode()
        return ask(Request(method, f"{self.address}{path}", content, headers, self.certificates, LONGEST, self.budget.left()))

    def _get(self, path: str) -> dict[str, Any]:
        reply = self._ask("GET", path)
        if not is_success(reply.status):
            failure = refusal(reply.status, reply.headers)
            raise Configuration(failure.why) if isinstance(failure, Permanent) else failure
        return said(reply.content)

    def users(self, accounts: Sequence[str], name: str, attribute: str) -> dict[str, list[ScimUser]]:
        """The users with these values of `name`, whatever the case of its letters, over all pages."""
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
            page = self._get(f"{path}?{urlencode(query | {'startIndex': str(start), 'count': str(PAGE)})}")
            total, found = page.get("totalResults"), listed(page.get("Resources"))
            if type(total) is not int:
                raise Transient("HTTP 200 without the answer asked for")
            yield from found
            start += len(found)
            if start > total:
                return
            if not found:
                raise Transient("a page of the answer is missing")

    def with_membership(self, found: Mapping[str, list[ScimUser]], group: str) -> dict[str, list[ScimUser]]:
        """The same users, each asked for in the group: groups may be too large to be read as a whole."""
        asked = {account: [replace(user, member=self._is_member(group, user.id)) for user in users] for account, users in found.items()}
        if any(user.member for users in asked.values() for user in users):
            self.must_tell_members(group)
        return asked

    def must_tell_members(self, group: str) -> None:
        """Configuration when the service says of somebody who is nobody that they are in the group: it would say so of everybody."""
        if not self._tells_members and self._is_member(group, _nobody(group)):
            raise Configuration(NO_FILTER)
        self._tells_members = True

    def _is_member(self, group: str, user: str) -> bool:
        query = urlencode({"filter": f"id eq {quoted(group)} and members.value eq {quoted(user)}", "attributes": "id"})
        page = self._get(f"/Groups?{query}")
        if type(page.get("totalResults")) is not int:
            raise Transient("HTTP 200 without the answer asked for")
        found = [one.get("id") for one in listed(page.get("Resources"))]
        if any(one != group for one in found):
            raise Configuration(NO_FILTER)
        return bool(found)

    def patch_users(self, patches: Mapping[str, tuple[ScimUser, Operations]], *, bulk: bool) -> dict[str, Kept | None]:
        """What became of each patch, by its key."""
        if bulk and patches:
            return self._patch_in_bulk(patches)
        return {key: self._patch_one(user, operations) for key, (user, operations) in patches.items()}

    def _patch_one(self, user: ScimUser, operations: Operations) -> Kept | None:
        body = {"schemas": [PATCH], "Operations": operations}
        reply = self._ask("PATCH", f"/Users/{quote(user.id, safe='')}", body, user.version)
        return _of_one_user(reply.status, reply.headers)

    def _patch_in_bulk(self, patches: Mapping[str, tuple[ScimUser, Operations]]) -> dict[str, Kept | None]:
        operations = [_bulk_operation(key, user, changes) for key, (user, changes) in patches.items()]
        reply = self._ask("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})
        if not is_success(reply.status):
            failure = refusal(reply.status, reply.headers)
            raise Configuration(failure.why) if isinstance(failure, Permanent) else failure
        statuses = {str(one.get("bulkId")): _status(one) for one in listed(said(reply.content).get("Operations"))}
        return {key: _of_one_user(statuses.get(key, 0), {}) for key in patches}

    def patch_group(self, group: str, operations: Operations) -> Kept | None:
        """Change the members of the group; a group that is not there is a wrong setting, a member that is not there a failure."""
        reply = self._ask("PATCH", f"/Groups/{quote(group, safe='')}", {"schemas": [PATCH], "Operations": operations})
        if reply.status == HTTPStatus.NOT_FOUND:
            self.group_must_exist(group)
        return _raised_or_kept(_judged(reply.status, reply.headers))

    def must_support(self, *, bulk: bool) -> None:
        """Configuration when the service says of itself that it cannot do what is needed."""
        able = self._get("/ServiceProviderConfig")
        for name in ["patch", *(["bulk"] if bulk else [])]:
            feature = able.get(name)
            if not isinstance(feature, dict) or feature.get("supported") is not True:
                raise Configuration(f"the service does not support {name} requests")

    def group_must_exist(self, group: str) -> None:
        """Configuration unless the group is there."""
        found = self._get(f"/Groups/{quote(group, safe='')}?excludedAttributes=members")
        if found.get("id") != group:
            raise Configuration("the group was not found")


def _nobody(group: str) -> str:
    """An id that nobody has. Where ids are numbers it is one, too: the service may take no other."""
    return str(2**31 - 1 - secrets.randbelow(10**9)) if group.isdecimal() else str(uuid4())


def _bulk_operation(key: str, user: ScimUser, operations: Operations) -> dict[str, Any]:
    version = {"version": user.version} if user.version else {}
    path = f"/Users/{quote(user.id, safe='')}"
    return {"method": "PATCH", "path": path, "bulkId": key, "data": {"schemas": [PATCH], "Operations": operations}, **version}


def _status(operation: dict[str, Any]) -> int:
    status = operation.get("status")
    text = str(status.get("code") if isinstance(status, dict) else status)
    return int(text) if text.isdecimal() else 0


def _judged(status: int, headers: Mapping[str, str]) -> Configuration | Kept | None:
    if is_success(status):
        return None
    if status == 0:
        return Transient("HTTP 200 without the answer asked for", maybe_applied=True)
    if status == HTTPStatus.NOT_FOUND:
        return Permanent(NOT_THERE)
    if status == HTTPStatus.PRECONDITION_FAILED:
        return Transient("the entry was changed by somebody else meanwhile", is_expected=True)
    return refusal(status, headers)


def _of_one_user(status: int, headers: Mapping[str, str]) -> Kept | None:
    """That one user may not be changed says nothing of the others."""
    return Forbidden(f"HTTP {status}") if status == HTTPStatus.FORBIDDEN else _raised_or_kept(_judged(status, headers))


def _raised_or_kept(failure: Configuration | Kept | None) -> Kept | None:
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
