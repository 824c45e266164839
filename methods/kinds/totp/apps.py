from django.apps import AppConfig


class TotpConfig(AppConfig):
    name = "methods.kinds.totp"
    label = "totp"

    def ready(self) -> None:
        from methods.kinds.totp.kind import TotpKind
        from methods.registry import register

        register(TotpKind())
