"""S-139: every text in English and Japanese, with the same blanks, compiled from what the translator wrote."""

import re

import pytest
from babel.messages.catalog import Catalog, Message

from tests.architecture.source import name
from tests.architecture.visible_text import untranslatable, visible_text
from tools.messages import merged, source, stale, templates, untranslated

BLANK = re.compile(r"%\(\w+\)[sd]|%[sd]|{\w*}")
SAME_IN_BOTH = {"English", "日本語", "UTC"}
KANJI_OR_KANA = "[ぁ-んァ-ヶー一-龥「」]"
ODD_IN_JAPANESE = re.compile(rf"：|{KANJI_OR_KANA}\(|\){KANJI_OR_KANA}|サポート窓口")
COMMAND = "manage.py "
FOR_DEVELOPERS = ("templates/gallery",)


def texts(message: Message) -> list[tuple[str, str]]:
    """Each original beside its translation; for a plural, the last original, which has the number in it."""
    original = message.id if isinstance(message.id, str) else message.id[-1]
    translations = (message.string,) if isinstance(message.string, str) else message.string or ()
    return [(original, translation) for translation in translations]


@pytest.fixture(scope="module")
def found() -> Catalog:
    return source()


@pytest.mark.covers("S-139")
def test_every_text_has_a_japanese_translation(found: Catalog) -> None:
    assert untranslated(merged("ja", found)) == []


@pytest.mark.covers("S-139")
def test_a_translation_has_the_blanks_of_the_original(found: Catalog) -> None:
    pairs = [pair for message in merged("ja", found) if message.id for pair in texts(message)]
    assert [pair for pair in pairs if pair[1] and set(BLANK.findall(pair[0])) != set(BLANK.findall(pair[1]))] == []


@pytest.mark.covers("S-139")
def test_japanese_is_written_in_one_way(found: Catalog) -> None:
    """Brackets （…）, the colon of the original, and one name for the support desk."""
    written = [translation for message in merged("ja", found) if message.id for _, translation in texts(message)]
    assert [text for text in written if ODD_IN_JAPANESE.search(text)] == []


def test_the_files_of_translations_are_up_to_date_and_compiled(found: Catalog) -> None:
    assert stale("ja", found) == []


@pytest.mark.covers("S-139")
def test_no_template_shows_words_that_cannot_be_translated() -> None:
    shown = {name(path): untranslatable(path) for path in templates() if not name(path).startswith(FOR_DEVELOPERS)}
    assert {
        path: words
        for path, found in shown.items()
        if (words := [text for text in found if text not in SAME_IN_BOTH and not text.startswith(COMMAND)])
    } == {}


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello there</p>",
        "{% if a %}Yes{% endif %}",
        '<input aria-label="Your name">',
        '<input type="submit" value="Save">',
        '{% include "x.html" with a=b %} more',
    ],
)
def test_words_outside_translation_are_noticed(template: str) -> None:
    assert len(list(visible_text(template))) == 1


@pytest.mark.parametrize(
    "template",
    [
        '<p class="wide open">{% translate "Hello there" %}</p>',
        "{% blocktranslate trimmed %}Hello <b>there</b>{% endblocktranslate %}",
        "{# a remark #}{{ name }} · 42 % {{ other|default:'no name' }}",
        "<script>var hidden = true;</script>",
    ],
)
def test_words_in_translation_are_not(template: str) -> None:
    assert list(visible_text(template)) == []
