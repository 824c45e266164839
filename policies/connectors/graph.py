"""Microsoft Entra ID by Microsoft Graph: membership of a group, the per-user requirement of MFA, or both."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from policies.connectors.base import Change, Configuration, Permanent, Unknown
from policies.connectors.graph_group import GraphGroup
from policies.connectors.graph_service import BATCH, LACKS_PERMISSION, Answered, Asked, GraphService, must_be, odata
from policies.connectors.options import Chosen, Option
from policies.connectors.states import NOT_THERE, Failures, Forbidden, SetStateConnector, only
from policies.connectors.web import listed

REQUIREMENT = {"on": "enforced", "off": "disabled"}
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
    _group: GraphGroup | None = None

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

    @property
    def group(self) -> GraphGroup:
        """The group on the other side."""
        if self._group is None:
            self._group = GraphGroup(self.service, self.chosen.text("group_id"))
        return self._group

    def write(self, changes: Sequence[Change]) -> Failures:
        """Change what is not yet as it is to be."""
        with self.looking_up():
            found = self._find([change.account for change in changes])
            failures: Failures = {change.key: failure for change in changes if (failure := only(found[change.account]))}
            todo = [(change, found[change.account][0]) for change in changes if change.key not in failures]
            stands, gone = self._stands([user for _change, user in todo])
        failures |= {change.key: gone[user] for change, user in todo if user in gone}
        differing = [(change, user) for change, user in todo if user in stands and stands[user] != {change.state}]
        if self.chosen.text("group_id") and differing:
            failures |= self.group.change({change.key: (user, change.state) for change, user in differing})
        if self.chosen.flag("per_user") and differing:
            failures |= self._write_requirements(differing)
        self.allows |= any(not isinstance(failures.get(change.key), Forbidden) for change, _user in differing)
        return failures

    @property
    def _per_user_version(self) -> str:
        return self.chosen.text("per_user_version")

    def _write_requirements(self, differing: Sequence[tuple[Change, str]]) -> Failures:
        asked = {change.key: _requirement(change, user) for change, user in differing}
        answers = self.service.batch(asked, version=self._per_user_version)
        return {key: answer.failure for key, answer in answers.items() if answer.failure}

    def read(self, accounts: Sequence[str]) -> dict[str, str]:
        """Membership (also by way of another group) and requirement; `other` where they contradict each other."""
        states: dict[str, str] = {}
        for start in range(0, len(accounts), BATCH):
            found = {account: users for account, users in self._find(accounts[start : start + BATCH]).items() if len(users) == 1}
            stands, gone = self._stands([users[0] for users in found.values()])
            if [type(failure) for failure in gone.values()].count(Forbidden) > 1:
                raise Configuration(LACKS_PERMISSION)
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
        if self.chosen.text("group_id"):
            for user, answer in self._known({user: self.group.asks_about(user) for user in states}, gone).items():
                states[user].add("on" if self.group.id in must_be(answer, "value", list) else "off")
        if self.chosen.flag("per_user"):
            asked = {user: _reads_requirement(user) for user in states if user not in gone}
            for user, answer in self._known(asked, gone, version=self._per_user_version).items():
                kept = must_be(answer, "perUserMfaState", str)
                states[user].add({word: state for state, word in REQUIREMENT.items()}.get(kept, "other"))
        return {user: found for user, found in states.items() if user not in gone}, gone

    def _known(self, asked: dict[str, Asked], gone: dict[str, Permanent], *, version: str = "v1.0") -> dict[str, Answered]:
        """The answers about users whom Graph knows and lets be asked about; the others are added to those who are `gone`."""
        answers = self.service.batch(asked, version=version) if asked else {}
        lets_others = any(not isinstance(answer.failure, Forbidden) for answer in answers.values())
        for user, answer in answers.items():
            if answer.status == HTTPStatus.NOT_FOUND:
                gone[user] = Unknown(NOT_THERE)
            elif isinstance(answer.failure, Forbidden):
                gone[user] = Permanent(answer.failure.why) if lets_others else answer.failure
        return {user: answer for user, answer in answers.items() if user not in gone}

    def try_connection(self) -> None:
        """Get a token, look at the group, and read the requirement of one user: for that a permission of its own is needed."""
        if self.chosen.text("group_id"):
            self.group.must_be_changeable()
        if self.chosen.flag("per_user"):
            users = must_be(self.service.batch({"1": Asked("GET", "/users?$top=1&$select=id")})["1"], "value", list)
            for user in listed(users)[:1]:
                asked = {"1": _reads_requirement(str(user.get("id")))}
                must_be(self.service.batch(asked, version=self._per_user_version)["1"], "perUserMfaState", str)


def _lookup(name: str, value: str) -> Asked:
    query = f"$filter={quote(f'{name} eq {odata(value)}', safe='')}&$select=id,{name}&$count=true"
    return Asked("GET", f"/users?{query}", headers={"ConsistencyLevel": "eventual"})


def _reads_requirement(user: str) -> Asked:
    return Asked("GET", f"/users/{quote(user, safe='')}/authentication/requirements")


def _requirement(change: Change, user: str) -> Asked:
    body: dict[str, Any] = {"perUserMfaState": REQUIREMENT[change.state]}
    return Asked("PATCH", f"/users/{quote(user, safe='')}/authentication/requirements", body)


def _one(states: set[str]) -> str:
    return next(iter(states)) if len(states) == 1 else "other"
