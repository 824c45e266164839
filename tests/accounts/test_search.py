"""The support desk finds an account by id, name in either script, or address, however it is typed (S-147)."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from accounts.models import Account
from accounts.search import search
from accounts.search_words import LONGEST, asked, plain, words_of
from tests.factories import an_account

pytestmark = pytest.mark.django_db


def found(text: str, **options: int) -> list[str]:
    return [account.common_id for account in search(text, **options)]


@pytest.fixture
def hana() -> Account:
    return an_account("0123456789", name_en="Hana Sato", name_ja="佐藤 花", contact_address="Hana.Sato.89@G.example.ac.jp")


@pytest.fixture(autouse=True)
def others(hana: Account) -> None:
    an_account("0123456700", name_en="Jean-Luc O'Brien", name_ja="ジャン=リュック・オブライエン", contact_address="")
    an_account("9876543210", name_en="José Ōta", name_ja="髙﨑 太田", contact_address="jose@example.org")


@pytest.mark.parametrize(
    "text",
    [
        "0123456789",
        " 0123456789 ",
        "０１２３４５６７８９",
        "0123 456 789",
        "0123-456-789",
        "hana",
        "HANA",
        "Ｈａｎａ",
        "han",
        "sato hana",
        "hana s",
        "佐藤",
        "花",
        "佐藤 花",
        "佐藤\u3000花",
        "佐藤花",
        "佐",
        "hana.sato.89@g.example.ac.jp",
        "HANA.SATO.89@G.EXAMPLE.AC.JP",
        "hana.sato.89@",
        "hana.sato.8",
    ],
)
def test_one_account_is_found_in_every_way_of_typing(text: str) -> None:
    assert found(text) == ["0123456789"]


@pytest.mark.parametrize("text", ["0123456788", "ana", "atō", "hana mori", "藤", "89@g.example", "%", "_", "*", "'", "\\", "\x00"])
def test_what_does_not_begin_a_word_is_not_found(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\n"])
def test_nothing_asked_is_nothing_found(text: str) -> None:
    assert found(text) == []


def test_the_beginning_of_an_id_finds_all_that_begin_so() -> None:
    assert found("01234567") == ["0123456700", "0123456789"]


@pytest.mark.parametrize(
    "text", ["jean", "luc", "jean-luc", "obrien", "o'brien", "O’Brien", "ジャン", "リュック オブ", "ｼﾞｬﾝ", "ジャン=リュック・オブライエン"]
)
def test_names_of_several_parts_are_found_by_each(text: str) -> None:
    assert found(text) == ["0123456700"]


@pytest.mark.parametrize("text", ["jose", "JOSÉ", "ota", "Ōta", "高崎", "髙﨑", "高崎太田"])
def test_accents_and_old_forms_of_characters_make_no_difference(text: str) -> None:
    assert found(text) == ["9876543210"]


def test_an_exact_word_comes_first_and_whoever_left_comes_last(hana: Account) -> None:
    an_account("1111111111", name_en="Han Sora")
    an_account("2222222222", name_en="Hanako Abe", left_at=hana.created_at)
    an_account("3333333333", name_en="Hanae Abe")
    assert found("han") == ["1111111111", "0123456789", "3333333333", "2222222222"]


def test_no_more_are_found_than_asked_for() -> None:
    for number in range(5):
        an_account(f"500000000{number}", name_en="Many Alike")
    assert len(found("many", limit=3)) == 3


def test_an_account_with_several_fitting_words_is_found_once() -> None:
    an_account("5000000000", name_en="Ken Kenta Kenji", name_ja="健 健太", contact_address="ken@example.org")
    assert found("ken") == ["5000000000"]


def test_saving_renews_the_words(hana: Account) -> None:
    hana.name_en, hana.contact_address = "Hana Mori", "mori@example.org"
    hana.save()
    assert found("mori") == found("mori@example.org") == ["0123456789"]
    assert found("sato") == found("hana.sato") == []


def test_saving_other_fields_leaves_the_words_alone(hana: Account) -> None:
    hana.name_en = "Not Saved"
    hana.save(update_fields=["failures"])
    assert (found("hana"), found("saved")) == (["0123456789"], [])


def test_a_search_is_one_query(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert [account.affiliation for account in search("佐藤 花")] == [None]


def test_a_long_question_is_answered() -> None:
    assert found("hana " * 1000) == ["0123456789"]
    assert found("x" * 100_000) == []


@given(st.text())
@example("İ")
@example("ŉ ﷺ ㍿")
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text(max_size=120), st.text(max_size=120), st.text(max_size=254))
def test_words_fit_the_column_and_never_are_empty(name_en: str, name_ja: str, address: str) -> None:
    for word in words_of("0123456789", (name_en, name_ja), address):
        assert 0 < len(word) <= LONGEST
        assert "\x00" not in word


@given(st.lists(st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=12), min_size=1, max_size=5), st.data())
def test_any_beginnings_of_words_of_a_name_find_it(parts: list[str], data: st.DataObject) -> None:
    words = words_of("0123456789", (" ".join(parts), ""), "")
    chosen = [part[: data.draw(st.integers(1, len(part)))] for part in parts]
    assume(
        all(plain(beginning).isalnum() and plain(part).startswith(plain(beginning)) for beginning, part in zip(chosen, parts, strict=True))
    )
    wanted = asked(" ".join(chosen))
    assert any(word.startswith(beginning) for word in words for beginning in wanted.typed) or (
        wanted.together and all(any(word.startswith(beginning) for word in words for beginning in group) for group in wanted.together)
    )
