"""Pages that keep themselves up to date fetch one part of themselves anew."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.badge import asks_by_itself


def page_or_part(request: HttpRequest, name: str, facts: dict[str, Any]) -> HttpResponse:
    """`demo/<name>.html`, or `demo/<name>_rows.html` alone when the page asks for what is new."""
    return render(request, f"demo/{name}_rows.html" if asks_by_itself(request) else f"demo/{name}.html", facts)
