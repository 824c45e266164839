"""The line that each request leaves in the log."""

import re

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from audit.context import client_address

# Whoever has the rest of these addresses may do what they are for: they are in mails, and in what a provider calls back.
KEEPS = re.compile(r"(/stop/|/hooks/twilio/\w+/)[^/]+")


class RequestLogMiddleware(RequestMiddleware):
    """Without the query, in which staff search for people, without secrets, and with the address that counts, not one that was claimed (R-028)."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path, without what in it is a secret."""
        path = KEEPS.sub(r"\1…", request.path)
        return f"{request.method} {path}"

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Behind the configured proxies alone is a forwarded address believed."""
        meta = request.META
        structlog.contextvars.bind_contextvars(ip=client_address(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", "")))
