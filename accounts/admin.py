from django.contrib import admin

from accounts.configuration import ConfigurationAdmin
from accounts.models import Affiliation
from audit.catalogue import EventName


@admin.register(Affiliation)
class AffiliationAdmin(ConfigurationAdmin):
    """Faculties, schools and offices."""

    event = EventName.AFFILIATION_CHANGED
    named = "affiliation"
    list_display = ("code", "name_en", "name_ja")
