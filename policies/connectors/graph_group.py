"""The group of the Graph connector: who is in it, who is to be, and whether Graph lets it be changed at all."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from policies.connectors.base import Configuration, Kept, Permanent, Transient
from policies.connectors.graph_service import Answered, Asked, GraphService, must_be
from policies.connectors.states import Failures, Forbidden

CANNOT_BE_CHANGED = "group cannot be changed"
KIND = "id,groupTypes,mailEnabled,onPremisesSyncEnabled"
NOT_FOUND = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}  # the former for an id that cannot be one
SO_ALREADY = {"POST": "object references already exist", "DELETE": "object references do not exist"}


class GraphGroup:
    """Its members by their ids."""

    def __init__(self, service: GraphService, group: str) -> None:
        self.service, self.id = service, group
        self._takes_members = False  # whether it has let any membership be changed yet

    @property
    def _path(self) -> str:
        return f"/groups/{quote(self.id, safe='')}"

    def asks_about(self, user: str) -> Asked:
        """Whether a user is a member, also by way of another group."""
        return Asked("POST", f"/users/{quote(user, safe='')}/checkMemberGroups", {"groupIds": [self.id]})

    def must_be_changeable(self) -> None:
        """Configuration when the group is not there, or when a rule, Exchange or a directory elsewhere says who is in it."""
        answer = self.service.batch({"1": Asked("GET", f"{self._path}?$select={KIND}")})["1"]
        if answer.status in NOT_FOUND:
            raise Configuration("the group was not found")
        must_be(answer, "id", str)
        if _is_kept_elsewhere(answer.body):
            raise Configuration(CANNOT_BE_CHANGED)

    def change(self, wished: Mapping[str, tuple[str, str]]) -> Failures:
        """Failures by key, of users and the states they are to have. That it is so already is none: it is read back anyway.

        Where something is refused, it is looked whether the group is the reason, which concerns them all.
        """
        asked = {key: self._membership(user, state) for key, (user, state) in wished.items()}
        answers = self.service.batch(asked)
        refused = {key: answer for key, answer in answers.items() if answer.failure and not _is_so_already(asked[key], answer)}
        self._takes_members |= any(not answer.failure for answer in answers.values())
        if any(isinstance(answer.failure, Permanent) for answer in refused.values()):
            self.must_be_changeable()
        failures = {key: self._of_one_member(answer) for key, answer in refused.items()}
        return {key: failure for key, failure in failures.items() if failure}

    def _membership(self, user: str, state: str) -> Asked:
        if state == "on":
            return Asked("POST", f"{self._path}/members/$ref", {"@odata.id": f"{self.service.graph}/v1.0/directoryObjects/{user}"})
        return Asked("DELETE", f"{self._path}/members/{quote(user, safe='')}/$ref")

    def _of_one_member(self, answer: Answered) -> Kept | None:
        """What a refusal means where the group itself is in order."""
        if answer.status == HTTPStatus.NOT_FOUND:  # a user so new, or deleted so lately, that not all of Graph knows it
            return Transient(f"HTTP {answer.status}", is_expected=True)
        if answer.status == HTTPStatus.BAD_REQUEST and not self._takes_members:
            return Forbidden(f"HTTP {answer.status}", CANNOT_BE_CHANGED)
        return answer.failure


def _is_kept_elsewhere(group: dict[str, Any]) -> bool:
    """Microsoft 365 groups ("Unified") are mail-enabled, too, and Graph does change their members."""
    types = group.get("groupTypes") or []
    is_of_exchange = group.get("mailEnabled") is True and "Unified" not in types
    return "DynamicMembership" in types or is_of_exchange or group.get("onPremisesSyncEnabled") is True


def _is_so_already(asked: Asked, answer: Answered) -> bool:
    """Whether somebody was a member before, or was none: an error whose code says nothing and whose words do."""
    if answer.status == HTTPStatus.NOT_FOUND and asked.method == "DELETE":
        return True
    return answer.status == HTTPStatus.BAD_REQUEST and SO_ALREADY[asked.method] in _message(answer)


def _message(answer: Answered) -> str:
    error = answer.body.get("error")
    return str(error.get("message")) if isinstance(error, dict) else ""
