"""The product broken on purpose, in the processes of the site, for the oracle to see: FAULT_BROKEN names one way.

`python -m tests.faults.broken` tries them all.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from threading import Timer
from typing import Any

from django.db.models import Q, QuerySet

from policies import claims, confirming, propagation
from policies.connectors import budget, directory, outgoing, states, webhook
from policies.connectors.base import Answer, Change
from policies.models import Delivery
from policies.models.deliveries import PAYLOAD_VERSION, DeliveryState
from selfservice import user_menu

LATER_SECONDS = 1.0


def _no_fence() -> None:
    """Whoever was overtaken by another worker writes all the same."""

    def whoever(rows: Iterable[Delivery]) -> QuerySet[Delivery]:
        return Delivery.objects.filter(pk__in=[row.pk for row in rows])

    for module in (claims, propagation):
        module.all_mine = whoever
    confirming._still_held = lambda rows: [*rows]  # type: ignore[assignment]


def _speaks_after_its_lease() -> None:
    """A worker says what it was about to say, however long ago that was; nobody looks again."""
    for module in (outgoing, directory):
        module.may_speak = lambda: True
    budget.Budget.left = lambda own: 1.0  # type: ignore[method-assign]
    _no_doubt()


def _no_doubt() -> None:
    """What was never answered is forgotten."""
    for module in (claims, propagation):
        module.doubt = lambda *args: None
    claims.in_doubt = lambda *args: {}
    propagation.put_right = lambda rows: 0


def _answers_before_it_writes() -> None:
    """SAVE is answered at once; the row is written a moment later, if there is one."""
    submit = user_menu.submit

    def later(*args: Any, **kwargs: Any) -> None:
        Timer(LATER_SECONDS, submit, args, kwargs).start()

    user_menu.submit = later  # type: ignore[assignment]


def _dead_rows_stay() -> None:
    """A change over which every worker dies is taken in hand for ever."""
    claims.LOST_LIMIT = 10**6


def _dead_rows_are_lost() -> None:
    """A change whose worker died is taken for done."""

    def forgotten(now: datetime) -> Q:
        Delivery.objects.filter(state=DeliveryState.SENT, lease_until__lte=now).update(state=DeliveryState.SUPERSEDED)
        return Q(pk=None)

    claims._left_behind = forgotten


def _before_its_time() -> None:
    claims._waiting = lambda now: Q(state=DeliveryState.WAITING, payload_version=PAYLOAD_VERSION)


def _another_key_each_time() -> None:
    Delivery.key = property(lambda row: f"mfa-{row.uid}-{row.attempt}")  # type: ignore[assignment,method-assign]


def _confirms_unsent() -> None:
    """One change in four is taken for confirmed without being sent."""
    apply = webhook.WebhookConnector.apply

    def some(connector: Any, changes: Sequence[Change]) -> Iterator[Answer]:
        told = [change for change in changes if change.key[-1] not in "0123"]
        yield from (Answer(change) for change in changes if change not in told)
        yield from apply(connector, told)

    webhook.WebhookConnector.apply = some  # type: ignore[method-assign]


def _neither_written_nor_read() -> None:
    states.SetStateConnector._write_and_read_back = lambda connector, changes: {}  # type: ignore[method-assign]


BROKEN: dict[str, Callable[[], None]] = {
    "no fence on attempts": _no_fence,
    "speaks after its lease": _speaks_after_its_lease,
    "what was never answered is forgotten": _no_doubt,
    "SAVE answers before it writes": _answers_before_it_writes,
    "dead rows are never set aside": _dead_rows_stay,
    "dead rows are lost": _dead_rows_are_lost,
    "claims ignore when a change is due": _before_its_time,
    "another key at each attempt": _another_key_each_time,
    "some are confirmed without sending": _confirms_unsent,
    "set-state neither written nor read back": _neither_written_nor_read,
}

if chosen := os.environ.get("FAULT_BROKEN"):
    BROKEN[chosen]()
