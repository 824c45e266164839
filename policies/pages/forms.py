"""What administrators enter: one rule, one network, one group."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.kinds import AccountKind
from accounts.models import Affiliation
from accounts.reasons import ReasonField
from accounts.roles import ROLES
from audit.filters import DayField
from methods.countries import every_country
from policies.members import Bad, id_objection, range_objection, read_lines, unknown_among
from policies.models import ConnectedSystem
from policies.rulebook.content import OF_PART, Asks, Book, Group, Mode, Network, NetworkKind, Part, Place, Rule, Use
from policies.rulebook.scope import Scoped
from policies.rulebook.words import ASKS, KINDS, MODES, PLACES, USES

SHOWN_AT_MOST = 10


def upper(choices: Iterable[tuple[Any, Any]]) -> list[tuple[str, str]]:
    """Words that end a sentence elsewhere, as labels."""
    return [(str(value), str(words)[:1].upper() + str(words)[1:]) for value, words in choices]


class NamesForm(forms.Form):
    """What something is called, in both languages."""

    name_en = forms.CharField(label=_("Name in English"), max_length=80)
    name_ja = forms.CharField(label=_("Name in Japanese"), max_length=80)

    def names(self) -> tuple[str, str]:
        """Both names."""
        return self.cleaned_data["name_en"], self.cleaned_data["name_ja"]


class ScopeForm(NamesForm):
    """Names, and whom something speaks of; what is left empty restricts nothing."""

    kinds = forms.MultipleChoiceField(
        label=_("Kinds of account"), choices=AccountKind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    affiliations = forms.MultipleChoiceField(label=_("Affiliations"), required=False, widget=forms.SelectMultiple(attrs={"size": 5}))
    roles = forms.MultipleChoiceField(label=_("Roles on this site"), required=False, widget=forms.CheckboxSelectMultiple)
    groups = forms.MultipleChoiceField(label=_("Groups"), required=False, widget=forms.CheckboxSelectMultiple)
    accounts = forms.CharField(
        label=_("Single accounts"), required=False, help_text=_("Common IDs, one a line."), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, book: Book, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        self._choices("affiliations", [(one.code, str(one)) for one in Affiliation.objects.all()])
        self._choices("roles", [(role.code, str(role.label)) for role in ROLES.values()])
        self._choices("groups", [(group.code, str(group)) for group in book.groups])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices
        if not choices:
            del self.fields[name]

    def clean_accounts(self) -> frozenset[str]:
        """Common IDs that there are."""
        good, bad = read_lines(self.cleaned_data["accounts"], id_objection)
        if bad := [*bad, *(Bad(0, one, str(_("There is no such account."))) for one in sorted(unknown_among(good)))]:
            raise forms.ValidationError([str(one) for one in bad[:SHOWN_AT_MOST]])
        return frozenset(good)

    def scope(self) -> dict[str, frozenset[str]]:
        """Whom it speaks of."""
        given = self.cleaned_data
        return {name: frozenset(given.get(name, ())) for name in ("kinds", "affiliations", "roles", "groups", "accounts")}


def scope_initial(scope: Scoped) -> dict[str, Any]:
    """What the form shows of it."""
    many = {name: sorted(getattr(scope, name)) for name in ("kinds", "affiliations", "roles", "groups")}
    return vars(scope) | many | {"accounts": "\n".join(sorted(scope.accounts))}


class RuleForm(ScopeForm):
    """A rule in plain words; what is left empty restricts nothing."""

    asks = forms.ChoiceField(label=_("What is asked"), widget=forms.RadioSelect)
    mode = forms.ChoiceField(label=_("Mode"), widget=forms.RadioSelect, initial=Mode.ON)
    use = forms.ChoiceField(label=_("State of MFA use"), required=False, widget=forms.RadioSelect)
    place = forms.ChoiceField(label=_("From where"), required=False, widget=forms.RadioSelect)
    networks = forms.MultipleChoiceField(
        label=_("Networks"), required=False, help_text=_("For “from certain networks”."), widget=forms.CheckboxSelectMultiple
    )
    countries = forms.MultipleChoiceField(
        label=_("Countries of a journey"), required=False, widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text=_("For the days for which somebody has planned a journey there, wherever the sign-in comes from: the plan counts, not the address."),
    )  # fmt: skip
    systems = forms.MultipleChoiceField(label=_("Systems signed in to"), required=False, widget=forms.CheckboxSelectMultiple)
    since = DayField(label=_("First day"), required=False)
    until = DayField(label=_("Last day"), required=False)
    field_order = ("name_en", "name_ja", "asks", "mode")

    def __init__(self, data: Any = None, *, part: Part, book: Book, rule: Rule | None = None) -> None:
        super().__init__(data, book=book, initial=_initial(rule) if rule else None)
        self.part, self.rule = part, rule
        self._choices("asks", upper((asks, ASKS[asks]) for asks in OF_PART[part]))
        self._choices("mode", upper(MODES.items()))
        self._choices("use", upper(USES.items()))
        self._choices("place", upper(PLACES.items()))
        self._choices("networks", [(network.code, str(network)) for network in book.networks])
        self._choices("countries", every_country())
        self._choices("systems", [(system.code, str(system)) for system in ConnectedSystem.objects.all()])

    def clean(self) -> dict[str, Any]:
        """Days in order, and networks where they are meant."""
        given = self.cleaned_data
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", _("The last day is before the first."))
        if given.get("place") == Place.NETWORKS and not given.get("networks"):
            self.add_error(
                "networks" if "networks" in self.fields else "place", _("Choose at least one network. Networks are part of the draft.")
            )
        return given

    def rule_with(self, rule_id: str) -> Rule:
        """The rule that was entered."""
        given = self.cleaned_data
        place = Place(given.get("place", ""))
        made = Rule(
            given["name_en"], given["name_ja"], id=rule_id, part=self.part, asks=Asks(given["asks"]), mode=Mode(given["mode"]),
            **self.scope(), **{name: frozenset(given.get(name, ())) for name in ("networks", "countries", "systems")},
            use=Use(given.get("use", "")), place=place, since=given["since"], until=given["until"],
        )  # fmt: skip
        return made if place is Place.NETWORKS else replace(made, networks=frozenset())


def _initial(rule: Rule) -> dict[str, Any]:
    return scope_initial(rule) | {name: sorted(getattr(rule, name)) for name in ("networks", "countries", "systems")}


class ListForm(NamesForm):
    """Names, and a list that is typed or pasted; `manage.py policy` reads longer ones from a file."""

    lines = forms.CharField(label=_("List"), required=False, widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}))

    def judged(self, good: list[str], bad: list[Bad]) -> list[str]:
        """The list when every line is good; otherwise an error that names the bad ones."""
        if bad:
            more = [_("… and %(count)s more lines.") % {"count": len(bad) - SHOWN_AT_MOST}] if len(bad) > SHOWN_AT_MOST else []
            raise forms.ValidationError([*(str(one) for one in bad[:SHOWN_AT_MOST]), *more])
        return good


class NetworkForm(ListForm):
    """A network."""

    kind = forms.ChoiceField(label=_("Kind"), choices=list(KINDS.items()), widget=forms.RadioSelect)
    field_order = ("name_en", "name_ja", "kind", "lines")

    def __init__(self, data: Any = None, *, network: Network | None = None) -> None:
        known = (
            {"name_en": network.name_en, "name_ja": network.name_ja, "kind": network.kind, "lines": "\n".join(network.ranges)}
            if network
            else None
        )
        super().__init__(data, initial=known, label_suffix="")
        self.fields["lines"].label = _("Ranges of addresses")
        self.fields["lines"].help_text = _(
            "One a line: 192.0.2.0/24, 2001:db8::/32, 192.0.2.7, or 192.0.2.1-192.0.2.9. What follows # is a remark."
        )

    def clean(self) -> dict[str, Any]:
        """At least one range, and none that cannot be read."""
        given = self.cleaned_data
        given["ranges"] = tuple(self.judged(*read_lines(given.get("lines") or "", range_objection)))
        if not given["ranges"]:
            self.add_error("lines", _("Enter at least one range."))
        return given

    def network(self, code: str) -> Network:
        """What was entered."""
        given = self.cleaned_data
        return Network(given["name_en"], given["name_ja"], code, NetworkKind(given["kind"]), given["ranges"])


class GroupForm(ListForm):
    """A group; its list is entered whole, and an empty one keeps the members that are."""

    def __init__(self, data: Any = None, *, group: Group | None = None) -> None:
        super().__init__(data, initial={"name_en": group.name_en, "name_ja": group.name_ja} if group else None, label_suffix="")
        self.group = group
        self.fields["lines"].label = _("Members")
        self.fields["lines"].help_text = (
            _("Common IDs, one a line. Left empty, the members stay as they are.") if group else _("Common IDs, one a line.")
        )

    def clean(self) -> dict[str, Any]:
        """Accounts that there are."""
        given = self.cleaned_data
        good, bad = read_lines(given.get("lines") or "", id_objection)
        missing = unknown_among(good) if not bad else set()
        bad += [Bad(number, one, str(_("There is no such account."))) for number, one in enumerate(good, 1) if one in missing]
        given["members"] = self.judged(good, bad)
        if not given["members"] and self.group is None:
            self.add_error("lines", _("Enter at least one account."))
        return given


class ReasonForm(forms.Form):
    """Why a version is switched on, and, where it leaves people without any method, how many."""

    reason = ReasonField()
    without = forms.IntegerField(
        label=_("How many people will be left without a usable method"),
        min_value=0,
        help_text=_("Enter the number that stands above: it shows that you know."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, strands: int) -> None:
        super().__init__(data, label_suffix="")
        if not strands:
            del self.fields["without"]
