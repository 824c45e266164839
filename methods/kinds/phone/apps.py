from django.apps import AppConfig


class PhoneConfig(AppConfig):
    """Three kinds that share one device: a number for each slot."""

    name = "methods.kinds.phone"
    label = "phone"

    def ready(self) -> None:
        from methods.kinds.phone.kind import AlternatePhoneKind, OfficePhoneKind, PhoneKind
        from methods.registry import register

        for kind in (PhoneKind, AlternatePhoneKind, OfficePhoneKind):
            register(kind())
