"""Connected systems in the configuration pages: the columns, the options of the connector, and a page for trying."""

from typing import Any

from django.contrib import admin, messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accounts.configuration import ConfigurationAdmin
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from policies.board import CAPABILITIES
from policies.connectors.options import Option
from policies.connectors.sentences import sentence
from policies.models import ConnectedSystem
from policies.system_form import LABELS, PREFIX, NewSystemForm, SystemForm, connector_class, form_for
from policies.systems import take_up
from policies.trying import Outcome, send_one, try_connection

STATES = {
    "code": _("Code"),
    "connector": _("Connector"),
    "failures": _("Failures in a row"),
    "last_failure": _("Last failure"),
    "paused_until": _("Left alone until"),
    "reconciled_at": _("Compared last"),
    "drift": _("Accounts that differ"),
}

# In the list there is no room for the words of the form.
SHORT = {
    "required": _("Required"),
    "enabled": _("Enabled"),
    "takes_security_keys": _("Security keys"),
    "takes_app_passwords": _("App passwords"),
    "needs_mfa": _("Not without MFA"),
}


def _column(name: str, *, boolean: bool | None = None) -> Any:
    """A column of the model under its name in the reader's language."""

    @admin.display(description=(LABELS | STATES | SHORT)[name], ordering=name, boolean=boolean)
    def column(system: ConnectedSystem) -> Any:
        value = getattr(system, name)
        return "–" if value in {None, ""} else value

    return column


@admin.display(description=_("System"))
def _name(system: Any) -> str:
    return str(system)


SHOWN = {name: _column(name) for name in STATES}


@admin.register(ConnectedSystem)
class ConnectedSystemAdmin(ConfigurationAdmin):
    """Connected systems; credentials can be entered and are never shown."""

    event = EventName.SYSTEM_CHANGED
    named = "system"
    list_display = (
        _column("code"), _name, _column("connector"), *(_column(name, boolean=True) for name in SHORT), _column("drift"), "stopped",
    )  # fmt: skip
    readonly_fields = ("capability", "stopped", *SHOWN.values())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """First what it is, then everything else."""
        form = form_for(obj) if obj else NewSystemForm
        return super().get_form(request, obj, change, **kwargs | {"form": form})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The columns of every system, then what its connector asks for, then how it is doing."""
        if obj is None:
            return [(None, {"fields": NewSystemForm.Meta.fields})]
        form = form_for(obj)
        options = [PREFIX + option.name for option in form.options_of]
        return [
            (None, {"fields": [SHOWN["code"], SHOWN["connector"], "capability", *SystemForm.Meta.fields, "seen"]}),
            (_("Connector"), {"fields": [*options, "new_credentials"]}),
            (_("State"), {"fields": ["stopped", *(SHOWN[name] for name in list(STATES)[2:])]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    @admin.display(description=_("Repeating"))
    def capability(self, system: ConnectedSystem) -> str:
        """What repeating a change does in this system."""
        connector = connector_class(system.connector)
        return str(CAPABILITIES[connector.capability]) if connector else ""

    @admin.display(description=_("Stopped"))
    def stopped(self, system: ConnectedSystem) -> str:
        """Why nothing is passed on to it."""
        return sentence(system.stopped_reason)

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save, and record in the same transaction; a new system is not enabled before it is complete."""
        obj.enabled = obj.enabled and change
        was = ConnectedSystem.objects.filter(pk=obj.pk).first()
        # What happens to a system meanwhile, such as a stop, is not of this page: it would be taken back.
        obj.save(update_fields=[*SystemForm.Meta.fields, "options", "credentials"] if change else None)
        take_up(obj, was=was)
        options = getattr(form, "options_of", ())
        before = {_plain(name): _told(name, form.initial.get(name, ""), options) for name in form.changed_data} if change else {}
        after = {_plain(name): _told(name, form.cleaned_data[name], options) for name in form.changed_data}
        record(self.event, actor=_actor(request), before=before, after={self.named: str(obj), **after})

    def get_urls(self) -> list[URLPattern]:
        """Beside Django's own: trying a system."""
        name = "policies_connectedsystem_"
        own = [
            path("<int:pk>/try/", self._page(self.try_page), name=f"{name}try"),
            path("<int:pk>/try/connection/", self._page(self.connection), name=f"{name}connection"),
            path("<int:pk>/try/account/", self._page(self.account), name=f"{name}account"),
        ]
        return [*own, *super().get_urls()]

    def _page(self, view: Any) -> Any:
        return self.admin_site.admin_view(view)

    def try_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Buttons to try the connection and to send one account."""
        return require_GET(self._shown)(request, pk)

    def _shown(self, request: HttpRequest, pk: int) -> HttpResponse:
        system = get_object_or_404(ConnectedSystem, pk=pk)
        context = self.admin_site.each_context(request) | {"system": system, "title": str(system), "opts": self.opts}
        return TemplateResponse(request, "admin/policies/connectedsystem/try.html", context | {"stopped": sentence(system.stopped_reason)})

    def connection(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try the connection."""
        return require_POST(self._tried)(request, pk)

    def _tried(self, request: HttpRequest, pk: int) -> HttpResponse:
        outcome = try_connection(get_object_or_404(ConnectedSystem, pk=pk), actor=_actor(request))
        return _said(request, pk, outcome, str(_("The connection works, and the credentials are accepted.")))

    def account(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send one account."""
        return require_POST(self._sent)(request, pk)

    def _sent(self, request: HttpRequest, pk: int) -> HttpResponse:
        system = get_object_or_404(ConnectedSystem, pk=pk)
        account = Account.objects.filter(common_id=request.POST.get("common_id", "").strip()[:64]).first()
        if account is None:
            messages.error(request, _("There is no account with this Common ID."))
            return redirect("admin:policies_connectedsystem_try", pk)
        try:
            outcome = send_one(system, account, actor=_actor(request))
        except Refused as refusal:
            messages.error(request, str(refusal.told))
            return redirect("admin:policies_connectedsystem_try", pk)
        return _said(request, pk, outcome, str(_("The system has confirmed the state of this account.")))


def _actor(request: HttpRequest) -> Account:
    actor: Any = request.user
    return actor  # type: ignore[no-any-return]


def _said(request: HttpRequest, pk: int, outcome: Outcome, fine: str) -> HttpResponse:
    if outcome.ok:
        messages.success(request, fine)
    else:
        messages.error(request, f"{sentence(outcome.why)} ({outcome.why})")
    return redirect("admin:policies_connectedsystem_try", pk)


def _plain(name: str) -> str:
    return {"new_credentials": "credentials"}.get(name, name.removeprefix(PREFIX))


def _told(name: str, value: Any, options: tuple[Option, ...]) -> str:
    """What the record says of a value: of credentials and long texts only that they were there."""
    long = {PREFIX + option.name for option in options if option.long} | {"new_credentials"}
    return ("•••" if value else "") if name in long else str(value)
