from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class MfaAdminConfig(AppConfig):
    """The project: frame, languages, errors."""

    name = "mfaadmin"


class MfaAdminSite(AdminConfig):
    """Django's admin, for configuration alone, behind the same door as everything else (R-168)."""

    default_site = "mfaadmin.admin_site.ConfigurationSite"
