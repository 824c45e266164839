"""An administrator who changes the settings of a system through its form, as the configuration page saves it."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.forms import model_to_dict
from django.http import HttpRequest

from accounts.models import Account
from policies.admin import ConnectedSystemAdmin
from policies.models import ConnectedSystem
from policies.reconciling import compare, repair
from policies.system_form import SystemForm, form_for
from policies.systems import resume, stop_by_hand

MANY = 1000


class Administrator:
    """One person at one page."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.page = ConnectedSystemAdmin(ConnectedSystem, admin.site)
        self.request = HttpRequest()
        self.request.user = account

    @transaction.atomic
    def change(self, code: str, **entered: Any) -> None:
        """Open the page of a system, enter these, and save."""
        system = ConnectedSystem.objects.get(code=code)
        page = form_for(system)
        shown = model_to_dict(system, SystemForm.Meta.fields) | page(instance=system).initial
        form = page({name: value for name, value in (shown | entered).items() if value is not None}, instance=system)
        assert form.is_valid(), form.errors
        self.page.save_model(self.request, form.save(commit=False), form, change=True)

    def stop(self, code: str) -> None:
        stop_by_hand(ConnectedSystem.objects.get(code=code), actor=self.account, reason="fault")

    def resume(self, code: str) -> None:
        resume(ConnectedSystem.objects.get(code=code), actor=self.account, reason="fault")

    def bring_up_to_date(self, code: str) -> None:
        """What `propagation reconcile --apply` does for a system that was away on purpose."""
        repair(compare(ConnectedSystem.objects.get(code=code)), cap=MANY)
