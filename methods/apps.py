from django.apps import AppConfig


class MethodsConfig(AppConfig):
    """What a person verifies with: kinds, registration, challenges, delivery."""

    name = "methods"

    def ready(self) -> None:
        import methods.refusals
        import methods.undelivered  # noqa: F401  their sentences join the tables
        from audit.terms import name_by
        from methods.countries import country_name
        from methods.registry import forget_stock_methods

        name_by("country", country_name)
        forget_stock_methods()
