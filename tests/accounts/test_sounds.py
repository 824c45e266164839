"""A name is found by how it sounds: kana and every usual way of writing it in Latin letters are one (S-147)."""

from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import SearchWord
from accounts.search import search
from accounts.search_words import plain
from accounts.sounds import sound
from tests.factories import an_account

SAME = [
    ["さとう", "サトウ", "ｻﾄｳ", "sato", "satou", "satoh", "satô", "SATŌ"],
    ["じゅんいち", "junichi", "jun'ichi", "zyuniti", "Jyunichi"],
    ["ちひろ", "chihiro", "tihiro"],
    ["つよし", "tsuyoshi", "tuyosi"],
    ["ふじい", "fujii", "huzii", "Fujī"],
    ["ほんま", "homma", "honma"],
    ["しんべえ", "shimbei".replace("ei", "ee"), "sinbee"],
    ["おおた", "ohta", "oota", "ota", "Ōta"],
    ["おおはら", "ohara", "oohara"],
    ["はっとり", "hattori"],
    ["まっちゃ", "matcha", "maccha"],
    ["しょうたろう", "shotaro", "shoutarou", "syotaro", "Shōtarō"],
    ["ジョー", "jo", "joh"],
    ["ティナ", "tina"],
    ["シェリー", "sheri", "sheli"],
    ["フェリ", "feri"],
    ["いのうえ", "inoue"],
]


@pytest.mark.parametrize("spellings", SAME, ids=lambda spellings: spellings[0])
def test_spellings_of_one_name_sound_alike(spellings: list[str]) -> None:
    assert len({sound(plain(spelling)) for spelling in spellings}) == 1


def test_different_names_do_not() -> None:
    names = ["sato", "saito", "kato", "kudo", "goto", "ono", "onoda", "shota", "sota", "yuki", "yuko", "chie", "jie"]
    assert len({sound(name) for name in names}) == len(names)


@pytest.mark.parametrize("word", ["佐藤", "佐とう", "0123", "a1", "", "@", "김"])
def test_what_is_neither_kana_nor_latin_has_no_sound(word: str) -> None:
    assert sound(plain(word)) == ""


@given(st.text())
def test_any_text_has_a_sound_or_none(text: str) -> None:
    assert len(sound(plain(text))) <= 2 * len(plain(text)) + 2


@pytest.fixture
def _people(db: None) -> None:
    an_account("0000000001", name_en="Junichi Sato", name_ja="佐藤 純一")
    an_account("0000000002", name_en="Yuko Satoh", name_ja="佐藤 優子")
    an_account("0000000003", name_en="", name_ja="ジョン・スミス")
    an_account("0000000004", name_en="Mai Satomi", name_ja="里見 麻衣")
    an_account("0000000005", name_en="Ken Ota", name_ja="太田 健")


@pytest.mark.usefixtures("_people")
@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("さとう", "124"),
        ("サトウ", "124"),
        ("ｻﾄｳ ｼﾞｭﾝｲﾁ", "1"),
        ("さとうじゅん", "1"),
        ("じゅんいち さとう", "1"),
        ("satoh", "214"),
        ("satou", "124"),
        ("sato", "124"),
        ("satou yuuko", "2"),
        ("satoh zyun", "1"),
        ("じょん", "3"),
        ("すみす", "3"),
        ("sumisu jon", "3"),
        ("おおた", "5"),
        ("佐藤 ゆうこ", "2"),
        ("ohta ken", "5"),
    ],
)
def test_an_account_is_found_by_kana_and_romaji_as_typed_first(text: str, ids: str) -> None:
    assert "".join(account.common_id[-1] for account in search(text)) == ids


@pytest.mark.usefixtures("_people")
def test_words_of_an_older_version_are_written_anew() -> None:
    before = sorted(SearchWord.objects.values_list("account", "word"))
    SearchWord.objects.filter(word__in=["satohana", "satozyuniti", "sato"]).delete()
    SearchWord.objects.create(account_id=SearchWord.objects.values_list("account", flat=True)[0], word="left over")
    out = StringIO()
    call_command("renew_search_words", stdout=out)
    assert sorted(SearchWord.objects.values_list("account", "word")) == before
    assert out.getvalue() == "5 accounts\n"
