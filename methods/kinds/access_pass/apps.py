from django.apps import AppConfig


class AccessPassConfig(AppConfig):
    name = "methods.kinds.access_pass"
    label = "access_pass"

    def ready(self) -> None:
        from methods.kinds.access_pass.kind import AccessPassKind
        from methods.registry import register

        register(AccessPassKind())
