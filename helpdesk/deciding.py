"""What a second person decides on, exactly as it was asked: on the list, and on the page of the account (R-162)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.badge import Badged
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import Powers, staff_wait
from helpdesk.approvals import APPROVE
from helpdesk.models import Approval
from helpdesk.offers import why_not
from helpdesk.risks import RISKS, in_words, wait
from helpdesk.saying import headline
from methods.models import RegisteredMethod
from policies.models import ConnectedSystem, Termination
from policies.standing import Use
from policies.states import CAN_TERMINATE

ASK, DECIDE = "termination:request", "termination:approve"


@dataclass(frozen=True)
class Row:
    """One request with all that it would change, and why this person may not decide on it."""

    approval: Approval
    label: Promise
    methods: list[RegisteredMethod]
    waits: str
    own: bool
    may_approve: bool
    may_refuse: bool
    obstacle: str  # why not approve, where that is still to be decided


@dataclass(frozen=True)
class Request:
    """A request to end MFA use: the snapshot on which somebody decides, and who may not decide and why."""

    termination: Termination
    state: str
    systems: list[str]
    waits: str  # how long before it is begun, where the account has a role
    approve_obstacle: str
    refuse_obstacle: str


def approval_row(request: Badged, approval: Approval, theirs: Powers, methods: Mapping[str, RegisteredMethod]) -> Row:
    """A request for this member of staff; `methods` by their ids."""
    own, undecided = approval.requested_by_id == request.user.pk, approval.due_at is None
    obstacle = why_not(APPROVE, approval.account, request.user, request.powers, theirs)
    meant = [approval.facts["method"]] if "method" in approval.facts else [row.split()[0] for row in approval.snapshot["methods"]]
    return Row(
        approval,
        RISKS[approval.action].label,
        [methods[pk] for pk in meant if pk in methods],
        waits=in_words(wait(theirs.rank)),
        own=own,
        may_approve=undecided and not own and not obstacle,
        may_refuse=own or not obstacle,
        obstacle=(Refused("own-approval").foretold if own else obstacle) if undecided else "",
    )


def approval_rows(
    request: Badged, account: Account, theirs: Powers, methods: Iterable[RegisteredMethod], pending: Iterable[Approval]
) -> list[Row]:
    """What waits on one account for a second person, or for its time; asks the database nothing."""
    known = {str(method.pk): method for method in methods}
    rows = []
    for approval in pending:
        approval.account = account
        rows.append(approval_row(request, approval, theirs, known))
    return rows


def termination_request(request: Badged, termination: Termination, theirs: Powers, names: Mapping[str, str]) -> Request:
    """A request for this member of staff; `names` of the systems by their codes."""
    account, own = termination.application.account, termination.requested_by_id == request.user.pk
    may_decide = why_not(DECIDE, account, request.user, request.powers, theirs)
    may_ask = why_not(ASK, account, request.user, request.powers, theirs)
    return Request(
        termination,
        state=headline(_state(termination)),
        systems=[names.get(code, code) for code in termination.snapshot["systems"]],
        waits=in_words(time) if (time := staff_wait(theirs.rank)) else "",
        approve_obstacle=Refused("own-request").foretold if own and not may_ask else may_decide,
        refuse_obstacle=may_ask if own else may_decide,
    )


def _state(termination: Termination) -> str:
    """As it is now; where nothing can come of the request any more, as it was."""
    stands = termination.application.state
    return stands if stands in CAN_TERMINATE else str(termination.snapshot["state"])


def termination_row(request: Badged, account: Account, theirs: Powers, use: Use, told: Iterable[ConnectedSystem]) -> Request | None:
    """The one that waits on this account; `told` are systems that the page has read already."""
    if use.application is None or use.asked is None:
        return None
    use.application.account, use.asked.application = account, use.application
    systems, wanted = list(told), set(use.asked.snapshot["systems"])
    if unknown := wanted - {system.code for system in systems}:
        systems += ConnectedSystem.objects.filter(code__in=unknown)
    return termination_request(request, use.asked, theirs, {system.code: str(system) for system in systems})
