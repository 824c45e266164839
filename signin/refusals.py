"""Reason codes of the door."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "attempt-over": _("This sign-in took too long, or something about your account has changed meanwhile. Sign in again."),
        "wrong-password": _(
            "The Common ID or the password is not right, or it was tried too often. Check both and try again later. "
            "If you cannot sign in, contact the support desk."
        ),
    }
)
