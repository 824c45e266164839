"""Telephone numbers in free text are hidden in whatever way they are typed; what looks like one and is none stays readable."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.masking import masked

SIGNS = "-―ｰ－ー– .．・\u3000"
between = st.one_of(st.text(SIGNS, min_size=1, max_size=1), st.sampled_from([" - ", "  ", ") ", " ("]))
beside = st.sampled_from(["", " ", "電話", "TEL", "Fax:", "Home\n", "\t", "（", "、"])
some = st.integers(1000, 9999).map(str)
half_width = st.tuples(st.sampled_from(["090", "03", "0120", "+81 90", "+1"]), between, some, between, some).map("".join)
full_width = str.maketrans("0123456789+", "０１２３４５６７８９＋")
numbers = st.one_of(half_width, half_width.map(lambda number: number.translate(full_width)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+81 90-1234-5678", "+•• ••-••••-••78"),
        ("call 090-1234-5678 now", "call •••-••••-••78 now"),
        ("09012345678", "•••••••••78"),
        ("+819012345678", "+••••••••••78"),
        ("電話090-1234-5678に確認", "電話•••-••••-••78に確認"),
        ("番号+819012345678へ", "番号+••••••••••78へ"),
        ("+81 (0)90-1234-5678", "+•• (•)••-••••-••78"),
        ("０９０－１２３４－５６７８", "•••－••••－••７８"),
        ("ユーザー０９０ー１２３４ー５６７８から", "ユーザー•••ー••••ー••７８から"),
        ("０９０１２３４５６７８", "•••••••••７８"),
        ("＋８１　９０　１２３４　５６７８", "＋••　••　••••　••７８"),
        ("090 1234 5678", "••• •••• ••78"),
        ("09012345678と09087654321", "•••••••••78と•••••••••21"),
        ("(090)1234-5678", "(•••)••••-••78"),
        ("（０３）１２３４－５６７８", "（••）••••－••７８"),
        ("03(1234)5678", "••(••••)••78"),
        ("0120-123-456.", "••••-•••-•56."),
        ("+12345678", "+••••••78"),
        ("TEL-090-1234-5678", "TEL-•••-••••-••78"),
        ("TEL09012345678", "TEL•••••••••78"),
        ("Tel+819012345678", "Tel+••••••••••78"),
        ("FAX0312345678まで", "FAX••••••••78まで"),
        ("tel03-1234-5678fax03-1234-5679", "tel••-••••-••78fax••-••••-••79"),
        ("ＴＥＬ0312345678、電話：０３１２３４５６７９", "ＴＥＬ••••••••78、電話：••••••••７９"),
        ("Tel. 0312345678", "Tel. ••••••••78"),
        ("090―1234―5678", "•••―••••―••78"),
        ("090ｰ1234ｰ5678", "•••ｰ••••ｰ••78"),
        ("090─1234─5678", "•••─••••─••78"),
        ("090.1234.5678", "•••.••••.••78"),
        ("03.1234.5678.", "••.••••.••78."),
        ("+81.90.1234.5678", "+••.••.••••.••78"),
        ("090．1234．5678", "•••．••••．••78"),
        ("090・1234・5678", "•••・••••・••78"),
        ("090·1234·5678", "•••·••••·••78"),
        ("・090-1234-5678", "・•••-••••-••78"),
        ("2.03-1234-5678", "2.••-••••-••78"),
        ("090 - 1234 - 5678", "••• - •••• - ••78"),
        ("090  1234  5678", "•••  ••••  ••78"),
        ("090\t1234\t5678", "•••\t••••\t••78"),
        ("090\u200b1234\u200b5678", "•••\u200b••••\u200b••78"),
        (r'{"text": "Home:\n09012345678\t03-1234-5678"}', r'{"text": "Home:\n•••••••••78\t••-••••-••78"}'),
        (r'{"text": "\u000b+819012345678"}', r'{"text": "\u000b+••••••••••78"}'),
    ],
)
def test_telephone_numbers_are_masked_however_they_are_typed(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "1000000001",
        "0123456789",
        "職員番号0123456789の方",
        "0123456789 0801234567 2 回",
        "2026-04-30",
        "04-30-2026, 04 30 2026",
        "2026-04-01–2026-04-30",
        "2026年04月30日 09:00–10:30",
        "2026-04-30T09:00:00.000000+00:00",
        "case 260430-7, 123-4567, 〒060-0810",
        "7b1e0901-2345-4678-9abc-090123456780",
        "01234567-0901-2345-6789-012345678901",
        "0901-2345-6789-abcd",
        "203.0.113.9, 2001:db8::901:2345:678",
        "3f09012345678a0e",
        "01.02.2026, 30.01.2026 1234, 01.02.2026–03.04.2026",
        "2026.04.01 - 2026.04.30",
        "2026-11-27T09:12:33, 2026-11-27T09:12:33.012345+09:00",
        "192.0.2.10, 10.0.0.1, 010.000.000.001, 2001:db8::1",
        "Python 3.11.7, version 2.0.123.4567, 1.05.123.4567",
        "00b28edf012345678",
        "ホテル0123456789",
    ],
)
def test_other_numbers_stay_readable(text: str) -> None:
    assert masked(text) == text


@given(beside, numbers)
def test_no_way_of_typing_a_number_leaves_more_than_two_digits(before: str, number: str) -> None:
    text = before + number
    for shown in (masked(text), json.loads(masked(json.dumps(text, ensure_ascii=False)))):
        assert sum(sign.isdigit() for sign in shown) == 2
        assert len(shown) == len(text)


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.from_regex(r"[\\n0-9+.\-u]{0,30}"))))
def test_facts_written_as_json_stay_json(facts: dict[str, str]) -> None:
    for ascii_alone in (True, False):
        shown = json.loads(masked(json.dumps(facts, ensure_ascii=ascii_alone)))
        assert [len(text) for text in shown.values()] == [len(text) for text in facts.values()]


@pytest.mark.parametrize("part", ["+1 (2 (3 (4 (", "+1 - 2", "0", "+", "0 ", "01-", "01.1.1.1", "\\", "TEL", "090", "0(((", "電話0"])
def test_no_text_takes_long(part: str) -> None:
    text = part * (20_000 // len(part))
    began = time.process_time()
    masked(text)
    assert time.process_time() - began < 1
