"""What administrators enter of the method policy: for each kind its place, last day and limit; numbers, addresses and makes of keys."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from methods.allowance import Attestation
from methods.contract import Label, MethodKind
from methods.countries import every_country
from methods.registry import governed_kinds
from policies.allowances import today
from policies.members import read_lines
from policies.pages.forms import SHOWN_AT_MOST, ScopeForm, scope_initial, upper
from policies.rulebook.content import Book
from policies.rulebook.method_rules import MethodRule
from policies.rulebook.method_words import MAKES

PREFIX = re.compile(r"\+[1-9][0-9]{0,14}", re.ASCII)
DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+", re.ASCII)
PEOPLE = ("kinds", "affiliations", "roles", "groups", "accounts")
OTHERS = ("countries", "own_country", "refused_prefixes", "refused_domains", "calls", "attestation", "authenticators")
DIGITS = {"": _("# alone"), "digits": _("The two digits on the screen, then #")}


@dataclass(frozen=True)
class Row:
    """One kind, and its fields."""

    name: Label
    icon: str
    place: BoundField
    last_day: BoundField
    limit: BoundField | None


def prefix_objection(text: str) -> str:
    """Why a line is no beginning of telephone numbers."""
    return "" if PREFIX.fullmatch(text) else gettext("Write it with + and the country code, such as +81358412.")


def domain_objection(text: str) -> str:
    """Why a line is no mail domain."""
    return "" if DOMAIN.fullmatch(text.lower()) else gettext("This is not a domain, such as example.ac.jp.")


def model_objection(text: str) -> str:
    """Why a line names no model of security keys."""
    try:
        known = uuid.UUID(text)
    except ValueError:
        return gettext("This is not an AAGUID, such as cb69481e-8ff7-4039-93ec-0a2729a154a8.")
    return "" if known.int else gettext("This AAGUID stands for no model.")


class MethodRuleForm(ScopeForm):
    """A rule about methods; the last one, which is for everybody, leaves nobody out."""

    countries = forms.MultipleChoiceField(label=_("Countries of telephone numbers"), widget=forms.SelectMultiple(attrs={"size": 8}))
    own_country = forms.ChoiceField(label=_("Country that is preselected"))
    refused_prefixes = forms.CharField(
        label=_("Numbers that are refused"),
        required=False,
        help_text=_("How they begin, one a line, such as +81358412: the institution’s own."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    refused_domains = forms.CharField(
        label=_("Mail domains that are refused"),
        required=False,
        help_text=_("One a line; whatever is below them is refused, too: it cannot be read when locked out."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    calls = forms.ChoiceField(
        label=_("Calls are confirmed with"),
        required=False,
        choices=list(DIGITS.items()),
        help_text=_("People with a role on this site always key in the digits."),
        widget=forms.RadioSelect,
    )
    attestation = forms.ChoiceField(label=_("Security keys and passkeys"), widget=forms.RadioSelect)
    authenticators = forms.CharField(
        label=_("Models of security keys"),
        required=False,
        help_text=_("Their AAGUIDs, one a line, for “listed models only”. What follows # is a remark."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, book: Book, rule: MethodRule, for_everybody: bool) -> None:
        super().__init__(data, book=book, initial=_initial(rule))
        self.kinds_known = governed_kinds()
        if for_everybody:
            for name in PEOPLE:
                self.fields.pop(name, None)
        known = every_country()
        self._choices("countries", known)
        self._choices("own_country", known)
        self._choices("attestation", upper(MAKES.items()))
        for kind in self.kinds_known:
            self._add(kind)

    def _add(self, kind: MethodKind) -> None:
        places = [
            ("", pgettext_lazy("of a kind of method", "Not allowed")),
            *((str(n), str(n)) for n in range(1, len(self.kinds_known) + 1)),
        ]
        name = str(kind.verbose_name)
        self.fields[f"place_{kind.code}"] = forms.ChoiceField(label=_("Place of %(kind)s") % {"kind": name}, choices=places, required=False)
        self.fields[f"last_{kind.code}"] = forms.DateField(
            label=_("Last day of %(kind)s") % {"kind": name},
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )
        if not kind.is_single:
            self.fields[f"limit_{kind.code}"] = forms.IntegerField(
                label=_("Most of %(kind)s") % {"kind": name},
                required=False,
                min_value=1,
                max_value=kind.limit,
                widget=forms.NumberInput(attrs={"placeholder": str(kind.limit)}),
            )

    @property
    def rows(self) -> list[Row]:
        """The kinds, with their fields, for the table."""
        return [
            Row(
                kind.verbose_name,
                kind.icon,
                self[f"place_{kind.code}"],
                self[f"last_{kind.code}"],
                None if kind.is_single else self[f"limit_{kind.code}"],
            )
            for kind in self.kinds_known
        ]

    @property
    def names_and_people(self) -> list[BoundField]:
        """The fields above the table."""
        return [self[name] for name in ("name_en", "name_ja", *PEOPLE) if name in self.fields]

    @property
    def others(self) -> list[BoundField]:
        """The fields below it."""
        return [self[name] for name in OTHERS]

    def clean_refused_prefixes(self) -> tuple[str, ...]:
        """Beginnings of numbers."""
        return self._lines("refused_prefixes", prefix_objection)

    def clean_refused_domains(self) -> tuple[str, ...]:
        """Domains, in small letters."""
        return tuple(domain.lower() for domain in self._lines("refused_domains", domain_objection))

    def clean_authenticators(self) -> tuple[str, ...]:
        """AAGUIDs, as they are usually written."""
        return tuple(str(uuid.UUID(text)) for text in self._lines("authenticators", model_objection))

    def _lines(self, name: str, judge: Any) -> tuple[str, ...]:
        good, bad = read_lines(self.cleaned_data[name], judge)
        if bad:
            raise forms.ValidationError([str(one) for one in bad[:SHOWN_AT_MOST]])
        return tuple(good)

    def clean(self) -> dict[str, Any]:
        """Something to sign in with; last days to come, of kinds that are allowed; models where only listed ones count."""
        given = self.cleaned_data
        allowed = [kind for kind in self.kinds_known if given.get(f"place_{kind.code}")]
        if not any(kind.for_sign_in for kind in allowed):
            self.add_error(None, _("Allow at least one kind of method that people can sign in with."))
        for kind in self.kinds_known:
            self._check_last_day(kind, allowed=kind in allowed)
        if given.get("countries") and given.get("own_country") not in given["countries"]:
            self.add_error("own_country", _("Choose one of the countries above."))
        if given.get("attestation") == Attestation.LISTED and not given.get("authenticators") and "authenticators" not in self.errors:
            self.add_error("authenticators", _("List at least one model."))
        if given.get("attestation") in {Attestation.ANY, Attestation.LISTED} and not settings.MFA_WEBAUTHN_ROOTS:
            self.add_error("attestation", _("For this the makers’ certificates are needed: set MFA_WEBAUTHN_ROOTS first."))
        return given

    def _check_last_day(self, kind: MethodKind, *, allowed: bool) -> None:
        day = self.cleaned_data.get(f"last_{kind.code}")
        if day and not allowed:
            self.add_error(f"last_{kind.code}", _("A kind that ends is allowed until then: give it a place."))
        elif day and day < today():
            self.add_error(f"last_{kind.code}", _("This day is over."))

    def rule_with(self, rule_id: str) -> MethodRule:
        """The rule that was entered."""
        given = self.cleaned_data
        allowed = [kind for kind in self.kinds_known if given.get(f"place_{kind.code}")]
        order = sorted(allowed, key=lambda kind: int(given[f"place_{kind.code}"]))  # of the same place, as they are usually ranked
        own = given["own_country"]
        return MethodRule(
            given["name_en"],
            given["name_ja"],
            id=rule_id,
            **self.scope(),
            order=tuple(kind.code for kind in order),
            last_days={kind.code: given[f"last_{kind.code}"] for kind in order if given.get(f"last_{kind.code}")},
            limits={kind.code: given[f"limit_{kind.code}"] for kind in order if given.get(f"limit_{kind.code}")},
            countries=(own, *(code for code in given["countries"] if code != own)),
            refused_prefixes=given["refused_prefixes"],
            refused_domains=given["refused_domains"],
            call_digits=given["calls"] == "digits",
            attestation=Attestation(given["attestation"]),
            authenticators=given["authenticators"],
        )


def _initial(rule: MethodRule) -> dict[str, Any]:
    places = {f"place_{kind}": str(place) for place, kind in enumerate(rule.order, 1)}
    days = {f"last_{kind}": day for kind, day in rule.last_days.items()}
    limits = {f"limit_{kind}": most for kind, most in rule.limits.items()}
    texts = {name: "\n".join(getattr(rule, name)) for name in ("refused_prefixes", "refused_domains", "authenticators")}
    plain = {
        "countries": list(rule.countries),
        "own_country": next(iter(rule.countries), ""),
        "calls": "digits" if rule.call_digits else "",
        "attestation": rule.attestation.value,
    }
    return scope_initial(rule) | places | days | limits | texts | plain
