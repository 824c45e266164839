"""Which numbers may be registered, and how they are written (S-123, S-124, R-076)."""

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from accounts.refusals import Refused
from methods.allowance import Allowance
from methods.countries import country_name

ALLOWED_TYPES = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.VOIP}


def countries(allowance: Allowance) -> list[tuple[str, str]]:
    """The allowed countries as code and label with calling code, the institution's own first, then by name (S-45)."""
    own, *others = ((code, f"{country_name(code)} (+{phonenumbers.country_code_for_region(code)})") for code in allowance.countries)
    return [own, *sorted(others, key=lambda country: country[1])]


def parse(country: str, text: str, extension: str = "", *, allowance: Allowance) -> PhoneNumber:
    """The number a person meant, with or without the leading zero; Refused when it may not be registered."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise Refused("number-not-allowed") from None
    if not may_be_sent_to(number, allowance):
        raise Refused("number-not-allowed")
    if extension and phonenumbers.number_type(number) == PhoneNumberType.MOBILE:
        raise Refused("mobile-with-extension")  # it would ring all the same, and count as another phone each time
    number.extension = extension or None  # only where one may be given: with one the same number counts as another
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if any(e164.startswith(prefix) for prefix in allowance.refused_prefixes):
        raise Refused("number-of-institution")
    return number


def may_be_sent_to(number: PhoneNumber, allowance: Allowance) -> bool:
    """Whether the number exists, in an allowed country, in a range that is neither premium, shared-cost nor special."""
    region = phonenumbers.region_code_for_number(number)
    known = region in allowance.countries and phonenumbers.is_valid_number(number)
    return known and phonenumbers.number_type(number) in ALLOWED_TYPES


def country_of(number: PhoneNumber) -> str:
    """ISO 3166 code of the country a number belongs to, or nothing."""
    return phonenumbers.region_code_for_number(number) or ""


def written(number: PhoneNumber) -> str:
    """The number as it will be dialled, with the gaps that people write and its extension."""
    return str(phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL))


def masked(number: PhoneNumber) -> str:
    """Country code and the last two digits (R-012)."""
    national = phonenumbers.national_significant_number(number)
    return f"+{number.country_code} {'•' * (len(national) - 2)}{national[-2:]}"
