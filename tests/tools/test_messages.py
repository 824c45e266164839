"""Extraction finds what Django looks up when a page is drawn."""

import io

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from django.template import engines
from django.utils import translation
from django.utils.translation import gettext_lazy, trans_real

from tools.messages import KEYWORDS, as_python, merged, mo, po

TEMPLATE = """{% load i18n %}
<p title="{% translate 'In an attribute' %}">{% translate "With context, 50%" context "greeting" as x %}{{ x }}</p>
    {% blocktranslate trimmed with who=name count n=n %}
        One thing of
        {{ who }}
    {% plural %}
        {{ n }} things of {{ who }}, 5%
    {% endblocktranslate %}
{% if name %}
  {% blocktranslate context "ctx" %}In a context,
two lines{% endblocktranslate %}{% endif %}
{% firstof _("In a tag") %} {{ _("A literal") }} {{ missing|default:_("In a filter") }}
{% translate "Don't you, “ever”" %}
"""
PYTHON = """
a = _("A sentence in "
      "two pieces")
b = ngettext("one", "%(n)s", n)
c = pgettext_lazy("month name", "May")
d = npgettext("ctx", "one day", "%(n)s days", n)
e = gettext_noop("Later")
"""


def found(python: str) -> Catalog:
    catalog = Catalog(locale="ja")
    for _, message, _, context in extract("python", io.BytesIO(python.encode()), KEYWORDS):
        catalog.add(message, context=context)
    return catalog


def ids(catalog: Catalog) -> set[tuple[str | None, object]]:
    return {(message.context, message.id) for message in catalog if message.id}


def test_every_way_to_mark_a_text_in_python_is_found() -> None:
    expected = {
        (None, "A sentence in two pieces"),
        (None, ("one", "%(n)s")),
        ("month name", "May"),
        ("ctx", ("one day", "%(n)s days")),
        (None, "Later"),
    }
    assert ids(found(PYTHON)) == expected


@pytest.mark.parametrize("number", [1, 2])
def test_what_is_found_in_a_template_is_what_django_asks_for(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[tuple[str | None, object]] = set()
    sought = trans_real.DjangoTranslation
    separator = trans_real.CONTEXT_SEPARATOR

    def note(text: str, plural: str | None = None) -> None:
        context, _, bare = text.rpartition(separator)
        asked.add((context or None, (bare, plural.rpartition(separator)[2]) if plural else bare))

    one, many = sought.gettext, sought.ngettext
    monkeypatch.setattr(sought, "gettext", lambda self, text: (note(text), one(self, text))[1])
    monkeypatch.setattr(sought, "ngettext", lambda self, text, plural, n: (note(text, plural), many(self, text, plural, n))[1])
    with translation.override("ja"):
        engines["django"].from_string(TEMPLATE).render({"name": gettext_lazy("Hana"), "n": number})
    assert asked - {(None, "Hana")} >= ids(found(as_python(TEMPLATE, "a template")))


def test_translations_are_kept_and_what_nobody_uses_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    old = Catalog(locale="ja")
    old.add("Kept", "残る")
    old.add("Gone", "消える")
    monkeypatch.setattr("tools.messages.translations", lambda language: old)
    now = Catalog()
    now.add("Kept")
    now.add("New")
    new = merged("ja", now)
    assert {message.id: message.string for message in new if message.id} == {"Kept": "残る", "New": ""}
    assert "消える" not in po(new).decode()


def test_the_files_do_not_change_with_the_day() -> None:
    catalog = found(PYTHON)
    assert po(merged("ja", catalog)) == po(merged("ja", catalog))
    assert mo(merged("ja", catalog)) == mo(merged("ja", catalog))
