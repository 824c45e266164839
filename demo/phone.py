"""The demo phones: one for each number that a text or call was for."""

from datetime import datetime

import phonenumbers
from django.db.models import Max
from django.http import HttpRequest, HttpResponse

from accounts.access import public
from demo.models import PhoneCall, Text
from demo.parts import page_or_part
from demo.telephone import KEYS, live_call

SHOWN = 50


@public
def phones(request: HttpRequest) -> HttpResponse:
    """Every phone with what arrived last, the newest first."""
    rows = sorted([*_newest(Text), *_newest(PhoneCall)], key=_moment, reverse=True)
    newest: dict[str, Text | PhoneCall] = {}
    for row in rows:
        newest.setdefault(row.number, row)
    return page_or_part(request, "phones", {"phones": [(as_written(number), row) for number, row in newest.items()][:SHOWN]})


def _newest(model: type[Text] | type[PhoneCall]) -> list[Text | PhoneCall]:
    found = model.objects.order_by().values("number").annotate(newest=Max("pk")).order_by("-newest").values_list("newest", flat=True)
    return list(model.objects.filter(pk__in=list(found[:SHOWN])))


def _moment(row: Text | PhoneCall) -> datetime:
    return row.arrived_at if isinstance(row, Text) else row.rang_at


@public
def phone(request: HttpRequest, number: str) -> HttpResponse:
    """One phone: the call on it, and its texts, newest first."""
    call = live_call(number)
    facts = {
        "number": as_written(number),
        "plain_number": number,
        "call": call,
        "caller": as_written(call.caller) if call else "",
        "keys": KEYS,
        "last_call": None if call else PhoneCall.objects.filter(number=number).first(),
        "texts": Text.objects.filter(number=number)[:SHOWN],
    }
    return page_or_part(request, "phone", facts)


def as_written(number: str) -> str:
    """A number with the gaps that people write; unchanged when it is none."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number
