from django.apps import AppConfig
from django.core.checks import Tags, register


class AuditConfig(AppConfig):
    """What happened: append-only events, their seals, and the auditor's pages."""

    name = "audit"

    def ready(self) -> None:
        from audit.checks import check_collectors, check_guard, check_heads_leave, check_role, check_seals

        register(check_seals)
        register(check_collectors)
        register(check_heads_leave, deploy=True)
        register(check_guard, Tags.database)
        register(check_role, Tags.database, deploy=True)
