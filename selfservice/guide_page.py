"""The guide to the initial setup: choose methods, read only what they need (S-04, S-16, S-20, S-21)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import public
from accounts.models import Account
from methods.allowance import allowance_of, everybody
from methods.contract import MethodKind
from methods.registry import kinds, ranked
from methods.usable import listed
from selfservice.guide import TITLES, Guide, Step, steps_for
from selfservice.guide_links import Links, Shown
from selfservice.models import GuideChoice, Topic

OTHER_APPS = _("Other authenticator apps")


@dataclass(frozen=True)
class Choice:
    """One line of the chooser; a kind that cannot be the first method is offered in Step 2 alone."""

    code: str
    label: str | Promise
    icon: str
    may_be_first: bool
    reason: str | Promise


@dataclass(frozen=True)
class Chosen:
    """What a person wants to register first, and besides."""

    first: str = ""
    more: Sequence[str] = ()

    @property
    def query(self) -> str:
        """For the address, where nobody is signed in for whom it could be kept."""
        asked = QueryDict(mutable=True)
        asked["first"] = self.first
        asked.setlist("more", list(self.more))
        return asked.urlencode()


def choices(account: Account | None) -> list[Choice]:
    """The kinds to sign in with that this account, or a stranger, may register; the institution's first choice first."""
    known = ranked(kinds(), allowance_of(account) if account else everybody())
    offered = [one for one in known if one.for_sign_in and not one.opens_registration and not (account and one.objection(account))]
    return [_choice(one, offered) for one in offered]


def _choice(known: MethodKind, offered: list[MethodKind]) -> Choice:
    """Beside the app that comes first by itself, whatever the institution's order, the other kinds of apps are the other ones."""
    is_other = any(known.family and one.family == known.family and one.rank < known.rank for one in offered)
    may_be_first = known.is_offered(first=True)
    reason = "" if may_be_first else known.obstacle() or _("Only in addition to another method.")
    return Choice(known.code, OTHER_APPS if is_other else known.verbose_name, known.icon, may_be_first, reason)


def _possible(offered: list[Choice], first: object, more: Collection[object]) -> Chosen:
    """What was chosen, without what cannot be."""
    may_be_first = [one.code for one in offered if one.may_be_first and one.code == first]
    return Chosen(may_be_first[0] if may_be_first else "", [one.code for one in offered if one.code in more])


def _asked(data: QueryDict, offered: list[Choice]) -> Chosen:
    return _possible(offered, data.get("first"), data.getlist("more"))


def _kept(account: Account, offered: list[Choice]) -> Chosen:
    kept = GuideChoice.objects.filter(account=account).first()
    return _possible(offered, kept.first, kept.more) if kept else Chosen()


def _account(request: HttpRequest) -> Account | None:
    return request.user if isinstance(request.user, Account) else None


@public
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """The four steps with the chosen instructions; works signed out, too."""
    account = _account(request)
    offered, links = choices(account), Links()
    chosen = _kept(account, offered) if account else _asked(request.GET, offered)
    progress = steps_for(account, listed(account)) if account else None
    facts = {
        "choices": offered,
        "chosen": chosen,
        "guide": progress,
        "steps": _anchored(progress),
        "first": _sections(offered, links, [chosen.first] if chosen.first else [], Topic.FIRST),
        "more": _sections(offered, links, chosen.more, Topic.MORE),
        "links": {topic.name: links.of([topic]) for topic in Topic},
        "app": settings.MFA_AUTHENTICATOR_NAME,
    }
    return render(request, "selfservice/guide.html", facts)


@public
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice: for the account, else in the address."""
    account = _account(request)
    chosen = _asked(request.POST, choices(account))
    if account is None:
        return redirect(f"{reverse('selfservice:guide')}?{chosen.query}#step-1")
    GuideChoice.objects.update_or_create(account=account, defaults={"first": chosen.first, "more": list(chosen.more)})
    return redirect(f"{reverse('selfservice:guide')}#step-1")


def _anchored(progress: Guide | None) -> list[Step]:
    """The steps lead to their instructions on this page."""
    states = [step.state for step in progress.steps] if progress else ["todo"] * len(TITLES)
    return [Step(title, state, f"#step-{number}") for number, (title, state) in enumerate(zip(TITLES, states, strict=True), 1)]


@dataclass(frozen=True)
class Section:
    """The instructions of one kind in one step."""

    choice: Choice
    links: list[Shown]


def _sections(offered: list[Choice], links: Links, codes: Sequence[str], topic: Topic) -> list[Section]:
    """Those that were chosen, else all; for the first step, those that may be first."""
    shown = [one for one in offered if (one.code in codes if codes else one.may_be_first or topic is not Topic.FIRST)]
    return [Section(one, links.of([topic], kind=one.code)) for one in shown]
