"""What the configuration pages of Django's admin share: who may use them, and an event for each change."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest

from accounts.badge import Badged
from audit.catalogue import EventName
from audit.record import record

RIGHT = "site:configure"


class ConfigurationAdmin(ModelAdmin[Model]):
    """For administrators alone; nothing is deleted here, and every change is recorded with what was before and after."""

    event: EventName
    named = "name"

    def _may(self, request: HttpRequest) -> bool:
        badged: Badged = request  # type: ignore[assignment]
        return RIGHT in badged.powers.rights

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """The lists have no filters, and an address may not ask for more: a sealed column could be felt out letter by letter."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save, and record in the same transaction."""
        before = {name: str(form.initial.get(name, "")) for name in form.changed_data} if change else {}
        super().save_model(request, obj, form, change)
        after = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        record(self.event, actor=request.user, before=before, after={self.named: str(obj), **after})  # type: ignore[arg-type]

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        """Our own event is the record."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        """Our own event is the record."""
