"""A number of the institution is registered: it rings where its owner may not be, and others may answer it."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast, Replace
from django.utils.translation import gettext_lazy as _

from methods.allowance import everybody
from methods.phones import masked
from review.detectors.base import Detector, Found, Limits
from review.detectors.shared_number import telephones


def find(limits: Limits, now: datetime) -> Iterator[Found]:
    """One finding for each method. New ones are refused; these came in before the prefix was refused."""
    prefixes = Q()
    for prefix in everybody().refused_prefixes:
        prefixes |= Q(plain__startswith=f"tel:{prefix}")
    if not prefixes:
        return
    for model in telephones():
        plain = Replace(
            Cast("number", TextField()), Value("-"), Value(""), output_field=TextField()
        )  # they are kept as RFC 3966 writes them
        rows = model._default_manager.filter(confirmed=True, method__isnull=False).annotate(plain=plain).filter(prefixes)
        for method, account, number in rows.values_list("method", "user", "number"):
            yield Found(f"method:{method}", {"hint": masked(number)}, account, (account,), 1)


DETECTOR = Detector(
    "institution-number",
    _("Number of the institution registered"),
    _("Ask the account holder to register a number that they can answer at any time."),
    (),
    find,
)
