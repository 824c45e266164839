"""Translations without the gettext programs: extract every text, bring the catalogues up to date, compile them.

`python tools/messages.py` rewrites mfaadmin/locale/*/LC_MESSAGES/django.po and .mo; with --check it only judges them. Translations are kept, texts that are
no longer used are dropped, and the order is that of the alphabet, so that a change touches only its own lines.
"""

import fcntl
import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "mfaadmin" / "locale"
APPS = ("vault", "audit", "accounts", "methods", "policies", "campaigns", "signin", "selfservice", "helpdesk", "review", "demo", "mfaadmin")
TEMPLATE_SUFFIXES = (".html", ".txt", ".svg", ".xml")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)  # the files must not change with the day on which they are written
PLURALS = {"ja": "nplurals=1; plural=0;", "en": "nplurals=2; plural=(n != 1);"}


def templates() -> Iterator[Path]:
    """Every template of the site."""
    folders = [ROOT / "templates", *(folder for app in APPS for folder in (ROOT / app).rglob("templates"))]
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.suffix in TEMPLATE_SUFFIXES)


def modules() -> Iterator[Path]:
    """Every module of the site."""
    for app in APPS:
        yield from (path for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts)


def as_python(template: str, origin: str) -> str:
    """A template as Django's own extraction reads it: calls of gettext, without indentation."""
    return "\n".join(line.lstrip() for line in templatize(template, origin).splitlines())


def source() -> Catalog:
    """Every text in the sources."""
    catalog = Catalog()
    for path in (*modules(), *templates()):
        text = path.read_text()
        python = text if path.suffix == ".py" else as_python(text, str(path))
        with warnings.catch_warnings():
            warnings.simplefilter("error", SyntaxWarning)
            for _, message, _, context in extract("python", io.BytesIO(python.encode()), KEYWORDS):
                catalog.add(message, context=context, flags=_flags(message))
    return catalog


def _flags(message: str | tuple[str, ...]) -> list[str]:
    texts = (message,) if isinstance(message, str) else message
    return ["python-format"] if any("%(" in text for text in texts) else []


def po_path(language: str) -> Path:
    """Where the translations into `language` are written by hand."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def translations(language: str) -> Catalog:
    """The translations as they stand; PoFileError when the file cannot be read."""
    with po_path(language).open("rb") as file:
        catalog = read_po(file, locale=language, domain="django", abort_invalid=True)
    catalog.creation_date = catalog.revision_date = LONG_AGO
    return catalog


def merged(language: str, found: Catalog) -> Catalog:
    """The catalogue of `language` for exactly the texts in `found`."""
    old = translations(language) if po_path(language).exists() else Catalog(locale=language)
    new = Catalog(locale=language, domain="django", creation_date=LONG_AGO, revision_date=LONG_AGO, fuzzy=False)
    for message in found:
        if message.id:
            known = old.get(message.id, message.context)
            new.add(message.id, known.string if known else "", flags=message.flags, context=message.context)
    return new


def po(catalog: Catalog) -> bytes:
    """The file a translator edits."""
    language = str(catalog.locale)
    header = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {PLURALS[language]}\\n"\n\n'
    body = io.BytesIO()
    write_po(body, catalog, width=120, no_location=True, omit_header=True, sort_output=True)
    return header.encode() + body.getvalue()


def mo(catalog: Catalog) -> bytes:
    """The file the site reads; texts without translation are left out."""
    body = io.BytesIO()
    write_mo(body, catalog)
    return body.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """Texts of the catalogue without a translation."""
    return [str(message.id) for message in catalog if message.id and not all(_strings(message.string))]


def _strings(string: str | Sequence[str] | None) -> Sequence[str]:
    return (string,) if isinstance(string, str) else string or ("",)


def update(language: str, found: Catalog) -> Catalog:
    """Rewrite both files of `language`."""
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = merged(language, found)
    for suffix, content in ((".po", po(catalog)), (".mo", mo(catalog))):
        beside = path.with_suffix(suffix + "~")
        beside.write_bytes(content)
        beside.replace(path.with_suffix(suffix))
    return catalog


def stale(language: str, found: Catalog) -> list[str]:
    """What is wrong with the files of `language`: texts missing or too many, or a compiled file of another day."""
    path, catalog = po_path(language), merged(language, found)
    problems = [f"without translation: {text!r}" for text in untranslated(catalog)] if language != "en" else []
    if po(catalog) != path.read_bytes():
        problems.append(f"{path.relative_to(ROOT)} is not up to date: make messages")
    if mo(translations(language)) != path.with_suffix(".mo").read_bytes():
        problems.append(f"{path.with_suffix('.mo').relative_to(ROOT)} was not compiled from the texts beside it: make messages")
    return problems


def check() -> int:
    """Judge the files without touching them."""
    problems = [*stale("en", Catalog()), *stale("ja", source())]
    for problem in problems:
        print(problem)
    return int(bool(problems))


def rewrite() -> int:
    """Rewrite every catalogue and list what has no Japanese yet."""
    lock = os.open(LOCALES, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    update("en", Catalog())
    catalog = update("ja", source())
    os.close(lock)
    missing = untranslated(catalog)
    print(f"{len(catalog)} texts, {len(missing)} without Japanese")
    for text in missing:
        print(f"  {text!r}")
    return 0


if __name__ == "__main__":
    sys.exit(check() if "--check" in sys.argv else rewrite())
