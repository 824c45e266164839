"""One time line of an account: sign-ins with the reason in words, methods, MFA use, and what staff did; the newest first (S-84)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.browsers import recognised
from accounts.models import Account
from audit.catalogue import EventName
from audit.filters import CursorField
from audit.models import Event
from audit.period import LARGEST_ID
from audit.terms import value_words
from audit.wording import sentence, wording
from methods.outcomes import KEPT, Outcome, outcomes

SHOWN = 25
LEFT_OUT = {EventName.ACCOUNT_VIEWED, EventName.ACCOUNT_SEARCHED}  # the rest would be lost among these
# Said better by what became of the question, as long as that is kept.
OF_QUESTIONS = {EventName.CHALLENGE_ISSUED, EventName.CHALLENGE_PASSED, EventName.CHALLENGE_APPROVED, EventName.CHALLENGE_DECLINED}
SIGN_INS = "sign-in"
KINDS: dict[str, tuple[Promise, frozenset[str]]] = {
    SIGN_INS: (_("Sign-ins"), frozenset({"password", "signin", "session", "challenge", "activity", "report", "message", "sending"})),
    "methods": (_("Methods"), frozenset({"method", "methods", "journey", "app", "app-password", "recovery-address", "access-pass"})),
    "use": (_("MFA use"), frozenset({"application", "termination", "delivery"})),
    "desk": (
        _("Help desk"),
        frozenset({"case", "caller", "action", "counter", "account", "guide", "access", "role", "bulk", "leaver", "break-glass", "staff"}),
    ),
}
OUTCOMES = [EventName.SIGNIN_SUCCEEDED, EventName.SIGNIN_REFUSED, EventName.CHALLENGE_HELD, EventName.CHALLENGE_FAILED]


@dataclass
class Item:
    """One line; a sign-in is one line with its steps."""

    when: datetime
    text: str
    tone: str
    who: str = ""
    detail: str = ""
    steps: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Timeline:
    """A page of the time line, and from where the older ones go on."""

    items: list[Item]
    kind: str
    older: int | None
    newest: Outcome | None  # what the person was asked last, where this is the newest page of all

    @property
    def kinds(self) -> list[tuple[str, Promise]]:
        """What it can be narrowed to."""
        return [("", _("Everything")), *((code, words) for code, (words, _subjects) in KINDS.items())]


class PlaceForm(forms.Form):
    """Of what kind, and from where; an address that cannot be read shows the newest of everything."""

    kind = forms.ChoiceField(choices=[(code, code) for code in KINDS], required=False)
    before = CursorField()


def timeline(account: Account, asked: QueryDict) -> Timeline:
    """The page that the query of an address asks for; two queries, however much has happened."""
    form = PlaceForm(asked)
    given = form.cleaned_data if form.is_valid() else {}
    shown_kind, before = given.get("kind", ""), given.get("before")
    rows = list(_events(account, shown_kind, before)[: SHOWN + 1])
    events, older = rows[:SHOWN], rows[SHOWN - 1].pk if len(rows) > SHOWN else None
    questions = _questions(account, events, before=before, is_last=older is None) if shown_kind in {"", SIGN_INS} else []
    items = [*_sign_ins(events, questions), *(_item(event) for event in events if not _is_of_sign_in(event) and not _is_said(event))]
    items.sort(key=lambda item: item.when, reverse=True)
    return Timeline(items, shown_kind, older, questions[0] if questions and before is None else None)


def _events(account: Account, shown_kind: str, before: int | None) -> QuerySet[Event]:
    subjects = KINDS[shown_kind][1] if shown_kind else frozenset().union(*(subjects for _words, subjects in KINDS.values()))
    names = [name for name in EventName if name.split(":")[0] in subjects and name not in LEFT_OUT]
    mine = Event.objects.filter(account_id=account.pk, name__in=names, pk__lt=LARGEST_ID if before is None else before)
    return mine.order_by("-pk")


def _questions(account: Account, events: Sequence[Event], *, before: int | None, is_last: bool) -> list[Outcome]:
    """Those that belong between the events of this page."""
    if not events:
        return outcomes(account) if before is None else []
    until = None if before is None else events[0].at
    return outcomes(account, since=None if is_last else events[-1].at, until=until)


def _is_of_sign_in(event: Event) -> bool:
    return bool(event.attempt) and event.name.split(":")[0] in {"password", "signin", "challenge"}


def _is_said(event: Event) -> bool:
    """Whether a question on the page says it better: the device answered, and knew of no attempt."""
    heard = event.name == EventName.CHALLENGE_FAILED and not event.attempt and not event.session
    return (event.name in OF_QUESTIONS or heard) and event.at > timezone.now() - KEPT


def _item(event: Event) -> Item:
    reason = f"“{event.reason}”" if event.reason else ""
    return Item(event.at, sentence(event), wording(event).severity.value, who=reason, detail=str(event.address or ""))


def _sign_ins(events: Iterable[Event], questions: Sequence[Outcome]) -> list[Item]:
    """Each attempt with all that belongs to it; questions of no attempt on this page stand for themselves."""
    attempts: dict[str, list[Event]] = {}
    for event in events:
        if _is_of_sign_in(event):
            attempts.setdefault(f"attempt:{event.attempt}", []).append(event)
    asked: dict[str, list[Outcome]] = {}
    for question in questions:
        asked.setdefault(question.challenge.binding, []).append(question)
    items = [_sign_in(rows, asked.pop(binding, [])) for binding, rows in attempts.items()]
    return [*items, *(_alone(question) for rest in asked.values() for question in rest)]


def _sign_in(events: list[Event], questions: list[Outcome]) -> Item:
    """The line says how it ended, the steps how it came to that."""
    ended = next((event for name in OUTCOMES for event in events if event.name == name), None)
    worst = next((question for question in questions if question.tone in {"danger", "warning"}), questions[0] if questions else None)
    succeeded = ended is not None and ended.name == EventName.SIGNIN_SUCCEEDED
    if ended is not None and (succeeded or worst is None or worst.tone not in {"danger", "warning"}):
        text, tone = sentence(ended), "success" if succeeded else wording(ended).severity.value
    elif worst is not None:
        text, tone = str(_("Sign-in not finished: %(why)s")) % {"why": worst.sentence}, worst.tone
    else:
        text, tone = sentence(events[0]), wording(events[0]).severity.value
    said = [(event.at, str(wording(event).title)) for event in events if not _is_said(event)]
    said += [(question.challenge.issued_at, step) for question in questions for step in question.steps]
    steps = [words for _at, words in sorted(said, key=lambda one: one[0])]
    browser = next((event.browser for event in events if event.browser), "")
    detail = " · ".join(filter(None, (str(events[0].address or ""), str(recognised(browser).name) if browser else "")))
    return Item(events[0].at, text, tone, detail=detail, steps=steps if len(steps) > 1 else [])


def _alone(question: Outcome) -> Item:
    challenge = question.challenge
    tone = "neutral" if question.tone == "success" else question.tone
    steps = question.steps[:-1]
    return Item(
        challenge.issued_at,
        question.sentence,
        tone,
        who=value_words("purpose", challenge.purpose),
        detail=str(challenge.address or ""),
        steps=steps,
    )
