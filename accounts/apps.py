from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who a person is: account, roles, sessions, failure budgets, import."""

    name = "accounts"
