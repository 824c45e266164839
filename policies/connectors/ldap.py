"""A directory (OpenLDAP, 389 and their like): an attribute of the entry, membership of a group, or both."""

from collections.abc import Container, Sequence

from django.utils.translation import gettext_lazy as _
from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE, SUBTREE
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from policies.connectors.base import Change, Configuration, Permanent, Transient, Unknown
from policies.connectors.directory import NOT_ALLOWED, NOT_FOUND, UNWILLING, Directory, Entry, failure_of
from policies.connectors.options import Chosen, Option
from policies.connectors.states import NOT_THERE, Failures, Forbidden, SetStateConnector, only
from policies.connectors.web import CERTIFICATES

ALREADY = {16, 20}  # noSuchAttribute, attributeOrValueExists: the value is, or is not, there already
MEMBER_ALREADY = ALREADY | {68}  # entryAlreadyExists: so says Active Directory
Told = tuple[Change, Entry]


class LdapConnector(SetStateConnector):
    """Finds the entries of a portion in one search, changes what differs, and searches again."""

    code = "ldap"
    label = _("LDAP directory")
    options = (
        Option("bind_dn", _("DN to sign in with"), required=True, bears_credentials=True),
        Option("start_tls", _("StartTLS"), default=True, help=_("For ldap:// addresses. Without TLS nothing is ever sent.")),
        CERTIFICATES,
        Option("base_dn", _("Base DN of the accounts"), required=True),
        Option("account_attribute", _("Attribute with the Common ID"), default="uid", required=True),
        Option("account_filter", _("Only entries that match this filter"), help=_("For example (objectClass=person).")),
        Option("state_attribute", _("Attribute that holds the state")),
        Option("on_value", _("Its value while MFA is used"), default="TRUE"),
        Option("off_value", _("Its value otherwise"), help=_("Empty: the attribute is removed.")),
        Option("group_dn", _("DN of the group of those who use MFA")),
        Option("member_attribute", _("Attribute of its members"), default="member", help=_("member, uniqueMember or memberUid.")),
        Option("member_is_account", _("Members are Common IDs, not DNs"), default=False, help=_("As in posixGroup.")),
    )

    @classmethod
    def objection(cls, chosen: Chosen) -> str:
        """Without an attribute or a group there is nothing to set."""
        if not chosen.text("state_attribute") and not chosen.text("group_dn"):
            return "neither an attribute nor a group is given"
        if chosen.text("state_attribute") and chosen.text("on_value") in {"", chosen.text("off_value")}:
            return "the two values of the attribute are the same"
        return ""

    _directory: Directory | None = None

    def close(self) -> None:
        """Sign off from the directory."""
        if self._directory:
            self._directory.close()
        self._directory = None

    def _open(self) -> Directory:
        if self._directory is None:
            chosen = self.chosen
            self._directory = Directory(
                self.system.address,
                bind_dn=chosen.text("bind_dn"),
                password=self.secret(),
                start_tls=chosen.flag("start_tls"),
                certificates=chosen.text("certificates"),
                budget=self.budget,
            )
        return self._directory

    def write(self, changes: Sequence[Change]) -> Failures:
        """Change the entries that are not yet as they are to be."""
        with self.looking_up():
            found = self._find([change.account for change in changes])
        failures, left = Failures(), list[Told]()
        for change in changes:
            entries = found[change.account]
            failure = only(entries) or self._set(change, entries[0])
            if failure:
                failures[change.key] = failure
            else:
                left.append((change, entries[0]))
        return failures | self._write_group(left)

    def _set(self, change: Change, entry: Entry) -> Permanent | None:
        """Only what differs: nothing is written over what is as it should be."""
        if not self.chosen.text("state_attribute") or self._attribute_state(entry) == change.state:
            return None
        value = self.chosen.text("on_value" if change.state == "on" else "off_value")
        operation = [(MODIFY_REPLACE, [value] if value else [])]
        code = self._open().modify(entry.dn, {self.chosen.text("state_attribute"): operation})
        if code == NOT_ALLOWED:  # a directory may protect single entries
            return Forbidden(failure_of(code).why)
        failure = Unknown(NOT_THERE) if code == NOT_FOUND else _kept(code, ALREADY)
        self.allows = True
        return failure

    def _write_group(self, told: Sequence[Told]) -> Failures:
        """Only membership that differs: Active Directory refuses to make it what it is already."""
        if not (told and self.chosen.text("group_dn")):
            return {}
        if not self._all_differ(told):
            told = [(change, entry) for change, entry in told if self._group_state(change.account, entry) != change.state]
        outcomes = {change.key: self._move(change, entry) for change, entry in told}
        return {key: failure for key, failure in outcomes.items() if failure}

    def _all_differ(self, told: Sequence[Told]) -> bool:
        """Asked in one request, because of most portions it is true. Where it is not known to be, each is asked about."""
        query = "".join(self._differs(change, entry) for change, entry in told)
        return self._open().matches(self.chosen.text("group_dn"), f"(&{query})")

    def _differs(self, change: Change, entry: Entry) -> str:
        """A filter that the group matches while membership is not as it is to be."""
        is_member = f"({self.chosen.text('member_attribute')}={escape_filter_chars(self._member(change.account, entry))})"
        return f"(!{is_member})" if change.state == "on" else is_member

    def _move(self, change: Change, entry: Entry) -> Permanent | None:
        """Into the group or out of it; what came about meanwhile is no failure, and is read back like all else."""
        how = MODIFY_ADD if change.state == "on" else MODIFY_DELETE
        member = {self.chosen.text("member_attribute"): [(how, [self._member(change.account, entry)])]}
        code = self._open().modify(self.chosen.text("group_dn"), member)
        # Active Directory says UNWILLING of who is no member, and others of much else.
        is_so = code == UNWILLING and self._group_state(change.account, entry) == change.state
        return None if is_so else _kept(code, MEMBER_ALREADY)

    def read(self, accounts: Sequence[str]) -> dict[str, str]:
        """Attribute and membership as the directory holds them; `other` where they contradict each other."""
        found = self._find(accounts)
        return {account: self._state(account, entries[0]) for account, entries in found.items() if len(entries) == 1}

    def _state(self, account: str, entry: Entry) -> str:
        states = set()
        if self.chosen.text("state_attribute"):
            states.add(self._attribute_state(entry))
        if self.chosen.text("group_dn"):
            states.add(self._group_state(account, entry))
        return states.pop() if len(states) == 1 else "other"

    def _attribute_state(self, entry: Entry) -> str:
        values = entry.values(self.chosen.text("state_attribute"))
        off = self.chosen.text("off_value")
        if values == [self.chosen.text("on_value")]:
            return "on"
        return "off" if not values or values == [off] else "other"

    def _group_state(self, account: str, entry: Entry) -> str:
        group, attribute = self.chosen.text("group_dn"), self.chosen.text("member_attribute")
        return "on" if self._open().holds(group, attribute, self._member(account, entry)) else "off"

    def _member(self, account: str, entry: Entry) -> str:
        return account if self.chosen.flag("member_is_account") else entry.dn

    def _find(self, accounts: Sequence[str]) -> dict[str, list[Entry]]:
        """The entries of each account, in one search."""
        name, more = self.chosen.text("account_attribute"), self.chosen.text("account_filter")
        any_of = "".join(f"({name}={escape_filter_chars(account)})" for account in accounts)
        attributes = [name, *filter(None, [self.chosen.text("state_attribute")])]
        entries = self._open().search(self.chosen.text("base_dn"), f"(&{more}(|{any_of}))", SUBTREE, attributes)
        by_account: dict[str, list[Entry]] = {account: [] for account in accounts}
        for entry in entries:
            for value in entry.values(name):
                if value in by_account:
                    by_account[value].append(entry)
        return by_account

    def try_connection(self) -> None:
        """Sign in, look at the base and at the group, and search as for a change, for nobody."""
        try:
            self._must_be_usable(self._open())
        except LDAPException as error:
            raise Configuration(f"the directory cannot be read: {type(error).__name__}") from None
        finally:
            self.close()

    def _must_be_usable(self, directory: Directory) -> None:
        base, group = self.chosen.text("base_dn"), self.chosen.text("group_dn")
        directory.must_exist(base, group)
        directory.must_know(base, self.chosen.text("account_attribute"), self.chosen.text("state_attribute"))
        if group:
            directory.must_know(group, self.chosen.text("member_attribute"))
        self._find(["-"])


def _kept(code: int, harmless: Container[int]) -> Permanent | None:
    """Permanent when the directory refuses it for this entry; raises what concerns all of them."""
    failure = None if code == 0 or code in harmless else failure_of(code)
    if isinstance(failure, Configuration | Transient):
        raise failure
    return failure
