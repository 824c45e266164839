"""Why there is no app password."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "app-password-too-early": _(
            "App passwords are for accounts that use MFA. Until MFA use has been applied for, your programs go on working with your own password."
        ),
        "app-password-nowhere": _("No connected system takes app passwords at the moment."),
    }
)
