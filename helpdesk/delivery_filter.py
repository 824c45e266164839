"""Which of the changes that wait for a person are shown."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import NEEDS_A_PERSON, DeliveryState


def _systems() -> list[tuple[str, object]]:
    return [("", _("All systems")), *((system.code, str(system)) for system in ConnectedSystem.objects.all())]


class DeliveryFilter(forms.Form):
    """System, what is wrong, account; each may be left out, and what cannot be read is left out."""

    system = forms.ChoiceField(label=_("System"), choices=_systems, required=False)
    state = forms.ChoiceField(
        label=_("What is wrong"),
        choices=[("", _("Everything")), (DeliveryState.FAILED, _("Refused")), (DeliveryState.UNSURE, _("Unsure"))],
        required=False,
    )
    account = forms.CharField(label=_("Common ID"), max_length=64, required=False)

    def wanted(self) -> QuerySet[Delivery]:
        """What is to be shown."""
        chosen = self.cleaned_data if self.is_valid() else {}
        rows = Delivery.objects.filter(state=chosen["state"]) if chosen.get("state") else Delivery.objects.filter(state__in=NEEDS_A_PERSON)
        if chosen.get("system"):
            rows = rows.filter(system__code=chosen["system"])
        return rows.filter(account__common_id=chosen["account"].strip()) if chosen.get("account") else rows
