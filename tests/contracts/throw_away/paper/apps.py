from django.apps import AppConfig


class PaperConfig(AppConfig):
    name = "methods.kinds.paper"
    label = "paper"

    def ready(self) -> None:
        from methods.kinds.paper.kind import PaperKind
        from methods.registry import register

        register(PaperKind())
