"""The group of the SCIM connector: too large to be read as a whole, so each user is asked for in it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from policies.connectors.base import Configuration, Failure, Kept, Transient
from policies.connectors.scim_service import NO_ANSWER, PATCH, ScimService, ScimUser, judged, quoted, raised_or_kept
from policies.connectors.web import listed, said

NO_FILTER = "the service ignores the filter of members"
SHORT = 64 * 1024  # of a list of members that is read for the first few of them
FEW = 3
Operation = dict[str, Any]


class ScimGroup:
    """Some services say of everybody that they are members, and some of nobody: neither is believed unseen."""

    def __init__(self, service: ScimService, group: str) -> None:
        self.service, self.id = service, group
        self.names_members = False  # whether it has said yes of anybody, having said no of nobody
        self._tells_members = False

    @property
    def _path(self) -> str:
        return f"/Groups/{quote(self.id, safe='')}"

    def with_membership(self, found: Mapping[str, list[ScimUser]]) -> dict[str, list[ScimUser]]:
        """The same users, each with whether it is a member."""
        asked = {account: [replace(user, member=self._holds(user.id)) for user in users] for account, users in found.items()}
        if any(user.member for users in asked.values() for user in users):
            self.must_tell_members()
            self.names_members = True
        return asked

    def must_exist(self) -> None:
        """Configuration unless the group is there."""
        found = self.service.get(f"{self._path}?excludedAttributes=members")
        if found.get("id") != self.id:
            raise Configuration("the group was not found")

    def must_tell_members(self) -> None:
        """Configuration when the service says of somebody who is nobody that they are in the group: it would say so of everybody."""
        if not self._tells_members and self._holds(_nobody(self.id)):
            raise Configuration(NO_FILTER)
        self._tells_members = True

    def must_name_members(self) -> None:
        """Configuration when the service says of those whom it lists as members that they are none: it would say so of everybody."""
        members = self._some_members()
        if members and not any(self._holds(member) for member in members):
            raise Configuration(NO_FILTER)

    def _some_members(self) -> list[str]:
        """Ids of the first few users in the group; empty when there are none, or when the service gives only more than is read for this."""
        query = urlencode({"attributes": "members", "startIndex": "1", "count": str(FEW)})
        try:
            members = listed(self.service.get(f"{self._path}?{query}", longest=SHORT).get("members"))
        except Failure:
            return []
        return [one["value"] for one in members if isinstance(one.get("value"), str) and one.get("type") in {None, "User"}][:FEW]

    def _holds(self, user: str) -> bool:
        query = urlencode({"filter": f"id eq {quoted(self.id)} and members.value eq {quoted(user)}", "attributes": "id"})
        page = self.service.get(f"/Groups?{query}")
        if type(page.get("totalResults")) is not int:
            raise Transient(NO_ANSWER)
        found = [one.get("id") for one in listed(page.get("Resources"))]
        if any(one != self.id for one in found):
            raise Configuration(NO_FILTER)
        return bool(found)

    def patch(self, operations: Sequence[Operation]) -> Kept | None:
        """Change the members; a group that is not there is a wrong setting, a member that is not there a failure."""
        reply = self.service.request("PATCH", self._path, {"schemas": [PATCH], "Operations": operations})
        if reply.status == HTTPStatus.NOT_FOUND:
            self.must_exist()
        if reply.status == HTTPStatus.BAD_REQUEST and _found_no_target(operations, reply.content):
            return None
        return raised_or_kept(judged(reply.status, reply.headers))


def _found_no_target(operations: Sequence[Operation], content: bytes) -> bool:
    """Whether the one who was to be removed is no member, in so many words (RFC 7644 3.12)."""
    return len(operations) == 1 and operations[0]["op"] == "remove" and said(content).get("scimType") == "noTarget"


def _nobody(group: str) -> str:
    """An id that nobody has. Where ids are numbers it is one, too: the service may take no other."""
    return str(2**31 - 1 - secrets.randbelow(10**9)) if group.isdecimal() else str(uuid4())
