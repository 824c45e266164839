"""Input of the pages every kind shares."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from methods.codes import normalised
from methods.naming import NAME_LENGTH, clean_name


class CodeInput(forms.TextInput):
    """Asks for a code. One that was refused is not shown again: it would only have to be deleted first."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class CodeForm(forms.Form):
    """A six-digit code as people type it."""

    code = forms.CharField(
        label=_("6-digit code"),
        max_length=32,
        error_messages={"required": _("Enter the 6-digit code.")},
        widget=CodeInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )

    def clean_code(self) -> str:
        """The six digits."""
        code = normalised(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError(_("A code has six digits. Enter all of them."))
        return code


class NameField(forms.CharField):
    """A name of one's own for a method."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=NAME_LENGTH, **kwargs)

    def clean(self, value: Any) -> str:
        return str(super().clean(clean_name(value or "")))


class NamedCodeForm(CodeForm):
    """The first code of a device, and what to call it."""

    name = NameField(label=_("Name"), required=False, help_text=_("For your own list, such as “my old phone”. You can leave it empty."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = False  # the QR code above it has to stay in sight


class NameForm(forms.Form):
    """Another name for a method."""

    name = NameField(label=_("Name"))
