"""Reason codes of drafts and versions of the policy."""

from django.utils.translation import gettext_lazy as _

from accounts.denials import forbid
from accounts.refusals import explain

explain(
    {
        "draft-open": _("There is a draft already, or a version that waits for a second person. Go on with it, or discard it first."),
        "draft-gone": _("There is no draft any more: somebody switched it on, discarded it, or asked for a second person."),
        "draft-changed": _("Somebody else has changed the draft since you opened this page. Look at it, and do what you wanted once more."),
        "version-gone": _("There is no such version that was ever in force."),
        "would-lock-you-out": _(
            "With these rules you could not sign in again from where you are now. Have a method registered that they accept, or change "
            "them, then try again."
        ),
        "people-left-without": _(
            "This would leave %(count)s people without any usable verification method. Look at the list, then enter that number to go on "
            "all the same, or give the kinds a last day."
        ),
        "more-left-without": _(
            "Meanwhile more people would be left without any usable method than when this was asked for. Take it back, and look at the list."
        ),
        "contingency-gone": _("The version in force has prepared nothing of this name any more. Look at what there is."),
        "contingency-hours": _("Choose between 1 and %(hours)s hours, as was prepared."),
        "outage-open": _("An outage is declared, or asked for, already. End it first."),
        "outage-over": _("It is over already: it ended by itself, was ended, or nobody agreed in time."),
        "own-outage": _("You asked for this yourself. Somebody else has to agree."),
        "nothing-waits": _("Nothing waits for a decision any more: it was decided, taken back, or more than a day has passed."),
        "own-policy": _("You asked for this change yourself. It protects some sign-ins less, so somebody else has to switch it on."),
        "policy-outdated": _("Another version has come into force since this was asked for. Take it back, and look at it once more."),
        "policy-requester-may-not": _("Whoever asked for this change may no longer do so. Take it back, and ask anew."),
    }
)
forbid({"own-policy": _("it is their own request"), "own-outage": _("it is their own request")})
