from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """What auditors look into: detectors, findings, and the report of method changes."""

    name = "review"

    def ready(self) -> None:
        import review.refusals
        import review.words  # noqa: F401  their sentences and names join the tables
