"""Error pages in plain words; they tell nothing of the inside (R-203)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from accounts.access import public
from mfaadmin.frame import steady


@public
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


@public
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


@public
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def no_page(request: HttpRequest) -> HttpResponse:
    """For a browser that opens the address of a form, as after loading the answer to it anew."""
    return render(request, "405.html", status=405)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without the request's account and session: the database may be what failed (S-138)."""
    return HttpResponse(render_to_string("500.html", steady(request)), status=500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from elsewhere."""
    return render(request, "403_csrf.html", status=403)
