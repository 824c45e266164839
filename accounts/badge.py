"""Reads the badge of a session on each request; a session without a living badge is nobody's."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Account, SessionRecord
from accounts.roles import NO_POWERS, Powers, powers_along
from accounts.sessions import alive
from audit.context import add

SEEN_EVERY = timedelta(minutes=1)


class Badged(HttpRequest):
    """A request that passed the gate: signed in, with badge and powers. For annotations."""

    user: Account
    badge: SessionRecord
    powers: Powers


class BadgeMiddleware:
    """Puts `badge` and `powers` on the request, or makes it anonymous."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.badge, request.powers = None, NO_POWERS  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            self._read(request)
        return self.get_response(request)

    def _read(self, request: HttpRequest) -> None:
        account: Account = request.user  # type: ignore[assignment]
        badge: SessionRecord | None = getattr(request.session, "badge", None)
        held = powers_along(account)
        if badge is None or badge.account_id != account.pk or not alive(badge, account, held):
            request.session.flush()
            request.user = AnonymousUser()
            return
        request.badge, request.powers = badge, held  # type: ignore[attr-defined]
        add(session=str(badge.uid), verified_with=badge.verified_kind)
        if not asks_by_itself(request):
            _touch(badge)


def asks_by_itself(request: HttpRequest) -> bool:
    """Whether an open page asks for what is new (poll.js), as it does while nobody sits there, too (R-152)."""
    return request.headers.get("X-Requested-With") == "poll"


def _touch(badge: SessionRecord) -> None:
    now = timezone.now()
    if now - badge.last_seen_at > SEEN_EVERY:
        SessionRecord.objects.filter(pk=badge.pk).update(last_seen_at=now)
