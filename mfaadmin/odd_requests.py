"""Refuses what no page of this site sends, before a form or the database has to make sense of it (R-204)."""

from collections.abc import Callable
from typing import Any, NoReturn

from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.multipartparser import MultiPartParserError

from mfaadmin.errors import no_page

READ = {"", "utf-8", "utf8"}


class OddRequestsMiddleware:
    """Bodies are UTF-8, and no path holds a NUL, which PostgreSQL takes nowhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "")
        if charset.strip().lower() not in READ:
            raise BadRequest("the body is not UTF-8")
        if "\0" in request.path:
            raise BadRequest("the path holds a NUL")
        return self.get_response(request)


class NoPageMiddleware:
    """A person who comes to an address that takes forms alone is told so; programs get the bare status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = no_page(request)
        page.headers["Allow"] = response.headers["Allow"]
        return page


class NoUploads(FileUploadHandler):
    """No form has a file: whatever is sent is neither kept in memory nor written to a disk (FILE_UPLOAD_HANDLERS)."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Called for each file before its first byte is read."""
        raise MultiPartParserError("this site takes no files")
