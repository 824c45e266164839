"""The site's own sign-in as a connected system: it starts or stops asking for a verification."""

from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from policies.connectors.base import Answer, Capability, Change, Connector, Outdated, Permanent, together
from policies.connectors.states import portions

PORTION = 500


class LocalConnector(Connector):
    """Sets the state on the account, never over a newer revision."""

    code = "local"
    label = _("This site")
    capability = Capability.SET_STATE
    needs_address = False
    needs_credentials = False

    def tell(self, change: Change) -> None:
        """One change by itself."""
        for answer in self.apply([change]):
            if answer.failure:
                raise answer.failure

    def apply(self, changes: Sequence[Change]) -> Iterator[Answer]:
        """Many accounts in one transaction, then what was read in it is judged."""
        for some in portions(changes, lambda: PORTION):
            stands = _set(some)
            yield from together([Answer(change, _objection(change, stands.get(change.account))) for change in some])

    def read(self, accounts: Sequence[str]) -> dict[str, str]:
        """What the sign-in asks of these accounts."""
        rows = Account.objects.filter(common_id__in=accounts).values_list("common_id", "mfa_asked_here")
        return {account: "on" if asked else "off" for account, asked in rows}

    def try_connection(self) -> None:
        """There is nothing between this site and its sign-in."""


@transaction.atomic
def _set(changes: Sequence[Change]) -> dict[str, tuple[bool, int]]:
    """Set what is newer, under the accounts' locks; returns what stands then: whether it is asked, and since which revision."""
    accounts = Account.objects.filter(common_id__in=[change.account for change in changes])
    stands = {name: (asked, revision) for name, asked, revision in _locked(accounts)}
    by_value: dict[tuple[bool, int], list[str]] = {}
    for change in changes:
        if change.account in stands and stands[change.account][1] < change.revision:
            by_value.setdefault(_value(change), []).append(change.account)
    for value, names in by_value.items():
        Account.objects.filter(common_id__in=names).update(mfa_asked_here=value[0], mfa_asked_revision=value[1])
        stands |= dict.fromkeys(names, value)
    return stands


def _locked(accounts: QuerySet[Account]) -> Iterable[tuple[str, bool, int]]:
    """In the order in which everybody locks accounts."""
    rows = accounts.select_for_update(no_key=True).order_by("pk")
    return rows.values_list("common_id", "mfa_asked_here", "mfa_asked_revision")


def _value(change: Change) -> tuple[bool, int]:
    return change.state == "on", change.revision


def _objection(change: Change, stands: tuple[bool, int] | None) -> Outdated | Permanent | None:
    if stands == _value(change):
        return None
    if stands and stands[1] > change.revision:
        return Outdated("a newer revision is in force")
    return Permanent("no such account, or another state at this revision")
