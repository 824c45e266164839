"""Reason codes of the Authenticator."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "push-held": _(
            "No more requests are sent to your phone for now: too many were not approved, or one was reported as unknown. "
            "Enter the code that the app shows, or use another method."
        ),
    }
)
