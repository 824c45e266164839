"""A code that a caller reads out, explained: where they are, why the page stopped them, what to say, and whose sign-in it is."""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import get_language

from accounts.error_codes import BY_NUMBER, CATALOGUE, Entry, Words, ids_of, spoken
from accounts.models import Account
from accounts.refusals import explained as sentences
from accounts.search import EVERYBODY
from audit.models import Event
from signin.models import SignInAttempt

_BLANK = re.compile(r"%\(\w+\)[^a-z]*[a-z]")
KEPT = timedelta(days=1)  # a caller reads what is on the screen


@dataclass(frozen=True)
class Said:
    """The next sentence in one language."""

    language: str
    text: str


@dataclass(frozen=True)
class Explained:
    """What the desk reads about a code. Without an account the sentence stands there in every language."""

    code: str
    step: Words
    cause: str
    sayings: list[Said]
    account: Account | None = None
    reference: str = ""


def explain(text: str, mine: Q = EVERYBODY) -> Explained | None:
    """What the code that `text` is means; None for anything else. The account is told when it is one of those that fit `mine`."""
    heard = spoken(text)
    if heard is None:
        return None
    name = BY_NUMBER[heard.number]
    entry, account = CATALOGUE[name], _whose(heard.reference, mine)
    code = "-".join(filter(None, (str(heard.number), heard.reference)))
    return Explained(code, entry.step, _cause(name, entry), _sayings(entry, account), account, heard.reference)


def _cause(name: str, entry: Entry) -> str:
    """Where the sentence has blanks, the person's own page has them filled in. Sentences of commands are not known to the site."""
    japanese = get_language() == "ja"
    desk = settings.MFA_SUPPORT_NAME_JA if japanese else settings.MFA_SUPPORT_NAME
    return str(entry.cause) or _BLANK.sub("…", str(sentences().get(name, entry.say)).replace("%(desk)s", desk)).replace("%%", "%")


def _sayings(entry: Entry, account: Account | None) -> list[Said]:
    here = str(get_language())
    codes = [account.language] if account else [code for code, _name in settings.LANGUAGES]
    said = []
    for code in dict.fromkeys([here, *codes]):
        with translation.override(code):
            said.append(Said(code, str(entry.say)))
    return said


def _whose(reference: str, mine: Q) -> Account | None:
    """Whose sign-in, or else whose request, has this reference; nobody when two could be meant."""
    if not reference:
        return None
    first, last = ids_of(reference)
    accounts = Account.objects.filter(mine).select_related("affiliation")
    begun = SignInAttempt.objects.filter(pk__gte=first, pk__lte=last).values("account")
    found = list(accounts.filter(pk__in=begun)[:2]) or list(accounts.filter(pk__in=_recorded(reference))[:2])
    return found[0] if len(found) == 1 else None


def _recorded(reference: str) -> set[int]:
    """Accounts of which something was recorded lately in the request, or in the sign-in, of this reference."""
    rows = (account for column in ("request_id", "attempt") for account in found_by(column, reference).values_list("account_id", flat=True))
    return {account for account in rows if account is not None}


def found_by(column: str, reference: str) -> QuerySet[Event]:
    """Events of the last day whose id in this column has the reference: one range of its index."""
    first, last = map(str, ids_of(reference))
    since = Event.objects.filter(at__gte=timezone.now() - KEPT, account_id__isnull=False)
    # What the index leaves out is said as well, so that the planner may use it.
    return since.exclude(**{column: ""}).filter(**{f"{column}__gte": first, f"{column}__lte": last})
