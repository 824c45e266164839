from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register


class MfaAdminConfig(AppConfig):
    """The project: frame, languages, errors."""

    name = "mfaadmin"

    def ready(self) -> None:
        from mfaadmin.checks import check_database, check_deployment, check_values

        register(check_values)
        register(check_deployment, deploy=True)
        register(check_database, deploy=True)


class MfaAdminSite(AdminConfig):
    """Django's admin, for configuration alone, behind the same door as everything else (R-168)."""

    default_site = "mfaadmin.admin_site.ConfigurationSite"
