"""Ten thousand accounts in the running site, imported as a deployment would; each journey takes one of its own."""

import csv
import subprocess
import sys
from itertools import count

from tests.journeys.person import PASSWORD
from tests.journeys.stack import ROOT, Site, environment

_taken = count()
_imported: set[str] = set()
WITH_PASSWORD, OTHERS = 40, 10_000
FIELDS = ["common_id", "name_en", "name_ja", "affiliation", "kind", "language", "contact_address", "status", "initial_password"]


def _row(number: int) -> dict[str, str]:
    common_id = f"30{12345670 + number:08d}"
    return {
        "common_id": common_id,
        "name_en": f"Journey Person {number}",
        "name_ja": f"旅 太郎{number}",
        "affiliation": "science",
        "kind": "student",
        "language": "en",
        "contact_address": f"{common_id}@contact.example.com",
        "status": "active",
        "initial_password": PASSWORD if number < WITH_PASSWORD else "",
    }


def _import(site: Site) -> None:
    accounts, affiliations = site.folder / "journeys.csv", site.folder / "affiliations.csv"
    affiliations.write_text("code,name_en,name_ja\nscience,Faculty of Science,理学部\n", encoding="utf-8")
    with accounts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(_row(number) for number in range(OTHERS))
    port = int(site.url.rpartition(":")[2])
    command = [sys.executable, "manage.py", "import_accounts", str(accounts), "--affiliations", str(affiliations)]
    subprocess.run(command, check=True, cwd=ROOT, env=environment(site.folder, port), capture_output=True)


def account_for(site: Site) -> str:
    """The Common ID of an account that nobody has used."""
    if site.url not in _imported:
        _import(site)
        _imported.add(site.url)
    return _row(next(_taken))["common_id"]
