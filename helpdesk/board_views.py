"""The board of the desk."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from helpdesk.board import sections
from helpdesk.cases import RIGHT
from methods.gate import for_staff


@require_safe
@for_staff(RIGHT)
def board(request: Badged) -> HttpResponse:
    """Figures alone; whoever is behind them is found on the other pages, and recorded there."""
    return render(request, "helpdesk/board.html", {"sections": sections(timezone.now())})
