from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SelfserviceConfig(AppConfig):
    """The account holder's pages."""

    name = "selfservice"
    verbose_name = _("Guide")
