from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    """The staff's pages."""

    name = "helpdesk"
