"""Start-up checks of the settings that policies are made of."""

from typing import Any

from django.conf import settings
from django.core.checks import Error

from policies.connectors.hosts import read_network
from policies.connectors.registry import connectors
from policies.rulebook.addresses import read_range


def check_settings(**kwargs: Any) -> list[Error]:
    """An error for each setting that cannot be meant."""
    return [*_networks(), *_choices(), *_connectors(), *_private_hosts()]


def _networks() -> list[Error]:
    named = {"MFA_CAMPUS_NETWORKS": settings.MFA_CAMPUS_NETWORKS, "MFA_NO_SETUP_NETWORKS": settings.MFA_NO_SETUP_NETWORKS}
    unreadable = [(name, text) for name, texts in named.items() for text in texts if read_range(text) is None]
    return [
        Error(f"{name}: {text} is neither a network in CIDR form nor a range of addresses.", id="policies.E001")
        for name, text in unreadable
    ]


def _choices() -> list[Error]:
    wrong = []
    if settings.MFA_FIRST_REGISTRATION not in {"networks", "open"}:
        wrong.append(Error("MFA_FIRST_REGISTRATION is either networks or open.", id="policies.E002"))
    if settings.MFA_PROPAGATION_MINUTES < 0 or settings.MFA_DELIVERY_LEASE_SECONDS < 1:
        wrong.append(Error("MFA_PROPAGATION_MINUTES is not negative, MFA_DELIVERY_LEASE_SECONDS at least 1.", id="policies.E003"))
    return wrong


def _connectors() -> list[Error]:
    try:
        connectors()
    except (ImportError, ValueError) as error:
        return [Error(f"MFA_CONNECTORS: {error}", id="policies.E004")]
    return []


def _private_hosts() -> list[Error]:
    """A name holds no slash: what has one is meant for a network."""
    unreadable = [text for text in settings.MFA_PRIVATE_HOSTS if "/" in text and read_network(text) is None]
    return [
        Error(f"MFA_PRIVATE_HOSTS: {text} is not a network in CIDR form, such as 10.1.0.0/16.", id="policies.E005") for text in unreadable
    ]
