"""Countries and regions by their ISO 3166 codes, named in the reader's language."""

import phonenumbers
from babel import Locale
from django.utils.translation import get_language, override

CODES = frozenset(phonenumbers.SUPPORTED_REGIONS)


def country_name(code: str) -> str:
    """What a country is called; the code itself when nobody knows it."""
    return str(Locale.parse(get_language() or "en").territories.get(code, code))


def every_country() -> list[tuple[str, str]]:
    """Code and name of every country, by name."""
    return sorted(((code, country_name(code)) for code in CODES), key=lambda one: one[1])


def in_both_languages(code: str) -> dict[str, str]:
    """The name as facts of a mail, whose language is known only when it is sent."""
    names = {}
    for language in ("en", "ja"):
        with override(language):
            names[f"country_{language}"] = country_name(code)
    return names
