"""Connected systems, applications for MFA use, terminations, deliveries, versions of the policy."""

from policies.models.applications import Application, Termination
from policies.models.deliveries import Delivery
from policies.models.systems import ConnectedSystem
from policies.models.versions import AccountList, ListedAccount, PolicyVersion

__all__ = ["AccountList", "Application", "ConnectedSystem", "Delivery", "ListedAccount", "PolicyVersion", "Termination"]
