"""What looks the same to a reader is the same: each character by itself, and where gaps are within a name."""

from __future__ import annotations

import pytest

from projects.lookalike import letters, narrow, spelled_out, stands_apart
from projects.privacy import Privacy


def test_whatever_looks_like_a_hyphen_or_a_blank_is_one() -> None:
    assert set(narrow("‐‑‒–—―−─－")) == {"-"}
    blanks = "\t\u00a0\u00ad\u2000\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u202f\u205f\u2060\u3000\ufeff"
    assert [f"U+{ord(each):04X}" for each in blanks if narrow(f"{each}路") != " 路"] == []


def test_signs_and_letters_of_full_width_are_plain() -> None:
    assert narrow("！＃（０９：；＠ＡＺ［ａｚ～") == "!#(09:;@AZ[az~"


@pytest.mark.parametrize(
    "digits", ["０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "⓪①②③④⑤⑥⑦⑧⑨", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "🯰🯱🯲🯳🯴🯵🯶🯷🯸🯹"]
)
def test_digits_of_any_script_are_digits(digits: str) -> None:
    assert narrow(digits) == "0123456789"


def test_every_numeral_is_its_digit() -> None:
    numerals = "〇零○一幺壹弌二贰两兩貳三叁參四肆五伍六陆陸七柒八捌九玖"
    assert spelled_out(numerals) == "0001111222223334455666778899"
    assert spelled_out("十百千路") == "十百千路"


@pytest.mark.parametrize(
    "said, read",
    [
        ("张　三", "张三"),
        ("阿依·古丽", "阿依古丽"),
        ("a 张 三 b", "a 张三 b"),
        ("12 张", "12 张"),
        ("张 12", "张 12"),
        ("歐陽 小鳳", letters("欧阳小凤").said),
        ("Li Na", "Li Na"),
    ],
)
def test_gaps_are_left_out_between_chinese_characters_only(said: str, read: str) -> None:
    found = letters(said)
    assert found.said == read
    assert len(found.places) == len(found.said)


def test_letters_know_their_places() -> None:
    found = letters("给张　三款")
    at = found.said.index("张三")
    assert found.span(at, 2) == (1, 4)
    assert "给张　三款"[slice(*found.span(at, 2))] == "张　三"
    assert found.plain("给张　三款") == "给张三款"


@pytest.mark.parametrize(
    "said, shown",
    [
        ("张 三", True),
        ("，张 三。", True),
        ("a张 三1", True),
        ("开张 三", False),
        ("张 三天", False),
        ("开张 三天", False),
    ],
)
def test_two_letters_with_a_gap_are_a_name_where_they_stand_apart(said: str, shown: bool) -> None:
    begin = said.index("张")
    assert stands_apart(said, begin, begin + 3) is shown
    assert ("张某" in Privacy({2: frozenset({"张三"})}).scrub(said)) is shown
