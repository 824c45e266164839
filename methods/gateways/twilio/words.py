"""Twilio's error codes in words that help whoever answers the telephone at the support desk."""

from django.utils.translation import gettext_lazy as _

from audit.terms import name_codes

WRONG_NUMBER = _("the number does not exist or is written wrongly")
NOT_REACHABLE = _("the phone is switched off, out of reach, or its network did not take it")
NOT_PERMITTED = _("the provider's settings do not permit this country or number")
NO_TEXTS = _("the number cannot receive texts; a call may work")
BLOCKED = _("the owner of the number has blocked messages from here")
FILTERED = _("the phone company filtered it out as unwanted")
OURS = _("the site's account with the provider is not in order; tell the administrators")
TOO_MANY = _("the provider was asked too often at once")
UNKNOWN = _("the phone company gave no reason")

CODES = {
    20003: OURS,
    20404: OURS,
    20429: TOO_MANY,
    20500: _("the provider was out of order"),
    21211: WRONG_NUMBER,
    21212: OURS,
    21214: NOT_REACHABLE,
    21215: NOT_PERMITTED,
    21216: NOT_PERMITTED,
    21217: WRONG_NUMBER,
    21408: NOT_PERMITTED,
    21606: OURS,
    21610: BLOCKED,
    21612: NOT_REACHABLE,
    21614: NO_TEXTS,
    13223: WRONG_NUMBER,
    13224: WRONG_NUMBER,
    13225: NOT_PERMITTED,
    13227: NOT_PERMITTED,
    30001: TOO_MANY,
    30002: OURS,
    30003: NOT_REACHABLE,
    30004: BLOCKED,
    30005: WRONG_NUMBER,
    30006: NO_TEXTS,
    30007: FILTERED,
    30008: UNKNOWN,
    30010: _("it would have cost more than the site allows"),
    30034: OURS,
    30450: FILTERED,
    30453: FILTERED,
    30454: FILTERED,
}
name_codes("problem", {str(code): words for code, words in CODES.items()})
