"""Connected systems, comparisons of them, applications for MFA use, terminations and wishes for them, deliveries and how late they were, alarms, versions of the policy, where the database lives."""

from policies.models.alarms import Alarm
from policies.models.applications import Application, Termination
from policies.models.comparisons import Comparison
from policies.models.deliveries import Delivery
from policies.models.endings import EndNotice
from policies.models.home import Home
from policies.models.outages import Outage
from policies.models.replays import Found, Replay
from policies.models.systems import ConnectedSystem
from policies.models.tallies import LatenessTally
from policies.models.versions import AccountList, ListedAccount, PolicyVersion
from policies.models.wishes import TerminationWish

__all__ = [
    "AccountList",
    "Alarm",
    "Application",
    "Comparison",
    "ConnectedSystem",
    "Delivery",
    "EndNotice",
    "Found",
    "Home",
    "LatenessTally",
    "ListedAccount",
    "Outage",
    "PolicyVersion",
    "Replay",
    "Termination",
    "TerminationWish",
]
