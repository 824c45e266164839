"""Reason codes of the methods floor."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import explain

explain(
    {
        "verification-held": _(
            "There were too many wrong codes. Wait a while and try again, or contact the support desk, who can unlock your account."
        ),
        "caller-held": _("Too many answers of callers were wrong on this account. Ask the office or a colleague to confirm who it is."),
        "too-many-messages": _("Many codes were sent to you lately. Use another method, or try again in an hour."),
        "begun-elsewhere": _(
            "You began anew in another window, so nothing was done with what you entered here. Go on with what this page shows now."
        ),
        "method-gone": _("This method is no longer registered. Choose another one."),
        "kind-not-allowed": _(
            "Your institution does not let this account register a method of this kind. Choose another one; if none suits you, ask the support desk."
        ),
        "kind-withdrawn": _(
            "Your institution does not accept methods of this kind any more. Use a different verification option; if you have none, ask the "
            "support desk for a Temporary Access Pass, with which you register another method."
        ),
        "last-method": _(
            "This is your last verification method, and MFA use is on for your account. Add another method first, then remove this one."
        ),
        "key-alone": _(
            "Some connected systems cannot ask for a security key yet, so it cannot be your only method. Register an app or a phone first; "
            "to remove your last app or phone, remove your security keys before it."
        ),
        "pass-not-possible": _("This account is locked or has left: no Temporary Access Pass can be issued for it."),
        "pass-limits": _("A Temporary Access Pass lasts from ten minutes to thirty days and serves once to twenty times."),
        "too-many-methods": _("You have registered as many of these as one account may have. Remove one first."),
        "not-default": _("This method cannot be the default sign-in method."),
        "number-not-allowed": _(
            "This number cannot be used. Enter a number of one of the listed countries that can receive texts or calls."
        ),
        "number-without-texts": _(
            "This is a number of a landline, which receives no texts. Choose “Call me”, or enter the number of a mobile phone."
        ),
        "mobile-with-extension": _("A mobile phone has no extension. Leave it empty, or enter the number of the switchboard."),
        "number-of-another-slot": _(
            "You have registered this number already. Enter another one, so that you have a way when that phone is not at hand."
        ),
        "phone-of-staff": _(
            "People with a role on this site cannot register a phone number, because texts and calls protect too little. Use an app or a security key."
        ),
        "calls-held": _(
            "Your phones are not called for now: too many calls were not confirmed, or one was reported as unknown. "
            "Use another method, or try again later."
        ),
        "number-of-institution": _(
            "This is a number of the institution. Enter one that you can answer at any time, also when you are away."
        ),
        "number-on-other-accounts": _("This number is already registered on other accounts. Enter another number."),
        "address-of-institution": _("You could not read this address while you are locked out. Enter an address of another provider."),
        "no-successor": _("Register the method of the new phone first. Then the old one can be given an end."),
        "not-for-travel": _("This method needs a telephone network or a notification. Choose one that makes codes by itself."),
        "travel-country": _("Choose the country from the list."),
        "travel-dates": _("Choose a first day and a last day that is not before it, within a year."),
        "activity-gone": _("This entry cannot be reported here. If something is wrong with your account, contact the support desk."),
        "activity-here": _("This is the session you are using now. If you did not open it, sign out and contact the support desk at once."),
        "method-not-active": _("This method is suspended already."),
        "method-not-restorable": _("Only a suspended method is brought back, and not one that was suspended after too many wrong codes."),
        "no-recovery-address": _(
            "There is no recovery address, or it was confirmed too lately or is suspended. Send the person to a counter with their ID card."
        ),
        "report-settled": _("This report has already been settled."),
        "not-reset": _("There is no method to reset on this account."),
    }
)
