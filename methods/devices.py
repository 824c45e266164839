"""The abstract device: a django-otp `Device` whose row belongs to a registered method."""

import uuid
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, VerifyNotAllowed

from accounts.budgets import is_held
from accounts.locks import hold
from methods import challenges
from methods.answers import Question, judge
from methods.contract import MethodKind, Way
from methods.models import MethodState, Purpose, RegisteredMethod
from methods.registry import UnknownKind, kinds


class MethodDevice(Device):
    """Holds the secret of one method. Unconfirmed until its first challenge is passed, and then only for ten minutes.

    Its `verify_token` serves other django-otp applications; this site's pages go through `methods.answers`.
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

    @property
    def destination(self) -> str:
        """The number or address that its codes are sent to, always written the same; nothing where none is sent."""
        return ""

    @property
    def own_name(self) -> str:
        """What the device calls itself, where it says so; a name, never a reason to trust it."""
        return ""

    @property
    def first_way(self) -> str:
        """In which of its kind's ways it is asked for its first proof."""
        return next((way.code for way in self.kind().ways), "")

    def asks_like(self, other: "MethodDevice") -> bool:
        """Whether what is on its way to this one serves `other` as well."""
        mine, theirs = ((one.kind().code, one.destination, one.first_way) for one in (self, other))
        return bool(self.destination) and mine == theirs

    @classmethod
    def owners(cls, text: str) -> list[int]:
        """Accounts that `text`, as a caller says it, could mean by a device of this sort, such as the end of a number."""
        return []

    @property
    def _elsewhere(self) -> str:
        """The binding of challenges that other applications ask for."""
        return f"otp:{self.persistent_id}"

    def is_interactive(self) -> bool:
        """Whether a message has to be sent before there is a code."""
        return self._coded is not None and self._coded.sends

    @property
    def _coded(self) -> Way | None:
        """The way that ends in a code: other applications know no other."""
        ways = self.kind().ways_of(self.method) if self.method else self.kind().ways
        return next((way for way in ways if not way.waits and not way.one_try), None)

    def generate_challenge(self) -> str | None:
        """For other django-otp applications: send a code, half a minute after the last at the earliest; Refused when held."""
        way = self._coded
        if self.method is None or way is None or not way.sends or not self.verify_is_allowed()[0]:
            return None
        asked = challenges.method(self.method, way.code)
        challenges.ask(self.user, asked, purpose=Purpose.STEP_UP, binding=self._elsewhere, again=True)
        return str(self.kind().describe(self.method, way))

    def verify_token(self, token: str) -> bool:
        """For other django-otp applications: judged under the account's lock and budget, like an answer on our own pages."""
        with transaction.atomic():
            self.user = hold(self.user_id)
            way = self._coded
            if self.method is None or way is None or not self.verify_is_allowed()[0]:
                return False
            question = Question(Purpose.STEP_UP, self._elsewhere, challenges.method(self.method, way.code))
            if not way.sends:
                challenges.ask(self.user, question.asked, purpose=question.purpose, binding=question.binding)
            return judge(self.user_id, token, question).proof is not None

    def verify_is_allowed(self) -> tuple[bool, dict[str, Any] | None]:
        """Not while the account is held or the method suspended or unfinished; never by a kind without codes, or not for signing in."""
        usable = self.kind().for_sign_in and self.confirmed and self.method is not None and self.method.state == MethodState.ACTIVE
        usable = usable and self._coded is not None and not challenges.is_withdrawn(self.user, self.kind(), Purpose.STEP_UP)
        if not usable or not self.user.is_active:
            return False, {"error_message": _("This method cannot be used now.")}
        if is_held(self.user, timezone.now()):
            return False, {"reason": VerifyNotAllowed.N_FAILED_ATTEMPTS, "failure_count": self.user.failures}
        return True, None
