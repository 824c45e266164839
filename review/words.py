"""Names of the facts that findings have, for the tables of words."""

from django.utils.translation import gettext_lazy as _

from audit.terms import KEYS, name_codes
from review.detectors.base import detectors

KEYS.update(
    {
        "accounts": _("Accounts"),
        "actions": _("Actions"),
        "agent": _("Member of staff"),
        "approvals": _("Approvals"),
        "at": _("When"),
        "deleted": _("Deleted methods"),
        "deviations": _("Deviations from the median"),
        "digest": _("Digest"),
        "export": _("Export"),
        "file": _("File"),
        "finding": _("Finding"),
        "month": _("Month"),
        "rows": _("Rows"),
        "wanted": _("Filter"),
        "median": _("Median of the others"),
        "network": _("Network"),
        "percent": _("Share in per cent"),
        "signed_in": _("Signed in"),
    }
)
name_codes("detector", {detector.code: detector.title for detector in detectors().values()})
name_codes("threshold", {limit.name: limit.label for detector in detectors().values() for limit in detector.limits})
