from django.apps import AppConfig


class EmailConfig(AppConfig):
    name = "methods.kinds.email"
    label = "email"

    def ready(self) -> None:
        from methods.kinds.email.kind import EmailKind
        from methods.registry import register

        register(EmailKind())
