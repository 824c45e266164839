from django.apps import AppConfig


class AppPasswordConfig(AppConfig):
    name = "methods.kinds.app_password"
    label = "app_password"

    def ready(self) -> None:
        import methods.kinds.app_password.refusals  # noqa: F401  its sentences join the table
        from methods.kinds.app_password.kind import AppPasswordKind
        from methods.registry import register

        register(AppPasswordKind())
