"""What auditors do with findings: remark on one, close one. Never about themselves."""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from review.models import Finding, Remark

RIGHT = "finding:review"


def open_findings() -> int:
    """How many wait for somebody."""
    return Finding.objects.filter(closed_at=None).count()


@transaction.atomic
def remark(finding_id: uuid.UUID, *, actor: Account, text: str) -> Finding:
    """Write down what was found so far; Refused without the right, on what is about oneself, and once it is closed."""
    finding = _held(finding_id, actor, text)
    Remark.objects.create(finding=finding, by=actor, text=text.strip())
    record(EventName.FINDING_REMARKED, account=finding.account, actor=actor, reason=text.strip(), after=_facts(finding))
    return finding


@transaction.atomic
def close(finding_id: uuid.UUID, *, actor: Account, text: str) -> Finding:
    """Close it with a word on why; Refused as `remark` is."""
    finding = _held(finding_id, actor, text)
    finding.closed_at, finding.closed_by = timezone.now(), actor
    finding.save(update_fields=["closed_at", "closed_by"])
    Remark.objects.create(finding=finding, by=actor, text=text.strip(), closing=True)
    record(EventName.FINDING_CLOSED, account=finding.account, actor=actor, reason=text.strip(), after=_facts(finding))
    return finding


def is_about(finding: Finding, account: Account) -> bool:
    """Whether the finding concerns this person, as holder of an account or as staff."""
    return account.pk in finding.people or finding.account_id == account.pk


def _held(finding_id: uuid.UUID, actor: Account, text: str) -> Finding:
    require(actor, RIGHT)
    finding = Finding.objects.select_for_update(of=("self",)).select_related("account").get(pk=finding_id)
    if is_about(finding, actor):
        raise Refused("finding-own")
    if finding.closed_at is not None:
        raise Refused("finding-closed")
    if not text.strip():
        raise Refused("finding-word-missing")
    return finding


def _facts(finding: Finding) -> dict[str, str]:
    return {"detector": finding.detector, "finding": str(finding.pk)}
