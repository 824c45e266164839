"""A real LDAP directory (OpenLDAP's slapd) for the tests: unprivileged, in a folder of its own, over TLS."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ldap3 import BASE, NONE, SUBTREE, Connection, Server

from demo.runner.leash import leash
from tests.policies.certificates import Authority

PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/libexec:/usr/lib/openldap"
MISSING = "slapd is missing: install the Debian package slapd, so that the LDAP connector can be tested against a real directory."
SCHEMAS = ("/etc/ldap/schema", "/etc/openldap/schema")
MODULES = ("/usr/lib/ldap", "/usr/lib64/openldap", "/usr/lib/openldap")
NOBODY = 65534
PATIENCE = 20
BASE_DN, PEOPLE, ROOT, WORD = "dc=example", "ou=people,dc=example", "cn=root,dc=example", "root word"
WRITER, WRITER_WORD = "cn=mfa,dc=example", "word of the writer"
READER, READER_WORD = "cn=reader,dc=example", "word of the reader"
CONFIGURATION = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/nis.schema
include {schemas}/inetorgperson.schema
attributetype ( 1.3.6.1.4.1.32473.1.1 NAME 'mfaUse' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.32473.2.1 NAME 'mfaUser' SUP top AUXILIARY MAY mfaUse )
pidfile {folder}/slapd.pid
modulepath {modules}
moduleload back_mdb
TLSCACertificateFile {folder}/authority.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
localSSF 256
security simple_bind=128
database mdb
suffix "dc=example"
rootdn "cn=root,dc=example"
rootpw "root word"
directory {folder}/data
dbnosync
index uid eq
access to attrs=userPassword by anonymous auth
access to * by dn.exact="cn=mfa,dc=example" write by dn.exact="cn=reader,dc=example" read
"""


def find_slapd() -> str | None:
    """The program, wherever the distribution puts it."""
    return os.environ.get("SLAPD") or shutil.which("slapd", path=PLACES)


@dataclass
class Slapd:
    """A running directory, and what an independent client sees in it."""

    program: str
    port: int
    tls_port: int
    authority: Authority
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it on its own ports, and wait until it answers."""
        urls = f"ldap://127.0.0.1:{self.port}", f"ldaps://127.0.0.1:{self.tls_port}", f"ldapi://{self._socket_file}"
        self.process = _start(self.program, self.folder, *urls)
        _wait(self.process, self)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; what it holds stays in its folder."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None

    @property
    def _socket_file(self) -> str:
        return str(self.folder / "ldapi").replace("/", "%2F")

    @property
    def address(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_address(self) -> str:
        return f"ldaps://127.0.0.1:{self.tls_port}"

    @contextmanager
    def client(self) -> Iterator[Connection]:
        """Signed in as the root of the directory, over the unix socket."""
        connection = Connection(Server(f"ldapi://{self._socket_file}", get_info=NONE), ROOT, WORD, raise_exceptions=True)
        try:
            connection.bind()
            yield connection
        finally:
            connection.unbind()

    def clear(self) -> None:
        """Only the root, the accounts of the connector, and an empty branch for people."""
        with self.client() as client:
            client.search(BASE_DN, "(objectClass=*)", SUBTREE)
            for dn in sorted((one["dn"] for one in client.response), key=len, reverse=True):
                if dn != BASE_DN:
                    client.delete(dn)
            for dn, word in ((WRITER, WRITER_WORD), (READER, READER_WORD)):
                client.add(dn, ["person"], {"sn": "x", "userPassword": word})
            client.add(PEOPLE, ["organizationalUnit"])

    def add(self, uid: str, **attributes: object) -> str:
        """A person who may have the attribute mfaUse; returns the DN."""
        dn = f"uid={uid},{PEOPLE}"
        with self.client() as client:
            client.add(dn, ["inetOrgPerson", "mfaUser"], {"cn": "Somebody", "sn": "Somebody", **attributes})
        return dn

    def group(self, cn: str, kind: str = "groupOfNames", **attributes: object) -> str:
        dn = f"cn={cn},{BASE_DN}"
        with self.client() as client:
            client.add(dn, [kind], attributes)
        return dn

    def ldapsearch(self, dn: str) -> list[str]:
        """The lines of an entry as OpenLDAP's own client prints them."""
        who = ("-x", "-D", ROOT, "-w", WORD, "-H", f"ldapi://{self._socket_file}")
        found = subprocess.run(["ldapsearch", "-LLL", *who, "-s", "base", "-b", dn], capture_output=True, text=True, check=True)
        return found.stdout.splitlines()

    def values(self, dn: str, attribute: str) -> list[str]:
        with self.client() as client:
            client.search(dn, "(objectClass=*)", BASE, attributes=[attribute])
            return [value.decode() for value in client.response[0]["raw_attributes"].get(attribute, [])]


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        for line in (one, two):
            line.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def _first(places: tuple[str, ...]) -> str:
    return next((place for place in places if Path(place).is_dir()), places[0])


def _prepare(folder: Path, more: str) -> Authority:
    authority = Authority(folder)
    (folder / "authority.pem").write_text(authority.certificate)
    authority.issue("server")
    (folder / "data").mkdir()
    configuration = CONFIGURATION.format(folder=folder, schemas=_first(SCHEMAS), modules=_first(MODULES))
    (folder / "slapd.conf").write_text(configuration + more)
    return authority


def _start(program: str, folder: Path, *urls: str) -> subprocess.Popen[bytes]:
    """As nobody where the tests run as root; a copy of the program, because profiles of distributions bind it to their own folders."""
    copy = str(folder / "slapd")
    if not Path(copy).exists():
        shutil.copy(program, copy)
    nobody = NOBODY if os.geteuid() == 0 else None
    if nobody:
        for path in [folder, *folder.iterdir()]:
            os.chown(path, NOBODY, NOBODY)
    with (folder / "log").open("wb") as log:
        command = [copy, "-f", str(folder / "slapd.conf"), "-h", " ".join(urls), "-d", "0"]
        whom: dict[str, Any] = {"user": nobody, "group": nobody, "extra_groups": []} if nobody else {}
        return subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=leash(), **whom)  # noqa: PLW1509  no threads here


def _wait(process: subprocess.Popen[bytes], slapd: Slapd) -> None:
    over = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < over:
        try:
            with socket.create_connection(("127.0.0.1", slapd.tls_port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    pytest.fail(f"slapd did not start: {(slapd.folder / 'log').read_text()[-500:]}", pytrace=False)


@contextmanager
def slapd_running(folder: Path, *, more: str = "") -> Iterator[Slapd]:
    """A directory in an empty folder that lives as long as the block; `more` lines for its configuration."""
    program = find_slapd()
    if program is None:
        pytest.fail(MISSING, pytrace=False)
    slapd = Slapd(program, *_free_ports(), _prepare(folder, more), folder)
    try:
        slapd.start()
        with slapd.client() as client:
            client.add(BASE_DN, ["domain"], {"dc": "example"})
        yield slapd
    finally:
        slapd.stop()


@pytest.fixture(scope="session")
def running_slapd() -> Iterator[Slapd]:
    """One directory for the session."""
    folder = Path(tempfile.mkdtemp(prefix="mfa-slapd-"))
    try:
        with slapd_running(folder) as slapd:
            yield slapd
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def slapd(running_slapd: Slapd) -> Slapd:
    """The directory, without anybody in it."""
    running_slapd.clear()
    return running_slapd
