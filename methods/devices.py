"""The abstract device: a django-otp `Device` whose row belongs to a registered method."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, VerifyNotAllowed

from accounts.budgets import is_held
from methods.contract import MethodKind
from methods.models import MethodState, RegisteredMethod
from methods.registry import UnknownKind, kinds


class MethodDevice(Device):
    """Holds the secret of one method. Unconfirmed until its first challenge is passed, and then only for ten minutes.

    Its `verify_token` serves other django-otp applications; this site's pages go through `methods.challenges`.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    confirmed = models.BooleanField(default=False)
    method = models.OneToOneField(RegisteredMethod, on_delete=models.PROTECT, null=True, related_name="%(class)s")
    binding = models.CharField(max_length=64, blank=True)  # the browser that registers it, until it is confirmed
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def kind(self) -> MethodKind:
        """The kind this device belongs to; UnknownKind when it is not installed."""
        for known in kinds():
            if known.recognize_device(self):
                return known
        raise UnknownKind(type(self).__name__)

    def verify_is_allowed(self) -> tuple[bool, dict[str, Any] | None]:
        """Not while the account or the method is held, suspended or unfinished."""
        now = timezone.now()
        method = self.method
        if method is None or not self.confirmed or method.state != MethodState.ACTIVE or not self.user.is_active:
            return False, {"error_message": _("This method cannot be used now.")}
        if is_held(self.user, now):
            return False, {"reason": VerifyNotAllowed.N_FAILED_ATTEMPTS, "failure_count": self.user.failures}
        return True, None
