"""How a name sounds: one key for kana and for every usual way of writing it in Latin letters.

Hepburn and Kunrei, long vowels written out or not, doubled consonants and half-width letters make no difference: さとう, サトウ, Satō,
Satou and Satoh are one. It is a key to find by and never shown. What is written in neither has none.
"""

import re

_VOWELS = "aiueo"
_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "g": "がぎぐげご", "s": "さしすせそ", "z": "ざじずぜぞ", "t": "たちつてと", "d": "だ__でど",
    "n": "なにぬねの", "h": "はひふへほ", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ", "m": "まみむめも", "y": "や_ゆ_よ", "r": "らりるれろ",
    "w": "わゐ_ゑ_",
}  # fmt: skip
_SYLLABLES = {kana: row + vowel for row, all_kana in _ROWS.items() for kana, vowel in zip(all_kana, _VOWELS, strict=True) if kana != "_"}
_SYLLABLES |= {"ん": "n", "を": "o", "ぢ": "zi", "づ": "zu", "ゔ": "bu"}
_SMALL = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo", **dict(zip("ぁぃぅぇぉ", _VOWELS, strict=True)), "ゎ": "wa"}
_SILENT = "っー"
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヴ") + 1)}
_WRITTEN = re.compile(r"[a-zぁ-んゔー]+")
# The spellings of one sound, each turned into the shortest; the order matters.
_SPELLINGS = [
    (re.compile(pattern), short)
    for pattern, short in (
        (r"t?c(?=ch)|t(?=ch)", ""), (r"sh", "sy"), (r"ch", "ty"), (r"d?j", "zy"), (r"yy", "y"), (r"(?<=[stz])yi", "i"), (r"ts", "t"),
        (r"dz", "z"), (r"du", "zu"), (r"f", "h"), (r"v", "b"), (r"l", "r"), (r"m(?=[bpm])", "n"), (r"oh(?![aeiouy])", "o"), (r"ou+", "o"),
        (r"(.)\1+", r"\1"),
    )
]  # fmt: skip


def sound(word: str) -> str:
    """The key of one word that `accounts.search_words.plain` has made plain; nothing for kanji, digits and signs."""
    hiragana = word.translate(_TO_HIRAGANA)
    if not _WRITTEN.fullmatch(hiragana):
        return ""
    heard = "".join(_latin(hiragana))
    for spelling, short in _SPELLINGS:
        heard = spelling.sub(short, heard)
    return heard


def _latin(hiragana: str) -> list[str]:
    syllables: list[str] = []
    for character in hiragana:
        if character in _SMALL and syllables:
            syllables[-1] = _joined(syllables[-1], _SMALL[character])
        elif character not in _SILENT:
            syllables.append(_SYLLABLES.get(character) or _SMALL.get(character, character))
    return syllables


def _joined(before: str, small: str) -> str:
    """きょ is kyo, ティ is ti, シェ is sye, ファ is ha."""
    row, vowel = before[:-1], before[-1]
    palatal = small[0] == "y" or (vowel == "i" and row)
    return row + ("y" + small[-1] if palatal else small[-1])
