"""The method policy in words: what a rule about methods allows, one line for each thing."""

from datetime import date
from operator import attrgetter

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override, pgettext
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


def names_in_both(code: str) -> tuple[str, str]:
    """What a kind is called in English and in Japanese."""
    names = []
    for language in ("en", "ja"):
        with override(language):
            names.append(str(names_of_kinds().get(code, code)))
    return names[0], names[1]


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
    """What a rule says, one sentence a line; of long lists the beginning, and of what cannot matter nothing."""
    known = {kind.code: kind for kind in governed_kinds()}
    kinds = [known[code] for code in rule.order if code in known]
    telephone, address, key = (
        any(matters(kind) for kind in kinds)
        for matters in (attrgetter("by_telephone"), attrgetter("reaches_owner"), attrgetter("phishing_resistant"))
    )
    found = [
        (True, gettext("Allowed, in this order: %(kinds)s.") % {"kinds": order_words(rule)}),
        (telephone, _countries(rule, COUNTRIES_SHOWN)),
        (telephone and bool(rule.refused_prefixes), _prefixes(rule)),
        (address and bool(rule.refused_domains), _domains(rule)),
        (telephone, _calls(rule)),
        (key and rule.attestation is not Attestation.NONE, _makes(rule)),
    ]
    return [line for matters, line in found if matters]


def whole(rule: MethodRule) -> str:
    """Everything a rule says, to the last country and model, so that two versions can be compared."""
    said = [gettext("Allowed, in this order: %(kinds)s.") % {"kinds": order_words(rule)}, _countries(rule, len(rule.countries))]
    said += [_prefixes(rule), _domains(rule), _calls(rule), _makes(rule)]
    return " ".join([*said, *rule.authenticators])


def _countries(rule: MethodRule, most: int) -> str:
    shown = _comma().join(country_name(code) for code in rule.countries[:most])
    rest = len(rule.countries) - most
    if rest > 0:
        shown += ngettext(" and %(count)d more", " and %(count)d more", rest) % {"count": rest}
    return gettext("Telephone numbers of: %(countries)s.") % {"countries": shown}


def _prefixes(rule: MethodRule) -> str:
    return gettext("Not numbers that begin with %(prefixes)s.") % {"prefixes": _comma().join(rule.refused_prefixes) or "–"}


def _domains(rule: MethodRule) -> str:
    return gettext("Not addresses at %(domains)s.") % {"domains": _comma().join(rule.refused_domains) or "–"}


def _calls(rule: MethodRule) -> str:
    if rule.call_digits:
        return gettext("Calls ask for the two digits on the screen and then #.")
    return gettext("Calls are confirmed with # alone.")


def _makes(rule: MethodRule) -> str:
    models = ngettext("%(count)d model", "%(count)d models", len(rule.authenticators)) % {"count": len(rule.authenticators)}
    said = str(MAKES[rule.attestation]) + (f" ({models})" if rule.attestation is Attestation.LISTED else "")
    return gettext("Only %(makes)s.") % {"makes": said} if rule.attestation is not Attestation.NONE else f"{said[:1].upper()}{said[1:]}."


def _comma() -> str:
    return pgettext("between conditions", ", ")
