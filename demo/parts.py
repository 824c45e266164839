"""Pages that keep themselves up to date fetch one part of themselves anew."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page_or_part(request: HttpRequest, name: str, facts: dict[str, Any]) -> HttpResponse:
    """`demo/<name>.html`, or `demo/<name>_rows.html` alone when the page asks for what is new."""
    asks_for_part = request.headers.get("X-Requested-With") == "poll"
    return render(request, f"demo/{name}_rows.html" if asks_for_part else f"demo/{name}.html", facts)
