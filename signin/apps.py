from django.apps import AppConfig


class SigninConfig(AppConfig):
    """The door: password, requirement, challenge, session."""

    name = "signin"
