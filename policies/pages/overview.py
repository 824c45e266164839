"""What is in force, what is drafted, and every version there ever was."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.badge import Badged
from methods.gate import acts
from methods.stepup import has_fresh_proof
from policies.current import book_numbered, book_of, current_book
from policies.drafting import RIGHT, begin, discard, in_force, open_version
from policies.models import PolicyVersion
from policies.models.versions import Subject
from policies.pages.doing import done, seen_in
from policies.pages.gate import reads
from policies.pages.left_without import left_without
from policies.pages.showing import compare, contingencies_of, methods_of, names, networks_of, parts_of, weakenings_of
from policies.switching import approve, refuse
from policies.two_people import is_alone

PAGE, DRAFT = "policies:overview", "policies:draft"
SHOWN = 100


@reads
def overview(request: Badged) -> HttpResponse:
    """The version in force, read aloud, and what waits."""
    return _page(request)


def _page(request: Badged, *, problem: str = "", status: int = 200) -> HttpResponse:
    book, waits = current_book(), open_version()
    known = names()
    own = waits is not None and waits.asked_by_id == request.user.pk
    facts: dict[str, Any] = {
        "version": in_force(),
        "book": book,
        "parts": parts_of(book, known),
        "networks": networks_of(book),
        "methods": methods_of(book, known),
        "contingencies": contingencies_of(book, known),
        "open": waits,
        "fresh": has_fresh_proof(request),
        "own": own,
        "alone": own and is_alone(request.user, RIGHT),
        "problem": problem,
    }
    if waits is not None and waits.expires_at:
        new = book_of(waits)
        facts |= {
            "differences": [one for one in compare(book, new, known) if one.differs],
            "weakenings": weakenings_of(waits.weakens, new, known),
        }
        facts |= left_without(new)
    return render(request, "policies/overview.html", facts, status=status)


@acts(RIGHT, page=PAGE)
def start(request: Badged) -> HttpResponse:
    """A draft like the version in force."""
    return done(request, lambda: begin(actor=request.user), _page, to=DRAFT)


@acts(RIGHT, page=PAGE)
def throw_away(request: Badged) -> HttpResponse:
    """Discard the draft."""
    return done(request, lambda: discard(actor=request.user), _page, said=_("The draft is discarded."), to=PAGE)


@acts(RIGHT, page=PAGE)
def approved(request: Badged, number: int) -> HttpResponse:
    """Switch on what somebody else has asked for."""
    return done(
        request, lambda: approve(number, seen_in(request), actor=request.user), _page, said=_("The new version is in force."), to=PAGE
    )


@acts(RIGHT, page=PAGE)
def turned_down(request: Badged) -> HttpResponse:
    """Make a draft again of what waits."""
    return done(request, lambda: refuse(actor=request.user), _page, said=_("It is a draft again; nothing changes."), to=PAGE)


@reads
def versions(request: Badged) -> HttpResponse:
    """Every version, the newest first."""
    rows = PolicyVersion.objects.filter(subject=Subject.REQUIREMENTS).select_related("made_by", "asked_by", "decided_by")
    return render(request, "policies/versions.html", {"versions": rows.defer("content").order_by("-number")[:SHOWN]})


@reads
def version(request: Badged, number: int) -> HttpResponse:
    """One version beside another, by default the one in force."""
    shown = get_object_or_404(PolicyVersion, subject=Subject.REQUIREMENTS, number=number)
    against = request.GET.get("with", "")
    other = book_numbered(int(against)) if against.isdecimal() and against.isascii() and len(against) < 9 else current_book()
    if other is None:
        raise Http404
    others = PolicyVersion.objects.filter(subject=Subject.REQUIREMENTS, in_force_at__isnull=False).exclude(pk=shown.pk)
    facts = {
        "version": shown,
        "other": other.number,
        "others": others.order_by("-number").values_list("number", flat=True)[:SHOWN],
        "differences": compare(other, book_of(shown), names()),
        "fresh": has_fresh_proof(request),
        "may_return": shown.in_force_at is not None and open_version() is None,
    }
    return render(request, "policies/version.html", facts)


@acts(RIGHT, page="policies:versions")
def bring_back(request: Badged, number: int) -> HttpResponse:
    """A draft that says what an older version said."""
    said = _("The draft says what that version said. Look at it, then switch it on.")
    return done(request, lambda: begin(actor=request.user, base=number), _page, said=said, to=DRAFT)
