from django.apps import AppConfig


class FidoConfig(AppConfig):
    name = "methods.kinds.fido"
    label = "fido"

    def ready(self) -> None:
        from django.core.checks import register as register_check

        from methods.kinds.fido.checks import check_settings
        from methods.kinds.fido.kind import FidoKind
        from methods.registry import register

        register(FidoKind())
        register_check(check_settings)
