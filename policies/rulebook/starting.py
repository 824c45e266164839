"""What is required before the first version of the policy is switched on: version 0, made of the settings of this start."""

from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from methods.registry import governed_kinds
from policies.rulebook.content import Asks, Book, Network, NetworkKind, Part, Place, Rule, Use
from policies.rulebook.method_rules import MethodRule


def starting_book() -> Book:
    """Verification for everybody with a method, first registration from the campus; what the settings say otherwise."""
    return _made(
        tuple(settings.MFA_CAMPUS_NETWORKS),
        tuple(settings.MFA_NO_SETUP_NETWORKS),
        settings.MFA_NO_SETUP_NETWORK_NAME,
        settings.MFA_FIRST_REGISTRATION == "open",
        settings.MFA_VERIFY_BEFORE_EFFECT,
    )


@lru_cache(maxsize=32)
def _made(campus: tuple[str, ...], no_setup: tuple[str, ...], no_setup_name: str, is_open: bool, early: bool) -> Book:  # noqa: FBT001
    networks = [
        Network(*_both(_("Campus network")), code="campus", kind=NetworkKind.CAMPUS, ranges=tuple(text.strip() for text in campus)),
        Network(
            *((no_setup_name, no_setup_name) if no_setup_name else _both(_("this network"))),
            code="no-setup",
            kind=NetworkKind.NO_SETUP,
            ranges=tuple(text.strip() for text in no_setup),
        ),
    ]
    rules = [
        Rule(
            *_both(_("Every sign-in once MFA use is in effect")), id="always-verify", part=Part.SIGN_IN, asks=Asks.VERIFY, use=Use.IN_EFFECT
        ),
        Rule(*_both(_("Whoever has registered a method")), id="verify-before-effect", part=Part.SIGN_IN, asks=Asks.VERIFY, use=Use.NOT_YET)
        if early
        else Rule(*_both(_("Before MFA use is in effect")), id="not-in-effect-yet", part=Part.SIGN_IN, asks=Asks.NONE, use=Use.NOT_YET),
        Rule(*_both(_("First registration from anywhere")), id="first-registration-open", part=Part.REGISTRATION, asks=Asks.OPEN)
        if is_open
        else Rule(
            *_both(_("First registration on campus")),
            id="first-registration-on-campus",
            part=Part.REGISTRATION,
            asks=Asks.OPEN,
            place=Place.CAMPUS,
        ),
    ]
    return Book(0, tuple(rules), tuple(network for network in networks if network.ranges))


def method_rules(book: Book) -> tuple[MethodRule, ...]:
    """The rules about methods of a version; what the settings say where it was made before there were any."""
    return book.methods or (starting_method_rule(),)


def starting_method_rule() -> MethodRule:
    """Every kind that is installed, in its usual order; numbers and addresses as the settings say."""
    return _made_of_methods(
        tuple(kind.code for kind in governed_kinds()),
        tuple(settings.MFA_PHONE_COUNTRIES),
        tuple(settings.MFA_REFUSED_PHONE_PREFIXES),
        tuple(settings.MFA_REFUSED_EMAIL_DOMAINS),
        settings.MFA_CALL_DIGITS,
    )


@lru_cache(maxsize=32)
def _made_of_methods(
    order: tuple[str, ...],
    countries: tuple[str, ...],
    prefixes: tuple[str, ...],
    domains: tuple[str, ...],
    digits: bool,  # noqa: FBT001
) -> MethodRule:
    return MethodRule(
        *_both(_("Everybody")),
        id="methods-of-everybody",
        order=order,
        countries=countries,
        refused_prefixes=prefixes,
        refused_domains=domains,
        call_digits=digits,
    )


def _both(words: str) -> tuple[str, str]:
    """Words of ours as names in both languages."""
    names = []
    for language in ("en", "ja"):
        with override(language):
            names.append(gettext(words))
    return names[0], names[1]
