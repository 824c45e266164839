from django.apps import AppConfig


class SigninConfig(AppConfig):
    """The door: password, requirement, challenge, session."""

    name = "signin"

    def ready(self) -> None:
        import signin.refusals  # noqa: F401  its sentences join the table
