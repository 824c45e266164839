from django.apps import AppConfig


class SelfserviceConfig(AppConfig):
    """The account holder's pages."""

    name = "selfservice"
