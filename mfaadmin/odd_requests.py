"""Refuses what no page of this site sends, before a form or the database has to make sense of it (R-204)."""

from collections.abc import Callable
from typing import Any, NoReturn

from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

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


class NoUploads(FileUploadHandler):
    """No form has a file: whatever is sent is neither kept in memory nor written to a disk (FILE_UPLOAD_HANDLERS)."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Called for each file before its first byte is read."""
        raise MultiPartParserError("this site takes no files")
