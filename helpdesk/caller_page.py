"""What the account's page shows of the caller: how well they are verified, what was asked, and what else could be."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit.terms import value_words
from helpdesk.callers import Way, counts, given, score, ways
from helpdesk.models import CallerProof, ProofState
from helpdesk.risks import SORTS, Sort
from methods.models import Challenge, ChallengeState, RegisteredMethod
from methods.registry import kind

OVER = _("It took too long, or another question took its place. Ask anew.")
VOID = _("This counts no more: the device was suspended or removed, or somebody said that the caller is not the person.")


@dataclass(frozen=True)
class ShownProof:
    """A proof with what staff do about it now: say a number, type what is read back, or wait."""

    proof: CallerProof
    sort: Sort

    @property
    def stand(self) -> str:
        """`waiting`, `answered` by the device, `confirmed`, `refused`, or `over`."""
        if self.proof.state == ProofState.WAITING and self._is_over:
            return "refused" if self._challenge and self._challenge.ending else "over"
        if self.proof.state == ProofState.CONFIRMED and not counts(self.proof):
            return "over"
        if self.proof.state == ProofState.WAITING and self._challenge and self._challenge.approved_at:
            return "answered"
        return self.proof.state

    @property
    def _challenge(self) -> Challenge | None:
        return self.proof.challenge

    @property
    def _is_over(self) -> bool:
        challenge, now = self._challenge, timezone.now()
        ended = challenge is not None and (challenge.state != ChallengeState.OPEN or challenge.expires_at <= now)
        return ended or self.proof.expires_at <= now

    @property
    def why(self) -> str | Promise:
        """Why nothing came of it."""
        void = self.proof.state != ProofState.WAITING and self.proof.expires_at > timezone.now()
        return value_words("problem", self._challenge.ending if self._challenge else "") or (VOID if void else OVER)

    @property
    def by_itself(self) -> bool:
        """Whether the device answers, so that the page only waits."""
        return self._challenge is not None and kind(self._challenge.kind).way(self._challenge.way).waits

    @property
    def number(self) -> str:
        """What is said to the caller, who types it on their own device."""
        facts = kind(self._challenge.kind).facts(self._challenge) if self._challenge else {}
        return str(facts.get("number") or facts.get("digits") or "")


@dataclass(frozen=True)
class Offered:
    """One thing that could be asked for."""

    sort: Sort
    way: Way | None = None


@dataclass(frozen=True)
class Calling:
    """The caller of the current case."""

    score: int
    proofs: Sequence[ShownProof]
    offers: Sequence[Offered]


def calling(proofs: Sequence[CallerProof], methods: Sequence[RegisteredMethod], viewer: Account) -> Calling:
    """The proofs of a case as they count for this member of staff, and what the methods of its account could still add."""
    shown = [ShownProof(proof, SORTS[proof.sort]) for proof in proofs if proof.sort in SORTS]
    counting = given(proofs, viewer)
    offers = [Offered(SORTS[way.sort], way) for way in ways(methods)] + [Offered(sort) for sort in SORTS.values() if sort.right]
    return Calling(score(counting), shown, [one for one in offers if one.sort.code not in counting])
