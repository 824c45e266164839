from django.apps import AppConfig
from django.core.checks import register


class HelpdeskConfig(AppConfig):
    """The staff's pages, and the cases they work on."""

    name = "helpdesk"

    def ready(self) -> None:
        from helpdesk.checks import check_settings
        from helpdesk.faults import broken_off
        from helpdesk.stops import open_for_report
        from methods.unknown_requests import heard_by
        from policies.alarms import watch_also

        heard_by(open_for_report)
        watch_also(broken_off)
        register(check_settings)
