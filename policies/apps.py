from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """What is required and since when; applications and their propagation."""

    name = "policies"
