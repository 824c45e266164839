"""The states of an application for MFA use, and the one table of the steps between them (S-141)."""

from django.db.models import TextChoices


class ApplicationState(TextChoices):
    APPLIED = "applied"  # on its way to the connected systems
    IN_EFFECT = "in-effect"
    WITHDRAWING = "withdrawing"  # a system was being told already; the reverse is on its way
    WITHDRAWN = "withdrawn"
    TERMINATING = "terminating"
    TERMINATED = "terminated"


S = ApplicationState
TRANSITIONS: dict[ApplicationState, frozenset[ApplicationState]] = {
    S.APPLIED: frozenset({S.IN_EFFECT, S.WITHDRAWING, S.WITHDRAWN, S.TERMINATING}),
    S.IN_EFFECT: frozenset({S.TERMINATING}),
    S.WITHDRAWING: frozenset({S.WITHDRAWN}),
    S.TERMINATING: frozenset({S.TERMINATED}),
    S.WITHDRAWN: frozenset(),
    S.TERMINATED: frozenset(),
}
ON_THE_WAY = (S.APPLIED, S.WITHDRAWING, S.TERMINATING)
LIVE = tuple(state.value for state, following in TRANSITIONS.items() if following)
CAN_TERMINATE = tuple(state.value for state, following in TRANSITIONS.items() if S.TERMINATING in following)


class IllegalStep(Exception):
    """A step that is not in the table: a mistake in the program, never in what somebody asked for."""


def check_step(old: str, new: ApplicationState) -> None:
    """IllegalStep unless an application may go from `old` to `new`."""
    if new not in TRANSITIONS[ApplicationState(old)]:
        raise IllegalStep(f"{old} to {new}")
