"""Connected systems that ask this site something: who they are is judged by the floor that knows them."""

from collections.abc import Callable
from dataclasses import dataclass

from methods.eligibility import Ability, NobodyKnows


@dataclass(frozen=True)
class Caller:
    """A connected system that has proved who it is, and what it may do."""

    code: str
    name: str
    abilities: frozenset[Ability]


Judge = Callable[[str, str], Caller | None]
_judges: list[Judge] = []


def judged_by(judge: Judge) -> None:
    """Have callers judged so from now on. Called from AppConfig.ready."""
    _judges[:] = [judge]


def caller_of(code: str, secret: str) -> Caller | None:
    """The enabled system with this code when the secret is its own; NobodyKnows without a judge."""
    if not _judges:
        raise NobodyKnows
    return _judges[0](code, secret)
