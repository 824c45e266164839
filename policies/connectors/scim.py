"""A system that speaks SCIM 2.0 (RFC 7643, 7644): an attribute of the user, membership of a group, or both."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from policies.connectors.base import Change, Kept, Permanent
from policies.connectors.options import Chosen, Option
from policies.connectors.scim_group import ScimGroup
from policies.connectors.scim_service import ScimService, ScimUser, written
from policies.connectors.states import Failures, Forbidden, SetStateConnector, only
from policies.connectors.web import CERTIFICATES, is_token

NEVER = {"active", "username", "password", "id", "externalid", "emails", "roles"}  # setting these does something else than asking for MFA


class ScimConnector(SetStateConnector):
    """Looks a portion of users up, changes what differs in one bulk request or one by one, and looks again."""

    code = "scim"
    label = "SCIM 2.0"
    portion = 20  # of a filter that still fits into an address
    options = (
        Option("account_attribute", _("Attribute with the Common ID"), default="userName", required=True),
        Option("state_attribute", _("Attribute that holds the state"), help=_("With its schema, if it is one of an extension.")),
        Option("on_value", _("Its value while MFA is used"), default="true", help=_("true and false are sent as such, all else as text.")),
        Option("off_value", _("Its value otherwise"), default="false", help=_("Empty: the attribute is removed.")),
        Option("group_id", _("Id of the group of those who use MFA")),
        Option("bulk", _("The service takes bulk requests"), default=False),
        CERTIFICATES,
    )
    _service: ScimService | None = None
    _group: ScimGroup | None = None

    @classmethod
    def objection(cls, chosen: Chosen) -> str:
        """Without an attribute or a group there is nothing to set."""
        attribute = chosen.text("state_attribute")
        if not attribute and not chosen.text("group_id"):
            return "neither an attribute nor a group is given"
        if attribute.rpartition(":")[2].partition(".")[0].lower() in NEVER:
            return "this attribute has a meaning of its own"
        if attribute and chosen.text("on_value") in {"", chosen.text("off_value")}:
            return "the two values of the attribute are the same"
        return ""

    @classmethod
    def objection_to_secret(cls, secret: str) -> str:
        """It stands in a header, which is one line."""
        return "" if is_token(secret) else "the secret is not a token"

    @property
    def first_portion(self) -> int:
        """One alone: each user may take requests of its own."""
        return 1

    @property
    def service(self) -> ScimService:
        """The other side, with what was found out about it for as long as this connector lives."""
        if self._service is None:
            self._service = ScimService(self.system.address, self.secret(), self.chosen.text("certificates"), self.budget)
        return self._service

    @property
    def group(self) -> ScimGroup:
        """The group on the other side, with what was found out about it."""
        if self._group is None:
            self._group = ScimGroup(self.service, self.chosen.text("group_id"))
        return self._group

    def write(self, changes: Sequence[Change]) -> Failures:
        """Change what is not yet as it is to be."""
        with self.looking_up():
            found = self._find([change.account for change in changes])
        failures, known = Failures(), list[tuple[Change, ScimUser]]()
        for change in changes:
            users = found[change.account]
            if failure := only(users):
                failures[change.key] = failure
            else:
                known.append((change, users[0]))
        if self.chosen.text("state_attribute"):
            failures |= self._write_attribute([(change, user) for change, user in known if self._attribute_state(user) != change.state])
        if self.chosen.text("group_id"):
            left = [(change, user) for change, user in known if change.key not in failures]
            failures |= self._write_group([(change, user) for change, user in left if self._is_to_be_told(change, user)])
        return failures

    def _write_attribute(self, todo: list[tuple[Change, ScimUser]]) -> Failures:
        patches = {change.key: (user, [self._operation(change)]) for change, user in todo}
        outcomes = self.service.patch_users(patches, bulk=self.chosen.flag("bulk"))
        self.allows |= any(not isinstance(outcome, Forbidden) for outcome in outcomes.values())
        return {key: failure for key, failure in outcomes.items() if failure}

    def _operation(self, change: Change) -> dict[str, Any]:
        path = self.chosen.text("state_attribute")
        text = self.chosen.text("on_value" if change.state == "on" else "off_value")
        return {"op": "replace", "path": path, "value": _value(text)} if text else {"op": "remove", "path": path}

    def _is_to_be_told(self, change: Change, user: ScimUser) -> bool:
        """Not what is so already. A service that has named no member yet may name none ever: to such a one each removal is sent."""
        return not user.member if change.state == "on" else user.member or not self.group.names_members

    def _write_group(self, todo: list[tuple[Change, ScimUser]]) -> Failures:
        """All memberships in one request; where it is refused, one by one: the reason may be one of them."""
        operations = {change.key: _membership(change, user) for change, user in todo}
        failure = self._patch_group(operations)
        if not isinstance(failure, Permanent) or len(operations) == 1:
            return dict.fromkeys(operations, failure) if failure else {}
        outcomes = {key: self._patch_group({key: operation}) for key, operation in operations.items()}
        return {key: outcome for key, outcome in outcomes.items() if outcome}

    def _patch_group(self, operations: dict[str, dict[str, Any]]) -> Kept | None:
        return self.group.patch(list(operations.values())) if operations else None

    def read(self, accounts: Sequence[str]) -> dict[str, str]:
        """Attribute and membership as the service holds them; `other` where they contradict each other."""
        states: dict[str, str] = {}
        for start in range(0, len(accounts), self.portion):
            found = self._find(accounts[start : start + self.portion])
            states |= {account: self._state(users[0]) for account, users in found.items() if len(users) == 1}
        return states

    def _find(self, accounts: Sequence[str]) -> dict[str, list[ScimUser]]:
        """The users of each account, with their membership where a group is given."""
        found = self.service.users(accounts, self.chosen.text("account_attribute"), self.chosen.text("state_attribute"))
        return self.group.with_membership(found) if self.chosen.text("group_id") else found

    def _state(self, user: ScimUser) -> str:
        states = set()
        if self.chosen.text("state_attribute"):
            states.add(self._attribute_state(user))
        if self.chosen.text("group_id"):
            states.add("on" if user.member else "off")
        return states.pop() if len(states) == 1 else "other"

    def _attribute_state(self, user: ScimUser) -> str:
        if user.value in (None, []):  # which is the same (RFC 7643 2.5)
            return "off"
        if isinstance(user.value, list | dict):
            return "other"
        return {self.chosen.text("off_value"): "off", self.chosen.text("on_value"): "on"}.get(written(user.value), "other")

    def try_connection(self) -> None:
        """Read what the service can do, two users, for whom the token is needed, and whether it tells members from others."""
        self.service.must_support(bulk=self.chosen.flag("bulk"))
        self.service.users(["-", "_"], self.chosen.text("account_attribute"), self.chosen.text("state_attribute"))
        if self.chosen.text("group_id"):
            self.group.must_exist()
            self.group.must_tell_members()
            self.group.must_name_members()


def _value(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)


def _membership(change: Change, user: ScimUser) -> dict[str, Any]:
    if change.state == "on":
        return {"op": "add", "path": "members", "value": [{"value": user.id}]}
    return {"op": "remove", "path": f'members[value eq "{user.id}"]'}
