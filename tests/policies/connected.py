"""Connected systems for tests, one function for each connector, on servers that are running."""

from pathlib import Path
from typing import Any

from pytest_django import Settings

from policies.models import ConnectedSystem
from policies.systems import ensure_system
from tests.harness.directory import PEOPLE, WRITER, WRITER_WORD, Slapd
from tests.policies.graph_server import CLIENT, GROUP, SECRET, TENANT, GraphMock
from tests.policies.scim_server import ATTRIBUTE, TOKEN, ScimServer

KEY = "c2VjcmV0IG9mIHRoZSBmaWxlcyBpbiBhIGZvbGRlciE="


def a_system(code: str, connector: str, options: dict[str, Any], **columns: Any) -> ConnectedSystem:
    return ensure_system(code, connector=connector, name_en=code.title(), name_ja=code, options=options, **columns)


def a_directory(slapd: Slapd, settings: Settings, **options: Any) -> ConnectedSystem:
    settings.MFA_PRIVATE_HOSTS = ["127.0.0.1"]
    known = {"bind_dn": WRITER, "base_dn": PEOPLE, "state_attribute": "mfaUse", "certificates": slapd.authority.certificate}
    return a_system("directory", "ldap", known | options, address=slapd.address, secret=WRITER_WORD)


def a_scim_service(server: ScimServer, settings: Settings, **options: Any) -> ConnectedSystem:
    settings.MFA_PRIVATE_HOSTS = ["127.0.0.1", f"127.0.0.1:{server.port}"]
    return a_system("cloud", "scim", {"state_attribute": ATTRIBUTE} | options, address=server.url, secret=TOKEN)


def a_tenant(graph: GraphMock, settings: Settings, **options: Any) -> ConnectedSystem:
    settings.MFA_PRIVATE_HOSTS = [f"127.0.0.1:{graph.port}"]
    known = {"tenant": TENANT, "client": CLIENT, "group_id": GROUP, "account_suffix": "@example.ac.jp"}
    addresses = {"sign_in_address": graph.url, "graph_address": graph.url}
    return a_system("entra", "graph", known | addresses | options, secret=SECRET)


def a_folder(folder: Path, settings: Settings, **options: Any) -> ConnectedSystem:
    settings.MFA_DROP_FOLDERS = [str(folder)]
    return a_system("printers", "csv", options, address=str(folder), secret=KEY)
