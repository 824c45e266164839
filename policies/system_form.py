"""The form of a connected system: its columns, the options of its connector, and credentials that are only ever entered."""

import copy
import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from methods.tokens import digest_of
from policies.connectors.base import Configuration, Connector
from policies.connectors.options import Option
from policies.connectors.registry import connectors
from policies.connectors.sentences import sentence
from policies.models import ConnectedSystem
from vault.fields import seal

PREFIX = "option_"
LABELS = {
    "code": _("Code"),
    "name_en": _("Name in English"),
    "name_ja": _("Name in Japanese"),
    "used_for_en": _("Used for, in English"),
    "used_for_ja": _("Used for, in Japanese"),
    "address": _("Address"),
    "window_minutes": _("Minutes until a change is passed on"),
    "batch_size": _("Changes taken in hand at once"),
    "per_minute": _("Changes per minute at most"),
    "required": _("MFA use is in effect only when this system has confirmed"),
    "enabled": _("Enabled"),
    "takes_security_keys": _("Can ask for security keys"),
    "takes_app_passwords": _("Takes app passwords"),
    "needs_mfa": _("Cannot be used without MFA"),
    "ends_sessions": _("Sessions are cut when MFA use is applied for"),
    "ends_sessions_of": _("Sessions of these accounts alone"),
}


MEANWHILE = _(
    "Somebody has changed this system since you opened this page. Nothing was saved; load the page again and enter your change anew."
)


def connector_class(code: str) -> type[Connector] | None:
    """The installed connector with this code."""
    return connectors().get(code)


def connector_choices() -> list[tuple[str, str]]:
    """The installed connectors by name; the site's own is there already."""
    return [(code, str(connector.label)) for code, connector in connectors().items() if code != "local"]


class NewSystemForm(forms.ModelForm[ConnectedSystem]):
    """What a system is called and how it is spoken to; everything else is asked once that is known."""

    connector = forms.ChoiceField(label=_("Connector"), choices=connector_choices)

    class Meta:
        model = ConnectedSystem
        fields = ("code", "name_en", "name_ja", "connector")
        labels = LABELS


class SystemForm(forms.ModelForm[ConnectedSystem]):
    """A system that exists; `form_for` adds the options of its connector."""

    options_of: tuple[Option, ...] = ()
    seen = forms.CharField(label="", required=False, widget=forms.HiddenInput)
    new_credentials = forms.CharField(
        label=_("New credentials"),
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Secret, password, token or key. Kept sealed and never shown again; empty keeps what was entered before."),
    )

    class Meta:
        model = ConnectedSystem
        fields = (
            "name_en", "name_ja", "used_for_en", "used_for_ja", "address", "window_minutes", "batch_size", "per_minute", "required",
            "enabled", "takes_security_keys", "takes_app_passwords", "needs_mfa", "ends_sessions", "ends_sessions_of",
        )  # fmt: skip
        labels = LABELS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = _seen(self.instance)
        for option in self.options_of:
            self.initial[PREFIX + option.name] = option.read(self.instance.options)

    def clean_new_credentials(self) -> str:
        """What can be no credentials is refused while whoever entered it still has the right ones at hand."""
        entered: str = self.cleaned_data["new_credentials"]
        connector = connector_class(self.instance.connector)
        if connector and entered and (problem := connector.objection_to_secret(entered)):
            raise ValidationError(sentence(problem))
        return entered

    def clean(self) -> dict[str, Any]:
        """Nothing of another person is taken back, credentials stay with their address, and only what is complete may be enabled.

        Until this is saved nobody else can save: it happens in one transaction.
        """
        cleaned = super().clean() or {}
        current = ConnectedSystem.objects.select_for_update(no_key=True).get(pk=self.instance.pk)
        if cleaned.get("seen") != _seen(current):
            raise ValidationError(MEANWHILE)
        if self.errors:
            return cleaned
        if self._leads_elsewhere() and self.instance.credentials and not cleaned["new_credentials"]:
            self.add_error("new_credentials", _("Enter the credentials anew: they are not passed on to another address."))
        elif cleaned.get("enabled") and (problem := self._problem()):
            raise ValidationError(sentence(problem))
        return cleaned

    def _leads_elsewhere(self) -> bool:
        bearing = {"address", *(PREFIX + option.name for option in self.options_of if option.bears_credentials)}
        return not bearing.isdisjoint(self.changed_data)

    def chosen_options(self) -> dict[str, Any]:
        """The options as they are kept; those that the form does not show stay, such as of a connector that is not installed here."""
        shown = {option.name: self.cleaned_data[PREFIX + option.name] for option in self.options_of}
        return {**self.instance.options, **shown}

    def _problem(self) -> str:
        """Why the system cannot be enabled with these settings; empty when it can."""
        connector = connector_class(self.instance.connector)
        if connector is None:
            return f"the connector {self.instance.connector} is not installed"
        draft = copy.copy(self.instance)
        draft.options = self.chosen_options()
        if connector.needs_address and not self.cleaned_data["address"]:
            return "the address cannot be read"
        if connector.needs_credentials and not (self.instance.credentials or self.cleaned_data["new_credentials"]):
            return "the secret is missing or cannot be read"
        try:
            connector(draft)
        except Configuration as failure:
            return failure.why
        return ""

    def save(self, commit: bool = True) -> ConnectedSystem:  # noqa: FBT001, FBT002  Django's signature
        """Keep the options, and seal what was entered."""
        self.instance.options = self.chosen_options()
        if self.cleaned_data["new_credentials"]:
            seal(self.instance, "credentials", self.cleaned_data["new_credentials"].encode())
        return super().save(commit)


def _seen(system: ConnectedSystem) -> str:
    """A digest of everything that the form shows, or replaces."""
    facts = [getattr(system, name) for name in (*SystemForm.Meta.fields, "options", "credentials")]
    return digest_of(json.dumps(facts, sort_keys=True))


def form_for(system: ConnectedSystem) -> type[SystemForm]:
    """The form with a field for each option of the system's connector."""
    connector = connector_class(system.connector)
    options = connector.options if connector else ()
    fields: dict[str, Any] = {PREFIX + option.name: _field(option) for option in options}
    return type("SystemForm", (SystemForm,), fields | {"options_of": options, "Meta": SystemForm.Meta})


def _field(option: Option) -> forms.Field:
    known: dict[str, Any] = {"label": option.label, "help_text": option.help, "required": option.required}
    if isinstance(option.default, bool):
        return forms.BooleanField(**known | {"required": False})
    if isinstance(option.default, int):
        return forms.IntegerField(**known | {"required": True}, min_value=option.lowest, max_value=option.highest)
    if option.choices:
        return forms.ChoiceField(**known | {"required": True}, choices=option.choices)
    return forms.CharField(**known, widget=forms.Textarea(attrs={"rows": 4}) if option.long else forms.TextInput(attrs={"size": 60}))
