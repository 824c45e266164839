"""The demo phones: one for each number that a text was sent to."""

import phonenumbers
from django.db.models import Max
from django.http import HttpRequest, HttpResponse

from accounts.access import public
from demo.models import Text
from demo.parts import page_or_part

SHOWN = 50


@public
def phones(request: HttpRequest) -> HttpResponse:
    """Every phone with its newest text."""
    newest = Text.objects.order_by().values("number").annotate(newest=Max("pk")).order_by("-newest").values_list("newest", flat=True)
    texts = Text.objects.in_bulk(list(newest[:SHOWN]))
    return page_or_part(request, "phones", {"phones": [(as_written(texts[pk].number), texts[pk]) for pk in newest[:SHOWN]]})


@public
def phone(request: HttpRequest, number: str) -> HttpResponse:
    """One phone: its texts, newest first."""
    return page_or_part(request, "phone", {"number": as_written(number), "texts": Text.objects.filter(number=number)[:SHOWN]})


def as_written(number: str) -> str:
    """A number with the gaps that people write; unchanged when it is none."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number
