"""The installed connectors (setting MFA_CONNECTORS)."""

from datetime import timedelta

from django.conf import settings
from django.utils.module_loading import import_string

from policies.connectors.base import Configuration, Connector
from policies.connectors.options import Chosen
from policies.models import ConnectedSystem


def connectors() -> dict[str, type[Connector]]:
    """Every installed connector by its code; ValueError when two have the same."""
    classes: list[type[Connector]] = [import_string(path) for path in settings.MFA_CONNECTORS]
    by_code = {connector.code: connector for connector in classes}
    if len(by_code) != len(classes):
        raise ValueError("two connectors have the same code")
    return by_code


def connector_for(system: ConnectedSystem) -> Connector:
    """The connector of this system; Configuration when it is not installed."""
    installed = connectors().get(system.connector)
    if installed is None:
        raise Configuration(f"the connector {system.connector} is not installed")
    return installed(system)


def gathering(system: ConnectedSystem) -> timedelta:
    """For how long the changes of this system are gathered before they are passed on together."""
    installed = connectors().get(system.connector)
    return installed.gathers(Chosen(installed.options, system.options)) if installed else timedelta()
