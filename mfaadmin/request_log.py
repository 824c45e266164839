"""The line that each request leaves in the log."""

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from audit.context import client_address


class RequestLogMiddleware(RequestMiddleware):
    """Without the query, in which staff search for people, and with the address that counts, not one that was claimed (R-028)."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path."""
        return f"{request.method} {request.path}"

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Behind the configured proxies alone is a forwarded address believed."""
        meta = request.META
        structlog.contextvars.bind_contextvars(ip=client_address(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", "")))
