from django.apps import AppConfig


class AuditConfig(AppConfig):
    """What happened: append-only events and the auditor's pages."""

    name = "audit"
