"""Reason codes of the methods floor."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "verification-held": _(
            "There were too many wrong codes. Wait a while and try again, or contact the support desk, who can unlock your account."
        ),
        "too-many-messages": _("Many codes were sent to you lately. Use another method, or try again in an hour."),
        "method-gone": _("This method is no longer registered. Choose another one."),
        "last-method": _(
            "This is your last verification method, and MFA use is on for your account. Add another method first, then remove this one."
        ),
        "key-alone": _(
            "Some connected systems cannot ask for a security key yet, so it cannot be your only method. Register an app or a phone first; "
            "to remove your last app or phone, remove your security keys before it."
        ),
        "too-many-methods": _("You have registered as many of these as one account may have. Remove one first."),
        "not-default": _("This method cannot be the default sign-in method."),
        "number-not-allowed": _("This number cannot be used. Enter a number of one of the listed countries that can receive texts."),
        "number-of-institution": _(
            "This is a number of the institution. Enter one that you can answer at any time, also when you are away."
        ),
        "number-on-other-accounts": _("This number is already registered on other accounts. Enter another number."),
        "address-of-institution": _("You could not read this address while you are locked out. Enter an address of another provider."),
        "not-reset": _("There is no method to reset on this account."),
    }
)
