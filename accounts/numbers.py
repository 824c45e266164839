"""The number of the student or staff card: asked for once where the institution wants it, as one more way to tell who calls (S-118)."""

import re
import unicodedata

from django.conf import settings
from django.db import transaction

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record

LENGTH = 32


def canonical_number(text: str) -> str:
    """A number as it stands on the card, however it was typed; nothing where it cannot be one (MFA_INSTITUTION_NUMBER_PATTERN)."""
    number = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    fits = len(number) <= LENGTH and re.fullmatch(settings.MFA_INSTITUTION_NUMBER_PATTERN, number, re.ASCII)
    return number if fits else ""


@transaction.atomic
def give_number(account: Account, text: str, *, actor: Account) -> None:
    """Keep the number, once; Refused when it cannot be one, and when one is known already: only the directory changes it then."""
    account = hold(account.pk)
    number = canonical_number(text)
    if actor.pk != account.pk or account.institution_number:
        raise Refused("not-allowed")
    if not number:
        raise Refused("number-unreadable")
    account.institution_number = number
    account.save(update_fields=["institution_number"])
    record(EventName.ACCOUNT_NUMBER_GIVEN, account=account, actor=actor, after={"institution_number": number})
