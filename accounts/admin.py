from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.configuration import ConfigurationAdmin
from accounts.models import Affiliation
from audit.catalogue import EventName


@admin.register(Affiliation)
class AffiliationAdmin(ConfigurationAdmin):
    """Faculties, schools and offices."""

    event = EventName.AFFILIATION_CHANGED
    named = "affiliation"
    list_display = fields = ("code", "name_en", "name_ja")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The code stays: rules of the policy speak of an affiliation by it."""
        return ("code",) if obj else ()
