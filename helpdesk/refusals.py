"""Reason codes of the help desk."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "staff-limit": _(
            "You have reached the limit of %(most)s in %(period)s for “%(what)s”. It is possible again at %(until)s. Colleagues and the auditors "
            "have been told; if it is urgent, ask a colleague to go on, or an administrator."
        ),
        "bulk-size": _("The list has %(found)s lines; it needs at least one, and may have %(most)s."),
        "bulk-state": _("This is not possible now: the job has gone on meanwhile, has expired, or is not yours. Look at it again."),
        "bulk-outdated": _("The list was approved more than a day ago. Make it again, and have it approved again."),
        "bulk-unknown": _("There is no such account among those that you look after."),
        "bulk-twice": _("This account is in the list already."),
        "bulk-staff": _("This account has a role. Act on its page: it takes two people and a day."),
        "bulk-stopped-by-owner": _("The account holder stopped it."),
        "broke-off": _("Something went wrong at the server, and nothing was changed. The administrators are told; ask for it again later."),
        "not-locked": _("This account is not locked."),
        "no-such-account": _("There is no account %(common_id)s."),
        "case-closed": _("This case is closed. Open a new one for the account if something is still to be done."),
        "caller-unproved": _("Find out first who is calling: this needs %(needed)s points, and the caller has %(score)s."),
        "proof-not-possible": _("This proof cannot be asked for: the method is gone, or too new. Choose another."),
        "caller-reported": _(
            "This person reported a request that was not their own, so none of their devices is asked who is calling: for a day, or until the "
            "report is settled. Have the office see the ID card, or look into the report first."
        ),
        "proof-over": _("This proof has been given or refused already, or it took too long. Ask anew."),
        "own-question": _("You asked for this confirmation yourself. Somebody else has to give it."),
        "approval-open": _("A second person has been asked to approve this already."),
        "approval-closed": _("This request has already been decided, was stopped by the owner, or has expired."),
        "approval-outdated": _("The account has changed since the request was made. Make a new request."),
        "own-approval": _("You made this request yourself. Somebody else has to approve it."),
        "stop-over": _("This link has been used already or is too old. If something is not right, contact the support desk."),
        "too-many-searches": _("You have searched very often within a minute. Wait a moment, then search again."),
        "case-kept": _("You have this case already."),
    }
)
