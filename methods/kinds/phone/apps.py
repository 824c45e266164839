from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "methods.kinds.phone"
    label = "phone"

    def ready(self) -> None:
        from methods.kinds.phone.kind import PhoneKind
        from methods.registry import register

        register(PhoneKind())
