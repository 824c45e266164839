"""Why a message did not go out, in words: events and pages keep the code."""

from django.utils.translation import gettext_lazy as _

from audit.terms import name_codes

UNREACHABLE = _("the server could not be reached")
MAIL_SERVER = _("the mail server did not take it")

name_codes(
    "problem",
    {
        "address refused": _("the mail server refused the address"),
        "address refused for now": _("the mail server did not take mail for the address then"),
        "device gone": _("the method had been removed"),
        "no answer": _("the server did not answer, so it may have been sent"),
        "number not allowed": _("the number may not be used any more"),
        "reported as unknown": _("a request was reported as unknown, and the support desk has not looked into it yet"),
        "sending limited": _("too much was sent to this number, or asked for from this network, lately"),
        "sending stopped": _("sending has been stopped, because too much was sent"),
        "too late": _("it would have come too late"),
        "worker lost": _("sending was interrupted, so it may have been sent"),
    }
    | dict.fromkeys(
        ("ConnectionError", "ConnectionRefusedError", "ConnectTimeout", "ConnectionResetError", "gaierror", "SSLError"), UNREACHABLE
    )
    | dict.fromkeys(("SMTPAuthenticationError", "SMTPDataError", "SMTPHeloError", "SMTPSenderRefused", "SMTPConnectError"), MAIL_SERVER),
)
