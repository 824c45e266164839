"""Connected systems, applications for MFA use, terminations, deliveries."""

from policies.models.applications import Application, Termination
from policies.models.deliveries import Delivery
from policies.models.systems import ConnectedSystem

__all__ = ["Application", "ConnectedSystem", "Delivery", "Termination"]
