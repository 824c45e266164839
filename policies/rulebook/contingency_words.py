"""What is prepared for an outage, in words."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from methods.registry import governed_kinds
from policies.rulebook.contingency import BETWEEN, Contingency, ways_known

WAYS: dict[str, Promise] = {"text": _("texts"), "call": _("calls"), "approve": _("requests to approve")}


def way_names() -> dict[str, str]:
    """Every way that may be out, by name."""
    kinds = {kind.code: str(kind.verbose_name) for kind in governed_kinds()}
    return {name: _name(kinds[kind], name.partition(BETWEEN)[2]) for name, kind in ways_known().items()}


def _name(kind: str, way: str) -> str:
    return gettext("%(kind)s: %(way)s") % {"kind": kind, "way": WAYS.get(way, way)}


def out_words(out: Iterable[str]) -> str:
    """The ways that are out."""
    known = way_names()
    return pgettext("between conditions", ", ").join(known.get(name, name) for name in out)


def contingency_words(one: Contingency) -> str:
    """The whole of it, without whom it speaks of."""
    hours = ngettext("at most %(hours)d hour", "at most %(hours)d hours", one.hours) % {"hours": one.hours}
    return gettext("Asked last: %(ways)s; %(hours)s.") % {"ways": out_words(one.out), "hours": hours}
