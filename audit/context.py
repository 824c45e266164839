"""Who and where of the current request, so that no caller has to pass them to `record`."""

import ipaddress
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from structlog.contextvars import get_contextvars

UNIX = "unix"  # in TRUSTED_PROXIES: whoever comes through a Unix socket, and so without an address, is a proxy


@dataclass(frozen=True)
class Where:
    """Circumstances of what is being done: network address, browser, request, attempt, session."""

    address: str | None = None
    browser: str = ""
    request_id: str = ""
    attempt: str = ""
    session: str = ""
    verified_with: str = ""
    case: str = ""  # number of the help-desk case in which it is done
    approver: str = ""  # Common ID of the second person who approved it


_where: ContextVar[Where] = ContextVar("where", default=Where())  # noqa: B039  frozen


def where() -> Where:
    """The circumstances of the current request, empty outside one."""
    return _where.get()


def add(**facts: Any) -> None:
    """Learn more about the current request, such as its session or sign-in attempt."""
    _where.set(replace(_where.get(), **facts))


@contextmanager
def circumstances(given: Where) -> Iterator[None]:
    """Act under `given`, as a request or a task does."""
    token = _where.set(given)
    try:
        yield
    finally:
        _where.reset(token)


@contextmanager
def belonging(case: str) -> Iterator[None]:
    """What is recorded meanwhile is done in the help-desk case of this number."""
    with circumstances(replace(_where.get(), case=case)):
        yield


@contextmanager
def approved(by: str) -> Iterator[None]:
    """What is recorded meanwhile is done because a second person said yes to it."""
    with circumstances(replace(_where.get(), approver=by)):
        yield


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def client_address(remote: str, forwarded: str) -> str | None:
    """The nearest address that is not a trusted proxy, counted from the right (R-028).

    A forwarded entry that cannot be read ends the walk at the proxy that sent it.
    """
    proxies = [_network(text) for text in settings.TRUSTED_PROXIES if text != UNIX]
    hops = reversed(forwarded.split(","))
    through_socket = not remote and UNIX in settings.TRUSTED_PROXIES
    nearest = _address(next(hops) if through_socket else remote)
    for text in hops:
        if nearest is None or not any(nearest in proxy for proxy in proxies):
            break
        further = _address(text)
        if further is None:
            break
        nearest = further
    return str(nearest) if nearest else None


def path_of(request: HttpRequest) -> str:
    """The path as events keep it: encoded, so that nothing in it turns or hides the words around it."""
    return escape_uri_path(request.path)[:200]


def network() -> str:
    """Where the current request comes from, as one subscriber has it."""
    return network_of(where().address or "")


def network_of(text: str) -> str:
    """What one subscriber has: the address, or for IPv6 the /64."""
    address = _address(text)
    if address is None:
        return "unknown"
    return str(ipaddress.ip_network(f"{address}/{64 if address.version == 6 else 32}", strict=False))


class WhereMiddleware:
    """Keeps address, browser and request id of each request for `record`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        here = Where(
            address=client_address(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", "")),
            browser=meta.get("HTTP_USER_AGENT", "")[:200],
            request_id=get_contextvars().get("request_id") or str(uuid.uuid4()),  # the id that the log has, if there is one
        )
        with circumstances(here):
            return self.get_response(request)
