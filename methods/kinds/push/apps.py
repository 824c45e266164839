from django.apps import AppConfig
from django.core.checks import register as register_check


class PushConfig(AppConfig):
    name = "methods.kinds.push"
    label = "push"

    def ready(self) -> None:
        import methods.kinds.push.refusals  # noqa: F401  its sentences join the table
        from methods.kinds.push.checks import check_settings
        from methods.kinds.push.kind import PushKind
        from methods.registry import register

        register(PushKind())
        register_check(check_settings)
