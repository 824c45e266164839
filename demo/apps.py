from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Stands in for the outside world: phone, mailbox, a connected system. Refused outside the demo settings."""

    name = "demo"
