from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """Many people are asked to complete the four steps by a day: reminders, a page at sign-in, and how it goes."""

    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        import campaigns.refusals  # noqa: F401  its sentences join the table
        from audit.terms import name_codes

        name_codes("wish", {"start": _("started"), "end": _("ended"), "move": _("moved to an earlier last day")})
