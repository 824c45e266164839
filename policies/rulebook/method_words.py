"""The method policy in words: what a rule about methods allows, one line for each thing."""

from collections.abc import Iterator
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from audit.terms import name_codes
from methods.allowance import Attestation
from methods.contract import Label
from methods.countries import country_name
from methods.registry import governed_kinds
from policies.rulebook.method_rules import MethodRule

COUNTRIES_SHOWN = 6
MAKES: dict[Attestation, Promise] = {
    Attestation.NONE: _("security keys of any make"),
    Attestation.ANY: _("security keys whose maker vouches for them"),
    Attestation.LISTED: _("security keys of listed models only"),
}
name_codes("attestation", {make.value: words for make, words in MAKES.items()})


def names_of_kinds() -> dict[str, Label]:
    """What each kind is called; two kinds of app are told apart."""
    return {kind.code: kind.verbose_name for kind in governed_kinds()}


def order_words(rule: MethodRule) -> str:
    """Kinds in their order, each with what is special about it."""
    names = names_of_kinds()
    return pgettext("between conditions", ", ").join(_kind(rule, kind, str(names.get(kind, kind))) for kind in rule.order)


def _kind(rule: MethodRule, kind: str, name: str) -> str:
    day, most = rule.last_days.get(kind), rule.limits.get(kind)
    special = [
        *([gettext("no new ones, ends on %(day)s") % {"day": _day(day)}] if day else []),
        *([gettext("at most %(count)s") % {"count": most}] if most else []),
    ]
    return f"{name} ({pgettext('between conditions', ', ').join(special)})" if special else name


def _day(day: date) -> str:
    return str(date_format(day, "DATE_FORMAT"))


def lines(rule: MethodRule) -> list[str]:
    """Everything that a rule says, one sentence a line."""
    return list(_lines(rule))


def _lines(rule: MethodRule) -> Iterator[str]:
    comma = pgettext("between conditions", ", ")
    yield gettext("Allowed, in this order: %(kinds)s.") % {"kinds": order_words(rule)}
    shown = comma.join(country_name(code) for code in rule.countries[:COUNTRIES_SHOWN])
    if rest := len(rule.countries) - COUNTRIES_SHOWN:
        shown += ngettext(" and %(count)d more", " and %(count)d more", rest) % {"count": rest} if rest > 0 else ""
    yield gettext("Telephone numbers of: %(countries)s.") % {"countries": shown or "–"}
    if rule.refused_prefixes:
        yield gettext("Not numbers that begin with %(prefixes)s.") % {"prefixes": comma.join(rule.refused_prefixes)}
    if rule.refused_domains:
        yield gettext("Not addresses at %(domains)s.") % {"domains": comma.join(rule.refused_domains)}
    yield (
        gettext("Calls ask for the two digits on the screen and then #.")
        if rule.call_digits
        else gettext("Calls are confirmed with # alone.")
    )
    if rule.attestation is not Attestation.NONE:
        models = ngettext("%(count)d model", "%(count)d models", len(rule.authenticators)) % {"count": len(rule.authenticators)}
        said = str(MAKES[rule.attestation]) + (f" ({models})" if rule.attestation is Attestation.LISTED else "")
        yield gettext("Only %(makes)s.") % {"makes": said}


def whole(rule: MethodRule) -> str:
    """The same in one piece, for comparing two versions."""
    return " ".join(lines(rule))
