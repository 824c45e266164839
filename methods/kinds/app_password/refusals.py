"""Why there is no app password."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "app-password-too-early": _(
            "App passwords are for accounts that use MFA. Your programs go on working with your own password for now. "
            "Apply for MFA use (Step 4) first, then make an app password here."
        ),
        "app-password-of-this-name": _(
            "You have an app password of this name. Choose another name, so that you know later which one to delete."
        ),
        "app-password-nowhere": _("No connected system takes app passwords at the moment."),
    }
)
