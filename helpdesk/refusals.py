"""Reason codes of the help desk."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "case-closed": _("This case is closed. Open a new one for the account if something is still to be done."),
        "caller-unproved": _("Find out first who is calling: this needs %(needed)s points, and the caller has %(score)s."),
        "proof-not-possible": _("This proof cannot be asked for: the method is gone, or too new. Choose another."),
        "proof-over": _("This proof has been given or refused already, or it took too long. Ask anew."),
        "own-question": _("You asked for this confirmation yourself. Somebody else has to give it."),
        "case-kept": _("You have this case already."),
    }
)
