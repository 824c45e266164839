"""The limits of detectors: those they come with, unless an administrator has set another."""

from django.db import transaction

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from review.detectors.base import Detector, Limits, detectors
from review.models import Threshold


def limits_of(detector: Detector) -> Limits:
    """Every limit of a detector, as it is now."""
    chosen = dict(Threshold.objects.filter(detector=detector.code).values_list("name", "value"))
    return {limit.name: chosen.get(limit.name, limit.default) for limit in detector.limits}


def all_limits() -> dict[str, Limits]:
    """Those of every detector, in one query."""
    chosen = {(row.detector, row.name): row.value for row in Threshold.objects.all()}
    return {
        detector.code: {limit.name: chosen.get((detector.code, limit.name), limit.default) for limit in detector.limits}
        for detector in detectors().values()
    }


@transaction.atomic
def set_limit(code: str, name: str, value: float, *, actor: Account) -> None:
    """Set one limit; Refused without the right to configure, and outside its range. The event tells what it was before."""
    require(actor, "site:configure")
    detector = detectors().get(code)
    limit = detector.limit(name) if detector else None
    if detector is None or limit is None:
        raise Refused("threshold-unknown")
    if not limit.lowest <= value <= limit.highest:
        raise Refused("threshold-range", lowest=f"{limit.lowest:g}", highest=f"{limit.highest:g}")
    row, _made = Threshold.objects.select_for_update().get_or_create(detector=code, name=name, defaults={"value": limit.default})
    if row.value == value:
        return
    before = {"value": row.value}
    row.value = value
    row.save(update_fields=["value"])
    record(EventName.THRESHOLD_CHANGED, actor=actor, before=before, after={"detector": code, "threshold": name, "value": value})
