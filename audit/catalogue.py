"""Every event name, once: `subject:action`. Retired names stay listed, so old rows keep their meaning."""

from enum import StrEnum


class EventName(StrEnum):
    """What can happen; `audit.wording` has the sentence for each."""

    ACCOUNT_IMPORTED = "account:imported"
    ACCOUNT_UPDATED = "account:updated"
    ACCOUNT_NUMBER_GIVEN = "account:number-given"
    ACCOUNT_LEFT = "account:left"
    ACCOUNT_RETURNED = "account:returned"
    ACCOUNT_LOCKED = "account:locked"
    ACCOUNT_UNLOCKED = "account:unlocked"
    ACCOUNT_SEARCHED = "account:searched"
    ACCOUNT_VIEWED = "account:viewed"
    ACCESS_DENIED = "access:denied"
    ROLE_GRANTED = "role:granted"
    ROLE_WITHDRAWN = "role:withdrawn"

    PASSWORD_ACCEPTED = "password:accepted"  # noqa: S105  an event name
    PASSWORD_REFUSED = "password:refused"  # noqa: S105  an event name
    PASSWORD_HELD = "password:held"  # noqa: S105  an event name
    SIGNIN_SUCCEEDED = "signin:succeeded"
    SIGNIN_REFUSED = "signin:refused"
    SIGNIN_ABANDONED = "signin:abandoned"
    SESSION_ENDED = "session:ended"

    CHALLENGE_ISSUED = "challenge:issued"
    CHALLENGE_PASSED = "challenge:passed"
    CHALLENGE_FAILED = "challenge:failed"
    CHALLENGE_HELD = "challenge:held"
    CHALLENGE_APPROVED = "challenge:approved"
    CHALLENGE_DECLINED = "challenge:declined"
    CHALLENGE_REPORTED = "challenge:reported"
    ACTIVITY_REPORTED = "activity:reported"
    REPORT_SETTLED = "report:settled"
    MESSAGE_FAILED = "message:failed"
    SENDING_STOPPED = "sending:stopped"
    SENDING_UNUSED = "sending:unused"

    APP_PAIRED = "app:paired"
    METHOD_REGISTERED = "method:registered"
    METHOD_RENAMED = "method:renamed"
    METHOD_MOVED = "method:moved"
    METHOD_RETIRING = "method:retiring"
    METHOD_KEPT = "method:kept"
    METHOD_REMOVED = "method:removed"
    METHOD_ENDED = "method:ended"
    METHOD_SUSPENDED = "method:suspended"
    METHOD_CLONED = "method:cloned"
    APP_PASSWORD_USED = "app-password:used"  # noqa: S105  an event name
    APP_PASSWORD_REFUSED = "app-password:refused"  # noqa: S105  an event name
    METHOD_DEFAULT_CHANGED = "method:default-changed"
    ACCESS_PASS_ISSUED = "access-pass:issued"  # noqa: S105  an event name
    ACCESS_PASS_USED = "access-pass:used"  # noqa: S105  an event name
    JOURNEY_PLANNED = "journey:planned"
    JOURNEY_ENDED = "journey:ended"
    METHODS_RESET = "methods:reset"
    RECOVERY_ADDRESS_CONFIRMED = "recovery-address:confirmed"

    CASE_OPENED = "case:opened"
    CASE_TAKEN = "case:taken"
    CASE_NOTED = "case:noted"
    CASE_CLOSED = "case:closed"
    CALLER_ASKED = "caller:asked"
    CALLER_PROVED = "caller:proved"
    CALLER_REFUSED = "caller:refused"

    APPLICATION_SUBMITTED = "application:submitted"
    APPLICATION_REFUSED = "application:refused"
    APPLICATION_WITHDRAWING = "application:withdrawing"
    APPLICATION_WITHDRAWN = "application:withdrawn"
    APPLICATION_IN_EFFECT = "application:in-effect"
    TERMINATION_REQUESTED = "termination:requested"
    TERMINATION_APPROVED = "termination:approved"
    TERMINATION_REFUSED = "termination:refused"
    TERMINATION_EXPIRED = "termination:expired"
    TERMINATION_ENDED = "termination:ended"
    APPLICATION_TERMINATED = "application:terminated"
    DELIVERY_CONFIRMED = "delivery:confirmed"
    DELIVERY_FAILED = "delivery:failed"
    DELIVERY_RETRIED = "delivery:retried"
    DELIVERY_SETTLED = "delivery:settled"
    DELIVERY_AWAITED = "delivery:awaited"
    DELIVERY_SENT = "delivery:sent"
    DELIVERY_REPEATED = "delivery:repeated"
    GUIDE_CHANGED = "guide:changed"
    AFFILIATION_CHANGED = "affiliation:changed"
    SYSTEM_CHANGED = "system:changed"
    SYSTEM_STOPPED = "system:stopped"
    SYSTEM_HALTED = "system:halted"
    SYSTEM_RESUMED = "system:resumed"
    SYSTEM_TRIED = "system:tried"
    SYSTEM_COMPARED = "system:compared"
    CIRCUIT_OPENED = "circuit:opened"
    CIRCUIT_TRIED = "circuit:tried"
    CIRCUIT_CLOSED = "circuit:closed"
    ALARM_RAISED = "alarm:raised"
    ALARM_OVER = "alarm:over"

    EVENTS_READ = "events:read"
    EVENTS_EXPORTED = "events:exported"
    EVENTS_RETIRED = "events:retired"
    FINDING_MADE = "finding:made"
    FINDING_REMARKED = "finding:remarked"
    FINDING_CLOSED = "finding:closed"
    FINDING_REOPENED = "finding:reopened"
    THRESHOLD_CHANGED = "threshold:changed"
    COLLECTOR_FAILED = "collector:failed"
    COLLECTOR_RESUMED = "collector:resumed"
    HEADS_FAILED = "heads:failed"
    HEADS_RESUMED = "heads:resumed"


def event_choices() -> list[tuple[str, str]]:
    """For the model field: a function, so that a longer list makes no migration."""
    return [(name.value, name.value) for name in EventName]
