"""Reason codes of the review."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "finding-own": _("This finding is about you. Somebody else has to look into it."),
        "finding-closed": _("This finding has been closed already."),
        "finding-word-missing": _("Write down what you found. It is kept with the finding."),
        "threshold-range": _("Enter a number from %(lowest)s to %(highest)s."),
        "threshold-unknown": _("There is no such threshold."),
    }
)
