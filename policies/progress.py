"""What is shown of a change on its way: a row per system, and an estimate that claims no more than was measured (S-91, S-92)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext

from policies.clock import database_now
from policies.connectors.local import LocalConnector
from policies.connectors.registry import gathering
from policies.connectors.sentences import sentence
from policies.homes import only_reads
from policies.measuring import Estimate, estimates, unmeasured
from policies.models import Application, Delivery
from policies.models.deliveries import DONE, NEEDS_A_PERSON, DeliveryState, Desired
from policies.states import ON_THE_WAY, ApplicationState

LATE = timedelta(minutes=2)
NEARLY = 95  # per cent: the rest is for the confirmation
Estimates = Mapping[int, Estimate]


@dataclass(frozen=True)
class SystemRow:
    """One connected system as the component shows it."""

    delivery: Delivery
    state: str
    detail: str
    when: datetime | None

    @property
    def name(self) -> str:
        """The system, in the reader's language."""
        return str(self.delivery.system)

    @property
    def is_open(self) -> bool:
        """Whether the system has still to learn of it."""
        return self.when is None

    @property
    def can_be_awaited(self) -> bool:
        """Whether a mail could tell when it is ready, and is not wanted yet."""
        return self.is_open and not self.delivery.tell_when_ready

    @property
    def is_awaited(self) -> bool:
        """Whether a mail will tell when it is ready."""
        return self.is_open and self.delivery.tell_when_ready

    @property
    def answer(self) -> str:
        """What came back last, in a sentence for staff; why the system is stopped, if it is."""
        return sentence(self.delivery.system.stopped_reason or self.delivery.last_answer)


@dataclass(frozen=True)
class Progress:
    """A change of MFA use on its way to the connected systems."""

    rows: list[SystemRow]
    confirmed: int
    done: int
    percent: int
    takes: timedelta
    expected_at: datetime
    latest_at: datetime
    minutes_left: int
    late: bool
    is_timed: bool  # it is awaited, and something is sent: an estimate means something
    can_withdraw: bool

    @property
    def is_over(self) -> bool:
        """Whether nothing is on its way any more, also to a system for which nobody waits."""
        return self.done == self.total

    @property
    def total(self) -> int:
        """How many systems are told."""
        return len(self.rows)

    @property
    def left(self) -> timedelta:
        """Until it is usually done."""
        return timedelta(minutes=self.minutes_left)

    @property
    def usually(self) -> str:
        """When it is usually done, in the reader's language; with the date unless it is today's."""
        return _clock(self.expected_at)

    @property
    def nearly_always(self) -> str:
        """When it is done at the latest, in the reader's language; empty when that is usual."""
        return _clock(self.latest_at) if self.latest_at > self.expected_at else ""


def reached(application: Application) -> Progress:
    """The same in short: by the clock of this machine, and with an estimate only while it is on its way; three queries at most."""
    now = timezone.now()
    return _progress(application, now, estimates(now) if application.state in ON_THE_WAY else {})


def progress(application: Application) -> Progress:
    """How far the application's present revision has come; four queries."""
    now = database_now()
    return _progress(application, now, estimates(now))


def _progress(application: Application, now: datetime, measured: Estimates) -> Progress:
    deliveries = _deliveries(application)
    held = any(row.state not in DONE for row in deliveries) and only_reads()
    guesses = [(row.due_at, measured.get(row.system_id) or unmeasured(gathering(row.system))) for row in deliveries]
    started = min((row.planned_at for row in deliveries), default=now)
    expected = max((due + guess.usual for due, guess in guesses), default=now)
    latest = max((due + max(guess.usual, guess.longest) for due, guess in guesses), default=now)
    confirmed = sum(row.state == DeliveryState.CONFIRMED for row in deliveries)
    done = [row for row in deliveries if row.state in DONE]
    return Progress(
        rows=[_row(row, now, held=held) for row in deliveries],
        confirmed=confirmed,
        done=len(done),
        percent=_percent(now - started, expected - started, done=len(done) == len(deliveries)),
        takes=max(expected - started, timedelta(seconds=1)),
        expected_at=expected,
        latest_at=latest,
        minutes_left=max(1, round((expected - now) / timedelta(minutes=1))),
        late=now > latest + LATE,
        is_timed=application.state in ON_THE_WAY and not held,
        can_withdraw=application.state == ApplicationState.APPLIED and not done and not application.is_return,
    )


def _deliveries(application: Application) -> list[Delivery]:
    rows = Delivery.objects.filter(application=application, revision=application.revision, system__enabled=True)
    return list(rows.exclude(state=DeliveryState.SUPERSEDED).select_related("system").order_by("system"))


def _percent(passed: timedelta, whole: timedelta, *, done: bool) -> int:
    """Of the time it usually takes; full only when all have confirmed."""
    if done:
        return 100
    return min(NEARLY, int(100 * (passed / whole))) if whole else NEARLY


def _asks(row: Delivery) -> str:
    if row.desired == Desired.ON:
        return gettext("Asks for a verification at sign-in.")
    if row.system.connector == LocalConnector.code:  # whose policy says what it asks for before MFA use is in effect (decision 3)
        return gettext("Asks on account of MFA use no more; it may go on verifying while a method is registered.")
    return gettext("Asks for the password only.")


def _clock(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return formats.date_format(local, "TIME_FORMAT" if local.date() == timezone.localdate() else "SHORT_DATETIME_FORMAT")


def _row(row: Delivery, now: datetime, *, held: bool) -> SystemRow:
    state = shown_state(row, now)
    if held and state in {"waiting", "delayed"}:
        return SystemRow(
            row, "waiting", gettext("Waits until the staff have checked this site. Nothing is lost; you need not do anything."), None
        )
    moment = row.confirmed_at if row.state in DONE else None
    return SystemRow(row, state, _detail(row, state), moment)


def shown_state(row: Delivery, now: datetime) -> str:
    """`waiting`, `sent`, `confirmed`, `settled`, `delayed` or `attention`, as the component for a connected system knows them."""
    if row.state in DONE:
        return row.state
    if row.state in NEEDS_A_PERSON or row.system.stopped_reason:
        return "attention"
    if row.state == DeliveryState.SENT:
        return "sent"
    gathered = gathering(row.system)
    if gathered and now <= row.due_at + gathered:  # what it answered in this time is that it waits for its file
        return "waiting"
    return "delayed" if row.last_answer or now > row.due_at + gathered + LATE else "waiting"


def _detail(row: Delivery, state: str) -> str:
    if state == "confirmed":
        return _asks(row)
    if state == "settled":
        return gettext("The support staff have made sure that it is set there; the system itself has not confirmed it.")
    if state == "waiting":
        gathered = gathering(row.system)
        words = gettext("Is told together with others, at %(time)s at the latest.") if gathered else gettext("Will be told at %(time)s.")
        return words % {"time": _clock(row.due_at + gathered)}
    if state == "sent":
        return gettext("Is being told since %(time)s and has not confirmed yet.") % {"time": _clock(row.first_sent_at or row.due_at)}
    if state == "delayed":
        words = gettext("Was due at %(time)s and has not confirmed yet. It is asked again and again; you need not do anything.")
        return words % {"time": _clock(row.due_at)}
    return gettext("The support staff have to look at this. You need not do anything.")
