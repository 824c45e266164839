"""One connection to an LDAP directory: judged address, checked certificate, bounded waiting, our own failures."""

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ldap3 import BASE, NONE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError, LDAPSocketOpenError, LDAPStartTLSError

from policies.connectors.base import Configuration, Failure, Permanent, Transient
from policies.connectors.budget import Budget
from policies.connectors.deadline import Deadline
from policies.connectors.hosts import TOO_LATE, NotAllowed, Unreachable, address_that_answers, check_host
from policies.connectors.outgoing import CONNECT_SECONDS, TOO_LONG, longest_exchange, trusting
from policies.leases import may_speak

T = TypeVar("T")
LONGEST = 1024 * 1024
PORTS = {"ldap": 389, "ldaps": 636}
TRUE, FALSE = 6, 5  # answers to a comparison
NOT_FOUND = 32
NO_ATTRIBUTE = 16
UNDEFINED_ATTRIBUTE = 17
NOT_ALLOWED = 50
UNWILLING = 53
LOCKED = 19  # to a sign-in; 389 says so after too many wrong passwords
UNAVAILABLE = {51, 52}
WRONG_SETTINGS = {7, 8, 10, 13, 14, 17, 21, 32, 34, 48, 49, 50}
TRY_LATER = {1, 2, 3, 4, 11, 51, 52, 53, 80}
REASONS = {
    8: "the directory asks for a stronger sign-in",
    10: "the directory refers to another server",
    13: "the directory asks for TLS",
    17: "the directory does not know the attribute",
    21: "the directory does not accept the value",
    32: "the entry was not found",
    34: "a DN cannot be read",
    48: "the credentials were refused",
    49: "the credentials were refused",
    50: "the directory does not allow it",
    65: "the schema of the directory does not allow it",
}


class CheckedTls(Tls):  # type: ignore[misc]  # ldap3 has no type hints
    """TLS as the rest of this site speaks it: names and certificates are checked by Python itself."""

    def __init__(self, host: str, certificates: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED, sni=host)
        self.context = trusting(certificates)
        self.refused = False

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: FBT001, FBT002  ldap3's signature
        """Shake hands, and remember when the certificate was the reason why not."""
        connection.socket = self.context.wrap_socket(connection.socket, server_hostname=self.sni, do_handshake_on_connect=False)
        try:
            connection.socket.do_handshake()  # on the socket that a deadline hangs up
        except ssl.SSLCertVerificationError:
            self.refused = True
            raise


class Bounded:
    """A line over which no more than LONGEST bytes are received, whatever length the directory announces."""

    def __init__(self, line: socket.socket) -> None:
        self.line, self.received = line, 0

    def recv(self, size: int) -> bytes:
        """What has arrived; OSError when it is too much."""
        data = self.line.recv(size)
        self.received += len(data)
        if self.received > LONGEST:
            raise OSError(TOO_LONG)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


@dataclass(frozen=True)
class Entry:
    """An entry that was found, with the attributes that were asked for."""

    dn: str
    attributes: dict[str, list[str]]

    def values(self, name: str) -> list[str]:
        """The values of an attribute, whatever the case of its name."""
        return self.attributes.get(name.lower(), [])


def failure_of(code: int) -> Configuration | Transient | Permanent:
    """What a result code other than success means for us."""
    why = REASONS.get(code, f"LDAP result {code}")
    if code in WRONG_SETTINGS:
        return Configuration(why)
    return Transient(why) if code in TRY_LATER else Permanent(why)


def failure_for_all(code: int) -> Configuration | Transient:
    """The same where no single account is meant: whatever is refused for good there is wrong in the settings."""
    failure = failure_of(code)
    return Configuration(failure.why) if isinstance(failure, Permanent) else failure


class Directory:
    """Signed in from the first use until `close`."""

    def __init__(self, address: str, *, bind_dn: str, password: str, start_tls: bool, certificates: str, budget: Budget) -> None:
        self.budget = budget
        with _in_our_words():
            self.scheme, host, port = _taken_apart(address)
            if self.scheme == "ldap" and not start_tls:
                raise Configuration("the address is not encrypted")
            if not password:
                raise Configuration("the secret is missing or cannot be read")
            self.tls = CheckedTls(host, certificates)
            address = address_that_answers(host, port, CONNECT_SECONDS)
            server = Server(address, port, use_ssl=self.scheme == "ldaps", tls=self.tls, get_info=NONE, connect_timeout=CONNECT_SECONDS)
        self.connection = Connection(
            server, bind_dn, password, receive_timeout=max(1, int(longest_exchange())), auto_referrals=False, check_names=False
        )
        self.is_signed_in = False
        self._sign_in()

    def _sign_in(self) -> None:
        def open_and_bind() -> None:
            self.connection.open()
            self._bound()
            if self.scheme == "ldap":
                self.connection.start_tls()
                self._bound()
            self.connection.bind()

        try:
            self._run(open_and_bind)
            code = self.connection.result["result"]
            if code != 0:
                raise Configuration("the account that signs in is locked") if code == LOCKED else failure_for_all(code)
            self.is_signed_in = True
        except Failure:
            self.close()
            raise

    def _line(self) -> socket.socket | None:
        line: Bounded | socket.socket | None = self.connection.socket
        return line.line if isinstance(line, Bounded) else line

    def _bound(self) -> None:
        """Count what is received from now on."""
        if line := self._line():
            self.connection.socket = Bounded(line)

    def _run(self, operation: Callable[[], T]) -> T:
        self._bound()
        deadline = Deadline(min(self.budget.left(), longest_exchange()), self._line)
        try:
            with deadline:
                return operation()
        except (LDAPException, OSError) as error:
            raise self._broken_off(error, is_late=deadline.is_over) from None

    def _broken_off(self, error: Exception, *, is_late: bool) -> Configuration | Transient:
        """Why an operation came to no end, and whether anything was said before."""
        if self.tls.refused:
            return Configuration("the certificate is not valid for this address")
        if isinstance(error, LDAPInvalidFilterError):
            return Configuration("the filter cannot be read")
        if isinstance(error, LDAPStartTLSError) and (code := self.connection.result["result"]):
            return _without_tls(code)
        if isinstance(error, LDAPSocketOpenError | LDAPStartTLSError) and not (is_late or self.is_signed_in):
            return Transient(f"no connection: {type(error).__name__}")
        why = TOO_LONG if TOO_LONG in str(error) else type(error).__name__  # ldap3 quotes in an error of its own what was raised
        return Transient(f"no answer: {'TimeoutError' if is_late else why}", maybe_applied=True)

    def search(self, base: str, query: str, scope: str, attributes: Sequence[str]) -> list[Entry]:
        """What is found; a failure when the directory does not answer with success."""
        code, found = self._search(base, query, scope, attributes)
        if code != 0:
            raise failure_for_all(code)
        return [Entry(one["dn"], {name.lower(): _texts(values) for name, values in one["raw_attributes"].items()}) for one in found]

    def _search(self, base: str, query: str, scope: str, attributes: Sequence[str]) -> tuple[int, list[dict[str, Any]]]:
        self._run(lambda: self.connection.search(base, query, scope, attributes=list(attributes)))
        found = [one for one in self.connection.response or [] if one["type"] == "searchResEntry"]
        return int(self.connection.result["result"]), found

    def modify(self, dn: str, changes: dict[str, Any]) -> int:
        """The result code of one modification."""
        if not may_speak():
            raise Transient(f"no connection: {TOO_LATE}")
        self._run(lambda: self.connection.modify(dn, changes))
        return int(self.connection.result["result"])

    def holds(self, dn: str, attribute: str, value: str) -> bool:
        """Whether an entry has this value."""
        code = self._compare(dn, attribute, value)
        if code not in {TRUE, FALSE, NO_ATTRIBUTE}:
            raise failure_for_all(code)
        return code == TRUE

    def _compare(self, dn: str, attribute: str, value: str) -> int:
        self._run(lambda: self.connection.compare(dn, attribute, value))
        return int(self.connection.result["result"])

    def matches(self, dn: str, query: str) -> bool:
        """Whether it is certain that an entry is as a filter says. Who may compare and change it may not always search it."""
        code, found = self._search(dn, query, BASE, ["1.1"])
        return code == 0 and len(found) == 1

    def must_exist(self, *dns: str) -> None:
        """Configuration unless each of these entries, as far as given, can be read."""
        for dn in filter(None, dns):
            if len(self.search(dn, "(objectClass=*)", BASE, ["objectClass"])) != 1:
                raise Configuration(REASONS[NOT_FOUND])

    def must_know(self, dn: str, *attributes: str) -> None:
        """Configuration where the directory says that it has no such attribute; many leave it out of a filter and say nothing."""
        for attribute in filter(None, attributes):
            if self._compare(dn, attribute, "-") == UNDEFINED_ATTRIBUTE:
                raise Configuration(REASONS[UNDEFINED_ATTRIBUTE])

    def close(self) -> None:
        """Sign off; a connection that is gone already is as good."""
        with suppress(LDAPException, OSError):
            self.connection.unbind()
        if self.connection.socket:  # ldap3 leaves it open when no connection came about
            self.connection.socket.close()


def _without_tls(code: int) -> Configuration | Transient:
    why = "the directory offers no StartTLS"
    return Transient(f"{why}: LDAP result {code}") if code in UNAVAILABLE else Configuration(why)


def _texts(values: Sequence[bytes]) -> list[str]:
    return [value.decode(errors="replace") for value in values]


def _taken_apart(address: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise NotAllowed("the address cannot be read") from None
    if not parts.hostname or not port or parts.scheme not in PORTS or parts.username is not None or parts.path.strip("/"):
        raise NotAllowed("the address cannot be read")
    check_host(parts.hostname, port)
    return parts.scheme, parts.hostname, port


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except NotAllowed as error:
        raise Configuration(str(error)) from None
    except Unreachable as error:
        raise Transient(f"no connection: {error}") from None
