"""Keeps the demo out of a deployment."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error


def only_in_the_demo(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """demo.E001 unless the settings are the demo's own: its pages show every text and mail to anybody."""
    if getattr(settings, "DEMO", False):
        return []
    return [
        Error(
            "The demo's pages show every text message and mail to anybody and must not be installed here.",
            hint="Remove 'demo' from INSTALLED_APPS.",
            id="demo.E001",
        )
    ]
