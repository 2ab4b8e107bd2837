"""What a person types is read strictly before anything is kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.books.text import quoted
from ledger.errors import (
    CodeUnfit,
    DateUnreadable,
    PercentUnreadable,
    Refusal,
    TextMissing,
    TextUnprintable,
)
from ledger.text import LONGEST, code, parse_date, parse_percent, visible, words


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-20",
        "2024-5-20",
        "2024/5/20",
        "2024.05.20",
        "2024年5月20日",
        "2024年05月20日",
        "２０２４－０５－２０",
        "２０２４年５月２０日",
        "20240520",
        "２０２４０５２０",
        " 2024-05-20\u3000",
    ],
)
def test_a_day_is_read_as_it_is_written_here(text: str) -> None:
    assert parse_date(text) == date(2024, 5, 20)


def test_the_leap_day_is_a_day() -> None:
    assert parse_date("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-04-31",
        "0000-01-01",
        "24-05-20",
        "20240230",
        "202405201",
        "2024520",
        "20-05-2024",
        "2024-05",
        "2024-05-200",
        "2024-05-20T00:00",
        "2024 05 20",
        "-2024-05-20",
        "2024\u201305\u201320",
        "٢٠٢٤-05-20",
        "今天",
        "",
    ],
)
def test_a_day_that_the_calendar_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(DateUnreadable):
        parse_date(text)


@pytest.mark.parametrize(
    "text, percent",
    [
        ("20%", "20"),
        ("3 ％", "3"),
        ("２０％", "20"),
        ("0.5%", "0.5"),
        ("100%", "100"),
        ("33.3333%", "33.3333"),
    ],
)
def test_a_share_is_read(text: str, percent: str) -> None:
    assert parse_percent(text) == Decimal(percent)


@pytest.mark.parametrize(
    "text", ["20", "0%", "0.0%", "100.0001%", "101%", "-3%", "1e1%", "0.00001%", "%", "", "三%", "NaN%"]
)
def test_a_share_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(PercentUnreadable):
        parse_percent(text)


@pytest.mark.parametrize(
    "text, kept",
    [
        ("  交财〔2024〕7号 ", "交财〔2024〕7号"),
        ('他说："好" \\ done', '他说："好" \\ done'),
        ("甲\u3000乙", "甲\u3000乙"),
        ("\t缩进\n", "缩进"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("𠀀𪚥", "𠀀𪚥"),
        ("字" * LONGEST, "字" * LONGEST),
    ],
)
def test_plain_words_are_kept_as_they_are(text: str, kept: str) -> None:
    assert words(text, "note") == kept


UNPRINTABLE = {
    "line feed": "\n",
    "carriage return": "\r",
    "tab": "\t",
    "null": "\x00",
    "escape": "\x1b",
    "delete": "\x7f",
    "next line": "\x85",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "right-to-left override": "\u202e",
    "left-to-right isolate": "\u2066",
    "arabic letter mark": "\u061c",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "lone surrogate": "\ud800",
    "private use": "\ue000",
    "unassigned": "\u0378",
    "tag letter": "\U000e0041",
}


@pytest.mark.parametrize("character", UNPRINTABLE.values(), ids=UNPRINTABLE.keys())
def test_what_cannot_be_seen_cannot_enter_the_books(character: str) -> None:
    with pytest.raises(TextUnprintable) as caught:
        words(f"付{character}款", "note")
    assert caught.value.facts == {"field": "note", "position": 2, "character": f"U+{ord(character):04X}"}


def test_a_character_too_many_is_refused() -> None:
    with pytest.raises(TextUnprintable):
        words("字" * (LONGEST + 1), "note")


@pytest.mark.parametrize("text", ["", "   ", "\u3000", "\n"])
def test_nothing_is_refused_where_words_are_needed(text: str) -> None:
    with pytest.raises(TextMissing):
        words(text, "reason")
    assert words(text, "note", needed=False) == ""


@given(st.text(max_size=30))
@example("甲\u00a0乙")  # a no-break space, as it comes out of a web page or a word processor
@example("甲\u2003乙")
@example("甲\u202f乙")
def test_words_that_are_accepted_can_always_be_written_into_the_books(text: str) -> None:
    try:
        kept = words(text, "note", needed=False)
    except Refusal:
        return
    assert "\n" not in quoted(kept)


FIT = [
    ("channel", "JT2024"),
    ("channel", "XJ" + "9" * 18),
    ("good", "CEMENT"),
    ("project", "P001"),
    ("project", "P123456"),
    ("contract", "P001C01"),
    ("bank", "B01"),
    ("book", "V13-2024"),
    ("village", "431227101201"),
    ("user", "李会计"),
    ("user", "zhang.san-2"),
]


@pytest.mark.parametrize("kind, text", FIT, ids=[f"{kind} {text}" for kind, text in FIT])
def test_a_fit_code_is_taken(kind: str, text: str) -> None:
    assert code(text, kind) == text


UNFIT = [
    ("channel", ""),
    ("channel", "J"),
    ("channel", "jt2024"),
    ("channel", "2024JT"),
    ("channel", "JT-2024"),
    ("channel", "JT2024.B"),
    ("channel", "JT2024\n"),
    ("channel", "ＪＴ２０２４"),
    ("channel", "交通"),
    ("channel", "J" * 21),
    # Words of Beancount's own: a commodity of this name is a syntax error in the books.
    ("channel", "TRUE"),
    ("channel", "FALSE"),
    ("channel", "NULL"),
    ("good", "TRUE"),
    ("good", "FALSE"),
    ("good", "NULL"),
    # Every channel is priced 1 CNY; it cannot be CNY itself.
    ("channel", "CNY"),
    ("project", "P01"),
    ("project", "P1234567"),
    ("project", "p001"),
    ("project", "P001C01"),
    ("project", "P٠٠١"),
    ("contract", "P001"),
    ("contract", "P001C1"),
    ("contract", "P001C01 "),
    ("contract", "P001-C01"),
    ("bank", "B1"),
    ("bank", "01"),
    ("book", ""),
    ("book", "-SF"),
    ("book", "../SF"),
    ("book", "专账"),
    ("book", "S" * 31),
    # The log of what belongs to no book has this name.
    ("book", "office"),
    ("user", ""),
    ("user", "a b"),
    ("user", ".a"),
    ("user", "a/b"),
    ("user", "a\u200bb"),
]


@pytest.mark.parametrize("kind, text", UNFIT, ids=[f"{kind} {text!r}" for kind, text in UNFIT])
def test_an_unfit_code_is_refused(kind: str, text: str) -> None:
    with pytest.raises(CodeUnfit):
        code(text, kind)


@pytest.mark.parametrize("character", UNPRINTABLE.values(), ids=UNPRINTABLE.keys())
def test_what_a_terminal_would_obey_is_shown_by_its_number(character: str) -> None:
    shown = visible(f"甲{character}乙")
    assert shown.isprintable() or character in {"\n", "\ue000", "\u0378"}
    assert visible("专账 «JT2024»\n1,200.00") == "专账 «JT2024»\n1,200.00"
