from django.contrib import admin

from accounts.configuration import ConfigurationAdmin
from audit.catalogue import EventName
from selfservice.models import CountryNote, GuideLink


@admin.register(GuideLink)
class GuideLinkAdmin(ConfigurationAdmin):
    """Links of the guide; one that is not wanted any more is not shown."""

    event = EventName.GUIDE_CHANGED
    named = "guide_link"
    list_display = ("title", "topic", "kind", "language", "form", "position", "shown")


@admin.register(CountryNote)
class CountryNoteAdmin(ConfigurationAdmin):
    """Notes of the travel check."""

    event = EventName.GUIDE_CHANGED
    named = "guide_link"
    list_display = ("name_en", "name_ja", "code", "texts", "calls", "shown")
