"""Reason codes of the help desk."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "case-closed": _("This case is closed. Open a new one for the account if something is still to be done."),
        "case-kept": _("You have this case already."),
    }
)
