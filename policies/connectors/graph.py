"""Microsoft Entra ID by Microsoft Graph: membership of a group, the per-user requirement of MFA, or both."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from policies.connectors.base import Change, Permanent
from policies.connectors.graph_service import BATCH, Answered, Asked, GraphService, must_be, odata
from policies.connectors.options import Chosen, Option
from policies.connectors.states import NOT_THERE, Failures, SetStateConnector, only
from policies.connectors.web import listed

REQUIREMENT = {"on": "enforced", "off": "disabled"}
OF_ONE_USER = {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}
ACCOUNT_ATTRIBUTES = ("userPrincipalName", "employeeId", "onPremisesSamAccountName", "mailNickname")


class GraphConnector(SetStateConnector):
    """Everything in batches of twenty: who it is, what stands, what differs, and once more what stands."""

    code = "graph"
    label = "Microsoft Graph"
    portion = BATCH
    needs_address = False
    options = (
        Option("tenant", _("Directory (tenant) id"), required=True, bears_credentials=True),
        Option("client", _("Application (client) id"), required=True, bears_credentials=True),
        Option(
            "account_attribute",
            _("Attribute with the Common ID"),
            default="userPrincipalName",
            choices=tuple((name, name) for name in ACCOUNT_ATTRIBUTES),
        ),
        Option("account_suffix", _("What follows the Common ID there"), help=_("For example @example.ac.jp.")),
        Option("group_id", _("Id of the group of those who use MFA")),
        Option("per_user", _("Set the per-user MFA state (enforced, disabled)"), default=False),
        Option(
            "per_user_version",
            _("Version of Graph for the per-user state"),
            default="beta",
            choices=(("beta", "beta"), ("v1.0", "v1.0")),
            help=_("Microsoft documents the per-user state under beta."),
        ),
        Option("sign_in_address", _("Address of the sign-in"), default="https://login.microsoftonline.com", bears_credentials=True),
        Option("graph_address", _("Address of Microsoft Graph"), default="https://graph.microsoft.com", bears_credentials=True),
    )
    _service: GraphService | None = None

    @classmethod
    def objection(cls, chosen: Chosen) -> str:
        """Without a group or the requirement there is nothing to set."""
        return "" if chosen.text("group_id") or chosen.flag("per_user") else "neither a group nor the per-user state is given"

    @property
    def service(self) -> GraphService:
        """The other side, with one token for as long as this connector lives."""
        if self._service is None:
            chosen = self.chosen
            self._service = GraphService(
                graph=chosen.text("graph_address"),
                sign_in=chosen.text("sign_in_address"),
                tenant=chosen.text("tenant"),
                client=chosen.text("client"),
                secret=self.secret(),
                budget=self.budget,
            )
        return self._service

    def write(self, changes: Sequence[Change]) -> Failures:
        """Change what is not yet as it is to be."""
        found, failures = self._find([change.account for change in changes]), Failures()
        todo: list[tuple[Change, str]] = []
        for change in changes:
            if failure := only(found[change.account]):
                failures[change.key] = failure
            else:
                todo.append((change, found[change.account][0]))
        stands, gone = self._stands([user for _change, user in todo])
        failures |= {change.key: gone[user] for change, user in todo if user in gone}
        differing = [(change, user) for change, user in todo if user in stands and stands[user] != {change.state}]
        if self.chosen.text("group_id") and differing:
            failures |= self._send({change.key: self._membership(change, user) for change, user in differing})
        if self.chosen.flag("per_user") and differing:
            failures |= self._send({change.key: _requirement(change, user) for change, user in differing}, version=self._per_user_version)
        return failures

    @property
    def _per_user_version(self) -> str:
        return self.chosen.text("per_user_version")

    def _send(self, asked: dict[str, Asked], *, version: str = "v1.0") -> Failures:
        """Failures by key. That somebody is in the group, or is not, already is none: it is read back anyway."""
        failures: Failures = {}
        for key, answer in self.service.batch(asked, version=version).items():
            failure = answer.failure
            harmless = isinstance(failure, Permanent) and asked[key].may_be_so_already and answer.status in {400, 404}
            if failure and not harmless:
                failures[key] = failure
        return failures

    def _membership(self, change: Change, user: str) -> Asked:
        members = f"/groups/{quote(self.chosen.text('group_id'), safe='')}/members"
        if change.state == "on":
            body = {"@odata.id": f"{self.service.graph}/v1.0/directoryObjects/{user}"}
            return Asked("POST", f"{members}/$ref", body, may_be_so_already=True)
        return Asked("DELETE", f"{members}/{quote(user, safe='')}/$ref", may_be_so_already=True)

    def read(self, accounts: Sequence[str]) -> dict[str, str]:
        """Membership (also by way of another group) and requirement; `other` where they contradict each other."""
        states: dict[str, str] = {}
        for start in range(0, len(accounts), BATCH):
            found = {account: users for account, users in self._find(accounts[start : start + BATCH]).items() if len(users) == 1}
            stands, _gone = self._stands([users[0] for users in found.values()])
            states |= {account: _one(stands[users[0]]) for account, users in found.items() if users[0] in stands}
        return states

    def _find(self, accounts: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the users of each account."""
        name, suffix = self.chosen.text("account_attribute"), self.chosen.text("account_suffix")
        asked = {account: _lookup(name, f"{account}{suffix}") for account in accounts}
        found = {}
        for account, answer in self.service.batch(asked).items():
            users = listed(must_be(answer, "value", list))
            ids = [str(one["id"]) for one in users if str(one.get(name)).lower() == f"{account}{suffix}".lower() and one.get("id")]
            found[account] = ids
        return found

    def _stands(self, users: Sequence[str]) -> tuple[dict[str, set[str]], dict[str, Permanent]]:
        """What is so for each user, one state or two that contradict each other; and who cannot be asked about.

        Looking up is done in an index, which goes on naming those who were just deleted.
        """
        states: dict[str, set[str]] = {user: set() for user in users}
        gone: dict[str, Permanent] = {}
        if group := self.chosen.text("group_id"):
            for user, answer in self._known({user: _is_member(user, group) for user in states}, gone).items():
                states[user].add("on" if group in must_be(answer, "value", list) else "off")
        if self.chosen.flag("per_user"):
            asked = {user: _reads_requirement(user) for user in states if user not in gone}
            for user, answer in self._known(asked, gone, version=self._per_user_version).items():
                kept = must_be(answer, "perUserMfaState", str)
                states[user].add({word: state for state, word in REQUIREMENT.items()}.get(kept, "other"))
        return {user: found for user, found in states.items() if user not in gone}, gone

    def _known(self, asked: dict[str, Asked], gone: dict[str, Permanent], *, version: str = "v1.0") -> dict[str, Answered]:
        """The answers about users whom Graph knows and lets be asked about; the others are added to those who are `gone`."""
        answers = self.service.batch(asked, version=version) if asked else {}
        for user, answer in answers.items():
            if isinstance(answer.failure, Permanent) and answer.status in OF_ONE_USER:
                gone[user] = Permanent(NOT_THERE) if answer.status == HTTPStatus.NOT_FOUND else answer.failure
        return {user: answer for user, answer in answers.items() if user not in gone}

    def try_connection(self) -> None:
        """Get a token, and look up what the group is called."""
        group = self.chosen.text("group_id")
        path = f"/groups/{quote(group, safe='')}?$select=id" if group else "/users?$top=1&$select=id"
        must_be(self.service.batch({"1": Asked("GET", path)})["1"], "id" if group else "value", str if group else list)


def _lookup(name: str, value: str) -> Asked:
    query = f"$filter={quote(f'{name} eq {odata(value)}', safe='')}&$select=id,{name}&$count=true"
    return Asked("GET", f"/users?{query}", headers={"ConsistencyLevel": "eventual"})


def _is_member(user: str, group: str) -> Asked:
    return Asked("POST", f"/users/{quote(user, safe='')}/checkMemberGroups", {"groupIds": [group]})


def _reads_requirement(user: str) -> Asked:
    return Asked("GET", f"/users/{quote(user, safe='')}/authentication/requirements")


def _requirement(change: Change, user: str) -> Asked:
    body: dict[str, Any] = {"perUserMfaState": REQUIREMENT[change.state]}
    return Asked("PATCH", f"/users/{quote(user, safe='')}/authentication/requirements", body)


def _one(states: set[str]) -> str:
    return next(iter(states)) if len(states) == 1 else "other"
