"""The site's own sign-in as a connected system: it starts or stops asking for a verification."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from policies.connectors.base import Capability, Change, Connector, Outdated, Permanent


class LocalConnector(Connector):
    """Sets the state on the account, never over a newer revision, in one statement."""

    code = "local"
    label = _("This site")
    capability = Capability.SET_STATE
    needs_address = False
    needs_credentials = False

    def tell(self, change: Change) -> None:
        """Set and, when nothing was to be changed, read back."""
        wanted = {"mfa_asked_here": change.state == "on", "mfa_asked_revision": change.revision}
        account = Account.objects.filter(common_id=change.account)
        if account.filter(mfa_asked_revision__lt=change.revision).update(**wanted):
            return
        if account.filter(**wanted).exists():
            return
        if account.filter(mfa_asked_revision__gt=change.revision).exists():
            raise Outdated("a newer revision is in force")
        raise Permanent("no such account, or another state at this revision")

    def read(self, accounts: Sequence[str]) -> dict[str, str]:
        """What the sign-in asks of these accounts."""
        rows = Account.objects.filter(common_id__in=accounts).values_list("common_id", "mfa_asked_here")
        return {account: "on" if asked else "off" for account, asked in rows}

    def try_connection(self) -> None:
        """There is nothing between this site and its sign-in."""
