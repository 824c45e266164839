from django.apps import AppConfig
from django.core.checks import register


class DemoConfig(AppConfig):
    """Stands in for the outside world: phone, mailbox, a connected system. Refused outside the demo settings."""

    name = "demo"

    def ready(self) -> None:
        from demo.checks import only_in_the_demo

        register(only_in_the_demo)
