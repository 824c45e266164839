"""Reason codes of campaigns."""

from django.utils.translation import gettext_lazy as _

from accounts.denials import forbid
from accounts.refusals import explain

explain(
    {
        "campaign-changed": _(
            "Somebody else has changed this campaign since you opened the page. Look at it, and do what you wanted once more."
        ),
        "campaign-not-draft": _("This campaign is not a draft any more, so it cannot be changed."),
        "campaign-not-running": _("This campaign is not running."),
        "campaign-empty": _("This campaign asks nobody. Choose at least one affiliation, or give a list of accounts."),
        "campaign-too-late": _("The last day of this campaign is today or has passed. Choose a later one."),
        "campaign-not-another-day": _("Choose another last day than the one that counts now: after today, and within a year."),
        "campaign-own": _("You asked for this yourself. It decides how others sign in, so somebody else has to agree."),
        "campaign-nothing-waits": _("Nothing waits for a decision any more: it was decided, taken back, or more than a day has passed."),
        "campaign-requester-may-not": _("Whoever asked for this may no longer do so. Take it back, and ask anew."),
        "campaign-no-snooze": _("You cannot put it off any further. Please continue with the next step now."),
    }
)
forbid({"campaign-own": _("it is their own request")})
