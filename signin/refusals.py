"""Reason codes of the door."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "request-reported": _(
            "The request was reported as unknown on the phone, so this sign-in has ended. Was it you? Then sign in again. If not, somebody "
            "knows your password: change it and tell the support desk."
        ),
        "test-needs-key": _("From here, a security key or passkey is asked of you, so only those can be tried out."),
        "attempt-over": _("This sign-in took too long, or something about your account has changed meanwhile. Sign in again."),
        "counter-over": _("This code is not known, has been used, or is too old. Ask the person to sign in again for a new one."),
        "counter-taken": _(
            "Your pass has been shown in this browser already, and it is shown once. Is it in another window? Go on there. Did you note it "
            "down? Enter it. Otherwise sign in again and ask the clerk for a new one."
        ),
        "counter-no-help": _(
            "A pass would not let you in from here: the sign-in is refused for another reason than a missing method. Try from another "
            "network, or contact the support desk."
        ),
        "counter-not-for-staff": _("This account has a role here. Its owner is helped by the support desk, with two people."),
        "card-of-another": _(
            "The Common ID on the card is not that of the person whose screen shows the code. Confirm nothing, and call the support desk."
        ),
        "wrong-password": _(
            "The Common ID or the password is not right, or it was tried too often. Check both and try again later. "
            "If you cannot sign in, contact the support desk."
        ),
    }
)
