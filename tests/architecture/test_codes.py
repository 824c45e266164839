"""Whoever meets the code of a requirement in the source or in a document finds what it says in docs/requirements.toml."""

import re
import tomllib

from tools.messages import ROOT

CODE = re.compile(r"(?<![\w.-])(S-\d{2,3}|C-\d{2}|R-\d{3}|F-\d{3}|[ID][1-9]\d?)(?![\w-])")
MADE_UP = "S-999"  # by which the marker of tests is tried
SUFFIXES = {".py", ".md", ".html", ".js", ".txt"}


def cited() -> dict[str, str]:
    """Every code that is mentioned somewhere, and where."""
    homes = [path for path in ROOT.rglob("*") if path.suffix in SUFFIXES and not {".venv", ".git"} & set(path.parts)]
    return {code: str(path.relative_to(ROOT)) for path in homes for code in CODE.findall(path.read_text(errors="replace"))}


def test_every_code_that_is_cited_says_something() -> None:
    known = {code for rows in tomllib.loads((ROOT / "docs" / "requirements.toml").read_text()).values() for code in rows}
    assert {code: path for code, path in cited().items() if code not in known | {MADE_UP}} == {}
    assert {"S-34", "C-08", "R-225", "I7"} <= set(cited())
