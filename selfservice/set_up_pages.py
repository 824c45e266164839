"""Template context of the pages on which methods are set up, whichever floor they belong to."""

from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils.functional import SimpleLazyObject

from audit.context import where
from methods.registry import kinds
from policies.networks import set_up_fails_on
from selfservice.guide_links import Links

ALSO = {"signin:more-information", "selfservice:guide"}


def on_set_up_pages(request: HttpRequest) -> dict[str, object]:
    """What an administrator added for the kind, and a word before somebody begins on a network where it fails (S-103)."""
    match = request.resolver_match
    if match is None or not (match.namespaces[:1] == ["methods"] or match.view_name in ALSO):
        return {}
    facts: dict[str, object] = {}
    if network := set_up_fails_on(where().address):
        facts["poor_network"] = network
    if code := _kind_of(match):
        facts["guide_links"] = SimpleLazyObject(lambda: Links().of(("step-1", "step-2"), kind=code))
    return facts


def _kind_of(match: ResolverMatch) -> str:
    """The kind whose own page this is."""
    own = match.namespaces[1] if len(match.namespaces) == 2 else ""
    return next((known.code for known in kinds() if known.code.replace("-", "_") == own.replace("-", "_")), "")
