"""Networks and groups of the draft."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.badge import Badged
from methods.gate import acts
from policies.current import book_of
from policies.drafting import RIGHT, Change, new_id
from policies.members import group_change, network_change
from policies.pages.draft import PAGE, carried_out, draft_at_hand
from policies.pages.forms import GroupForm, NetworkForm
from policies.pages.gate import edits
from policies.rulebook.content import Book, Group, Network
from policies.rulebook.scope import Scoped

NEW = "new"


@edits
def network(request: Badged, network: str) -> HttpResponse:
    """Add or change a network."""
    draft = draft_at_hand()
    known = book_of(draft).network_named.get(network)
    if known is None and network != NEW:
        raise Http404
    form = NetworkForm(request.POST or None, network=known)
    if request.method == "POST" and form.is_valid():
        made = form.network(known.code if known else new_id())
        return carried_out(request, network_change(known, made), _("The network is kept in the draft."))
    facts = {"form": form, "thing": known, "draft": draft}
    return render(request, "policies/network.html", facts, status=400 if form.errors else 200)


@edits
def group(request: Badged, group: str) -> HttpResponse:
    """Add or change a group."""
    draft = draft_at_hand()
    known = next((one for one in book_of(draft).groups if one.code == group), None)
    if known is None and group != NEW:
        raise Http404
    form = GroupForm(request.POST or None, group=known)
    if request.method == "POST" and form.is_valid():
        return carried_out(
            request,
            group_change(known, *form.names(), form.cleaned_data["members"], actor=request.user),
            _("The group is kept in the draft."),
        )
    facts = {"form": form, "thing": known, "draft": draft}
    return render(request, "policies/group.html", facts, status=400 if form.errors else 200)


@acts(RIGHT, page=PAGE)
def remove_network(request: Badged, network: str) -> HttpResponse:
    """Take a network out of the draft, unless a rule speaks of it."""
    book = book_of(draft_at_hand())
    known = book.network_named.get(network)

    def make(old: Book) -> Book:
        return replace(old, networks=tuple(one for one in old.networks if one.code != network))

    return _removed(request, known, [rule for rule in book.rules if network in rule.networks], make)


@acts(RIGHT, page=PAGE)
def remove_group(request: Badged, group: str) -> HttpResponse:
    """Take a group out of the draft, unless a rule speaks of it."""
    book = book_of(draft_at_hand())
    known = next((one for one in book.groups if one.code == group), None)

    def make(old: Book) -> Book:
        return replace(old, groups=tuple(one for one in old.groups if one.code != group))

    return _removed(request, known, [rule for rule in (*book.rules, *book.methods, *book.contingencies) if group in rule.groups], make)


def _removed(request: Badged, known: Network | Group | None, users: Sequence[Scoped], make: Callable[[Book], Book]) -> HttpResponse:
    if known is None:
        raise Http404
    if users:
        messages.error(request, _("The rule “%(name)s” speaks of it. Change that rule first.") % {"name": users[0]})
        return redirect(PAGE)
    return carried_out(request, Change(make, {}, {"name": known.name_en, "removed": True}), _("It is taken out of the draft."))
