"""The board of the desk."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.models import Affiliation
from helpdesk.board import sections
from helpdesk.cases import RIGHT
from methods.gate import for_staff


@require_safe
@for_staff(RIGHT)
def board(request: Badged) -> HttpResponse:
    """Figures alone; whoever is behind them is found on the other pages, and recorded there."""
    limits = request.powers.limits(RIGHT)
    within = [] if limits is None else [str(one) for one in Affiliation.objects.filter(pk__in=limits)]
    facts = {"sections": sections(timezone.now(), request.powers), "is_limited": limits is not None, "within": within}
    return render(request, "helpdesk/board.html", facts)
