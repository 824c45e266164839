from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who a person is: account, roles, sessions, failure budgets, import."""

    name = "accounts"
    verbose_name = _("Accounts")
