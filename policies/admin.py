from django.contrib import admin

from accounts.configuration import ConfigurationAdmin
from audit.catalogue import EventName
from policies.models import ConnectedSystem


@admin.register(ConnectedSystem)
class ConnectedSystemAdmin(ConfigurationAdmin):
    """Connected systems; credentials are never shown, and are set on the server."""

    event = EventName.SYSTEM_CHANGED
    named = "system"
    list_display = ("code", "name_en", "connector", "required", "enabled", "takes_security_keys", "takes_app_passwords", "stopped_reason")
    readonly_fields = ("stopped_reason", "failures", "paused_until")
