"""Reason codes of applications, terminations and deliveries."""

from django.conf import settings
from django.utils.functional import lazystr
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused, explain
from audit.terms import name_codes


class _Desk:
    def __str__(self) -> str:
        name = settings.MFA_SUPPORT_NAME_JA if get_language() == "ja" else settings.MFA_SUPPORT_NAME
        ways = [way for way in (settings.MFA_SUPPORT_EMAIL, settings.MFA_SUPPORT_PHONE) if way]
        return f"{name} ({', '.join(ways)})" if ways else name


def refused(code: str) -> Refused:
    """A refusal whose sentence names the support desk, in the language of whoever reads it (S-84)."""
    return Refused(code, desk=lazystr(_Desk()))


explain(
    {
        "no-method": _(
            "No verification method is registered that could be used at sign-in. Register one in Step 1 and try a sign-in with it. "
            "If that does not work, contact the %(desk)s."
        ),
        "no-test-signin": _(
            "There has been no successful sign-in with a verification method lately. Do Step 3 first: sign out, then sign in with MFA. "
            "If that does not work, do not apply; contact the %(desk)s."
        ),
        "already-applied": _("MFA use has already been applied for."),
        "text-changed": _("The instructions have changed since you opened this page. Read them again, then save."),
        "no-systems": _("No connected system could be told at the moment. Try again later, or contact the %(desk)s."),
        "cannot-disable": _("You cannot disable MFA by yourself. If you have to stop using it, contact the %(desk)s to terminate MFA use."),
        "nothing-to-withdraw": _("There is no application that could be withdrawn."),
        "too-late-to-withdraw": _(
            "A connected system has already been changed, so the application can no longer be withdrawn. "
            "If you have to stop using MFA, contact the %(desk)s."
        ),
        "no-mfa-use": _("MFA use is not applied for on this account, so there is nothing to terminate."),
        "closed-stays-protected": _(
            "This account is locked or has left the institution. As long as that is so, the connected systems go on asking for a verification."
        ),
        "termination-open": _("A termination has already been requested for this account and waits for approval."),
        "termination-days": _("Choose between 1 and %(longest)s days."),
        "no-exception": _("MFA use of this account is not terminated, so there is no exception to end."),
        "termination-closed": _("This request has already been decided or has expired. Make a new one if it is still needed."),
        "termination-outdated": _("The account has changed since the request was made. Make a new request."),
        "own-request": _("You made this request yourself. Somebody else has to approve it."),
        "requester-may-not": _("Whoever made this request may no longer do so. Make a new request."),
        "nothing-to-send": _("MFA use was never applied for on this account, so there is nothing to tell."),
        "not-due-yet": _("What this system is to learn of the account is not due yet."),
        "may-apply-twice": _("This system might apply a change twice, so nothing is sent to it by hand."),
        "site-unsure": _(
            "This site was restored from a backup, or is a copy. Nothing is sent to connected systems until that has been confirmed "
            "under “Connected systems”, “After a restore”."
        ),
        "site-is-sure": _("There is nothing to confirm: changes are being passed on."),
        "not-compared": _(
            "Not every connected system has been compared yet. Compare them first; stop a system that cannot be reached, then it is left out."
        ),
        "nothing-to-retry": _("This change is not waiting for anybody."),
        "already-wished": _("You have asked for this already, or the support desk has requested it. Wait for their decision."),
        "nothing-wished": _("This wish has already been answered or taken back."),
        "own-sign-in": _("This site’s own sign-in is never settled by hand: pass the change on again."),
        "nothing-to-wait-for": _("This system is ready already, or the change is not on its way any more."),
        "already-stopped": _("This system is stopped already."),
        "stopped-meanwhile": _(
            "This system has been stopped since you opened this page. Read why, and resume it if that is right nevertheless."
        ),
    }
)
name_codes(
    "why",
    {
        "no-method": _("no usable method"),
        "no-test-signin": _("no recent test sign-in"),
        "already-applied": _("already applied for"),
        "text-changed": _("the instructions had changed"),
        "no-systems": _("no connected system"),
        "mfa-terminated": _("MFA use was terminated"),
        "mfa-in-effect": _("MFA use came into effect"),
        "changed": _("something had changed since the request"),
    },
)
