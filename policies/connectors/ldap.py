"""A directory (OpenLDAP, 389 and their like): an attribute of the entry, membership of a group, or both."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE, SUBTREE
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from policies.connectors.base import Change, Configuration, Permanent, Transient
from policies.connectors.directory import NOT_ALLOWED, NOT_FOUND, Directory, Entry, failure_of
from policies.connectors.options import Chosen, Option
from policies.connectors.states import NOT_THERE, Failures, Forbidden, SetStateConnector, only
from policies.connectors.web import CERTIFICATES

ALREADY = {16, 20}  # noSuchAttribute, attributeOrValueExists: the value is, or is not, there already


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
        found, failures = self._find([change.account for change in changes]), Failures()
        for change in changes:
            entries = found[change.account]
            failure = only(entries) or self._set(change, entries[0])
            if failure:
                failures[change.key] = failure
        return failures

    def _set(self, change: Change, entry: Entry) -> Permanent | None:
        """Only what differs: nothing is written over what is as it should be."""
        if self.chosen.text("state_attribute") and self._attribute_state(entry) != change.state:
            value = self.chosen.text("on_value" if change.state == "on" else "off_value")
            operation = [(MODIFY_REPLACE, [value] if value else [])]
            if refused := self._modify(entry.dn, {self.chosen.text("state_attribute"): operation}):
                return refused
        if self.chosen.text("group_dn"):
            how = MODIFY_ADD if change.state == "on" else MODIFY_DELETE
            member = {self.chosen.text("member_attribute"): [(how, [self._member(change.account, entry)])]}
            return self._modify(self.chosen.text("group_dn"), member)
        return None

    def _modify(self, dn: str, what: dict[str, list[tuple[str, list[str]]]]) -> Permanent | None:
        """Permanent when the directory refuses it for this entry; raises what concerns all of them."""
        code, is_entry = self._open().modify(dn, what), dn != self.chosen.text("group_dn")
        if is_entry and code == NOT_ALLOWED:  # a directory may protect single entries
            return Forbidden(failure_of(code).why)
        failure = None if code == 0 or code in ALREADY else failure_of(code)
        if is_entry and code == NOT_FOUND:
            failure = Permanent(NOT_THERE)
        if isinstance(failure, Configuration | Transient):
            raise failure
        self.allows |= is_entry
        return failure

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
        """Sign in, and look at the base and at the group."""
        try:
            self._open().must_exist(self.chosen.text("base_dn"), self.chosen.text("group_dn"))
        except LDAPException as error:
            raise Configuration(f"the directory cannot be read: {type(error).__name__}") from None
        finally:
            self.close()
