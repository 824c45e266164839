"""Who is on the telephone: proofs asked for in a case, given by the person or confirmed by others, and what they add up to (R-163).

Staff see no code and no pass: a device answers by itself, a code is read back, and a number on screen is said to the caller.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import Powers, require
from audit.catalogue import EventName
from audit.record import record
from helpdesk import cases, velocity
from helpdesk.models import CallerProof, Case, ProofState
from helpdesk.risks import KNOWN, RISKS, SORTS, VALID
from methods.allowance import allowance_of
from methods.answers import Judged, Outcome, Proof, Question, answer
from methods.challenges import ask, asked_by, method
from methods.models import Purpose, RegisteredMethod
from methods.registry import kind
from methods.unknown_requests import is_held
from methods.usable import is_in_force, listed

ASK = "caller:ask"


@dataclass(frozen=True)
class Way:
    """One way in which the caller could prove who they are: a method of theirs, and the sort of proof."""

    method: RegisteredMethod
    way: str
    sort: str


def ways(methods: Iterable[RegisteredMethod]) -> list[Way]:
    """What could be asked now; never what is suspended, nor what was registered in the last days: that may be the impostor's."""
    since = timezone.now() - timedelta(days=settings.MFA_PROOF_DAYS)
    old_enough = [one for one in methods if is_in_force(one) and allowance_of(one.account).allows(one.kind) and one.bound_at <= since]
    return [Way(one, way, sort) for one in old_enough for way, sort in kind(one.kind).proves_callers.items()]


def binding_of(case: Case) -> str:
    """How challenges of this case are told from those of a browser."""
    return f"case:{case.number}"


@transaction.atomic
def ask_device(case: Case, method_id: UUID, way: str, *, actor: Account) -> CallerProof:
    """Ask a method of the account; Refused for one that is not on it or too new, after a report, and as `methods.challenges.ask` refuses."""
    case, account = _held(case, actor)
    if is_held(account):
        raise Refused("caller-reported")
    chosen = next((one for one in ways(listed(account)) if (one.method.pk, one.way) == (method_id, way)), None)
    if chosen is None:
        raise Refused("proof-not-possible")
    challenge = ask(account, method(chosen.method, way), purpose=Purpose.CALLER, binding=binding_of(case), again=True)
    known = CallerProof.objects.filter(challenge=challenge).first()
    return known or _asked(case, chosen.sort, actor, challenge=challenge, name=chosen.method.name)


@transaction.atomic
def ask_person(case: Case, sort: str, *, actor: Account) -> CallerProof:
    """Ask the office or a colleague to confirm who it is; what somebody else asked already is not one's own question."""
    case, _account = _held(case, actor)
    if sort not in SORTS or not SORTS[sort].right:
        raise Refused("proof-not-possible")
    waiting = case.proofs.filter(sort=sort, asked_by=actor, state=ProofState.WAITING, expires_at__gt=timezone.now()).first()
    return waiting or _asked(case, sort, actor)


def _held(case: Case, actor: Account) -> tuple[Case, Account]:
    case = cases.held(case, actor)
    if case.account is None:
        raise Refused("proof-not-possible")
    require(actor, ASK, on=case.account)
    return case, case.account


def _asked(case: Case, sort: str, actor: Account, **facts: object) -> CallerProof:
    proof = CallerProof.objects.create(case=case, sort=sort, asked_by=actor, expires_at=timezone.now() + VALID, **facts)
    with cases.within(case):
        record(EventName.CALLER_ASKED, account=case.account, actor=actor, after={"proof": sort})
    return proof


def judge(proof: CallerProof, text: str, *, actor: Account) -> Judged:
    """What the device said, or the code that the caller read back; a wrong one ends the proof. The outermost transaction."""
    case, challenge = proof.case, proof.challenge
    if challenge is None or case.account_id is None:
        raise Refused("proof-over")
    _may_judge(case, actor)

    def confirm(account: Account, _given: Proof) -> None:
        _decide(proof, ProofState.CONFIRMED, actor=account)

    with cases.within(case):
        judged = answer(case.account_id, text, Question(Purpose.CALLER, binding_of(case), asked_by(challenge)), then=confirm)
        if judged.outcome is Outcome.WRONG:
            with transaction.atomic():
                _decide(proof, ProofState.REFUSED, actor=None)
    return judged


def _may_judge(case: Case, actor: Account) -> None:
    assert case.account is not None  # noqa: S101  `judge` has seen to it
    require(actor, ASK, on=case.account)
    if not case.is_open:
        raise Refused("case-closed")


@transaction.atomic
def attest(proof: CallerProof, *, actor: Account, reason: str, seen: bool) -> None:
    """The office or a colleague says whether it is the person; never who asked, nor the person, nor without the right."""
    case = cases.locked(proof.case)
    right = SORTS[proof.sort].right
    if not right or case.account is None:
        raise Refused("proof-over")
    require(actor, right, on=case.account, reason=reason)
    if actor.pk == proof.asked_by_id:
        raise Refused("own-question")
    if seen:  # a warning is never one too many
        velocity.count(actor, velocity.ATTEST)
    with cases.within(case):
        _decide(proof, ProofState.CONFIRMED if seen else ProofState.REFUSED, actor=actor, reason=reason, by=actor)
    if not seen:
        void(case.account)


def _decide(proof: CallerProof, state: ProofState, *, actor: Account | None, reason: str = "", by: Account | None = None) -> None:
    now = timezone.now()
    waiting = CallerProof.objects.filter(pk=proof.pk, state=ProofState.WAITING, expires_at__gt=now, case__closed_at=None)
    if not waiting.update(state=state, decided_at=now, decided_by=by, expires_at=now + VALID):
        raise Refused("proof-over")
    name = EventName.CALLER_PROVED if state == ProofState.CONFIRMED else EventName.CALLER_REFUSED
    record(name, account=proof.case.account, actor=actor, reason=reason, after={"proof": proof.sort})


def void(account: Account) -> None:
    """Somebody who must know says that it is not the person: nothing proves who calls any more, in whatever case. Under the account's lock."""
    now = timezone.now()
    standing = CallerProof.objects.filter(case__account=account, state__in=(ProofState.WAITING, ProofState.CONFIRMED), expires_at__gt=now)
    for proof in standing.select_related("case"):
        CallerProof.objects.filter(pk=proof.pk).update(state=ProofState.REFUSED, decided_at=now)
        with cases.within(proof.case):
            record(EventName.CALLER_REFUSED, account=account, after={"proof": proof.sort})


def to_confirm(actor: Account, own: Powers) -> QuerySet[CallerProof]:
    """What waits for a person with these powers, and was not asked by this one."""
    mine = Q(pk__in=[])
    for sort in SORTS.values():
        if sort.right and sort.right in own.rights:
            mine |= Q(sort=sort.code) & own.among(sort.right, "case__account__")
    waiting = CallerProof.objects.filter(mine, state=ProofState.WAITING, expires_at__gt=timezone.now(), case__closed_at=None)
    others = waiting.exclude(asked_by=actor).exclude(case__account=actor)
    return others.select_related("case__account__affiliation", "asked_by").order_by("asked_at")


def counts(proof: CallerProof) -> bool:
    """Whether it was given, lately, and not by a method that is suspended or gone since: whoever holds a stolen phone answers with it."""
    confirmed = proof.state == ProofState.CONFIRMED and proof.expires_at > timezone.now()
    asked = proof.challenge.method if proof.challenge else None
    return confirmed and (asked is None or is_in_force(asked))


def given(proofs: Iterable[CallerProof], actor: Account) -> set[str]:
    """The sorts of proof that count when this member of staff acts: that they know the caller themselves is no second opinion."""
    return {proof.sort for proof in proofs if counts(proof) and (proof.sort != KNOWN or proof.decided_by_id != actor.pk)}


def score(sorts: Iterable[str]) -> int:
    """What proofs of these sorts add up to; a sort counts once, however often it was given."""
    return sum(SORTS[sort].weight for sort in set(sorts) if sort in SORTS)


def demand(case: Case, action: str, *, actor: Account) -> None:
    """Refused unless the proofs of the case are enough for this action; asked under the account's lock."""
    reached, needed = score(given(case.proofs.select_related("challenge__method"), actor)), RISKS[action].points
    if reached < needed:
        raise Refused("caller-unproved", needed=needed, score=reached)
