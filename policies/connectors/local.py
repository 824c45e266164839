"""The site's own sign-in as a connected system: it starts or stops asking for a verification."""

from accounts.models import Account
from policies.connectors.base import Capability, Change, Connector, Outdated, Permanent


class LocalConnector(Connector):
    """Sets the state on the account, never over a newer revision, in one statement."""

    code = "local"
    capability = Capability.SET_STATE

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
