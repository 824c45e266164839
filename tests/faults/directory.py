"""The LDAP directory of the harness: a real slapd that writes down every change by itself, and may be killed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ldap3 import LEVEL

from tests.harness.directory import PEOPLE, Slapd, slapd_running

JOURNAL = """
moduleload auditlog
overlay auditlog
auditlog {journal}
"""
CHANGE = re.compile(rf"^dn: uid=(\w+),{PEOPLE}\nchangetype: modify\n(?P<what>.*?)\n\n?#", re.MULTILINE | re.DOTALL)
VALUE = re.compile(r"^mfaUse: (.*)$", re.MULTILINE)
MOMENT = re.compile(r"^entryCSN: (\d{14}\.\d{6})Z", re.MULTILINE)


@contextmanager
def a_directory(folder: Path) -> Iterator[Slapd]:
    """A directory whose journal lies beside its data."""
    folder.mkdir()
    with slapd_running(folder, more=JOURNAL.format(journal=folder / "journal")) as slapd:
        slapd.clear()
        yield slapd


def held_by(slapd: Slapd) -> dict[str, str]:
    """The state of each account, as another client of the directory reads it."""
    with slapd.client() as client:
        client.search(PEOPLE, "(objectClass=mfaUser)", LEVEL, attributes=["uid", "mfaUse"])
        read = [one["raw_attributes"] for one in client.response]
    return {one["uid"][0].decode(): "on" if one.get("mfaUse") == [b"TRUE"] else "off" for one in read}


def turns_of(slapd: Slapd) -> list[dict[str, Any]]:
    """Each time that an entry got another state, in order, from the journal."""
    return turns((slapd.folder / "journal").read_text())


def turns(journal: str) -> list[dict[str, Any]]:
    """As `turns_of`."""
    stands: dict[str, str] = {}
    found = []
    for change in CHANGE.finditer(journal):
        account, what = change[1], change["what"]
        if "mfaUse" not in what:
            continue
        state = "on" if VALUE.search(what) else "off"
        moment = MOMENT.search(what)
        assert moment, what
        if stands.get(account, "off") != state:
            stands[account] = state
            at = datetime.strptime(moment[1], "%Y%m%d%H%M%S.%f").replace(tzinfo=UTC).timestamp()
            found.append({"system": "directory", "account": account, "state": state, "asked": at, "at": at})
    return found
