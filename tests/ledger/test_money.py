"""Money is read strictly, printed plainly and split without loss."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger import money
from ledger.errors import (
    AmountNegative,
    AmountTooFine,
    AmountTooLarge,
    AmountUnreadable,
    AmountZero,
    QuantityUnreadable,
    Refusal,
)

READ = [
    ("1200", 1200_00),
    ("1200.5", 1200_50),
    ("1,200.50", 1200_50),
    ("1,234,567.89", 1234567_89),
    ("１２００", 1200_00),
    ("１，２００．５０", 1200_50),
    ("0.01", 1),
    ("0.010", 1),
    ("0.01000000000000000000000000000000000000", 1),
    ("00012", 12_00),
    ("  12\u3000", 12_00),
    ("12元", 12_00),
    ("12.34 元", 12_34),
    ("¥12.34", 12_34),
    ("￥1,234.50", 1234_50),
    ("￥ 12元", 12_00),
    ("12元整", 12_00),
    ("88万元整", 880_000_00),
    ("88万", 880_000_00),
    ("88万元", 880_000_00),
    ("８８万元", 880_000_00),
    ("0.5 万元", 5_000_00),
    ("1486.328万元", 14_863_280_00),
    ("0.000001万元", 1),
    ("123.456789万元", 1_234_567_89),
    ("999,999,999,999.99", money.LARGEST_FEN),
    ("99999999.999999万元", money.LARGEST_FEN),
]


@pytest.mark.parametrize("text, fen", READ, ids=[text for text, _ in READ])
def test_an_amount_is_read_to_the_fen(text: str, fen: int) -> None:
    assert money.parse(text) == fen


REFUSED = [
    pytest.param("", AmountUnreadable, id="empty"),
    pytest.param("   ", AmountUnreadable, id="blank"),
    pytest.param("\u3000", AmountUnreadable, id="ideographic space"),
    pytest.param("1e3", AmountUnreadable, id="exponent"),
    pytest.param("NaN", AmountUnreadable, id="not a number"),
    pytest.param("Infinity", AmountUnreadable, id="infinity"),
    pytest.param("一千二百", AmountUnreadable, id="words"),
    pytest.param("1,2,3", AmountUnreadable, id="thousands out of place"),
    pytest.param("12,34", AmountUnreadable, id="thousands of two digits"),
    pytest.param("1.234,567", AmountUnreadable, id="thousands behind the point"),
    pytest.param(",123", AmountUnreadable, id="thousands without digits"),
    pytest.param("5²", AmountUnreadable, id="superscript"),
    pytest.param("①", AmountUnreadable, id="circled digit"),
    pytest.param("٣", AmountUnreadable, id="arabic digit"),
    pytest.param("1_000", AmountUnreadable, id="underscore"),
    pytest.param("0x10", AmountUnreadable, id="hexadecimal"),
    pytest.param("+5", AmountUnreadable, id="plus"),
    # A digit stands before and behind the point: a lost figure is not guessed.
    pytest.param(".5", AmountUnreadable, id="nothing before the point"),
    pytest.param("5.", AmountUnreadable, id="nothing behind the point"),
    pytest.param("1.2.3", AmountUnreadable, id="two points"),
    pytest.param("\u20135", AmountUnreadable, id="en dash"),
    pytest.param("$5", AmountUnreadable, id="another currency"),
    pytest.param("5¥", AmountUnreadable, id="currency sign behind"),
    pytest.param("¥", AmountUnreadable, id="currency sign alone"),
    pytest.param("5整", AmountUnreadable, id="whole of no unit"),
    pytest.param("¥-5", AmountNegative, id="minus behind the currency sign"),
    pytest.param("万元", AmountUnreadable, id="unit alone"),
    pytest.param("5亿元", AmountUnreadable, id="unknown unit"),
    pytest.param("5 6", AmountUnreadable, id="two amounts"),
    pytest.param("=1+1", AmountUnreadable, id="spreadsheet formula"),
    pytest.param("5\x00", AmountUnreadable, id="null character"),
    pytest.param("-5", AmountNegative, id="minus"),
    pytest.param("－5", AmountNegative, id="full-width minus"),
    pytest.param("\u22125", AmountNegative, id="minus sign"),
    pytest.param("-0.001", AmountNegative, id="minus less than a fen"),
    pytest.param("0", AmountZero, id="zero"),
    pytest.param("0.00", AmountZero, id="zero fen"),
    pytest.param("-0", AmountZero, id="minus zero"),
    pytest.param("0.001", AmountTooFine, id="tenth of a fen"),
    pytest.param("0.0000001万元", AmountTooFine, id="seventh decimal of 万元"),
    # 28 digits is what Python's decimals keep by default; behind them a part of a fen must not be lost.
    pytest.param("1.0000000000000000000000000000001", AmountTooFine, id="hidden behind 30 zeros"),
    pytest.param("0.99999999999999999999999999999999", AmountTooFine, id="rounds up to a yuan"),
    pytest.param("1.00000000000000000000000000000001万元", AmountTooFine, id="hidden in 万元"),
    pytest.param("1000000000000", AmountTooLarge, id="a thousand billion"),
    pytest.param("1000000000000.00", AmountTooLarge, id="one fen too large"),
    pytest.param("100000000万元", AmountTooLarge, id="too large in 万元"),
    pytest.param("9" * 40, AmountTooLarge, id="forty digits"),
    pytest.param("9" * 1_000_100, AmountTooLarge, id="a million digits"),
]


@pytest.mark.parametrize("text, refusal", REFUSED)
def test_what_is_not_an_amount_is_refused_by_its_rule(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(Refusal) as caught:
        money.parse(text)
    assert type(caught.value) is refusal


def test_zero_is_read_where_zero_is_allowed() -> None:
    assert money.parse_or_zero("0") == 0
    assert money.parse_or_zero("0.00 元") == 0


@given(st.integers(1, money.LARGEST_FEN))
def test_every_amount_survives_print_and_read(fen: int) -> None:
    assert money.parse(money.plain(fen)) == fen
    assert money.parse(money.yuan(fen)) == fen
    assert money.parse(f"{money.plain(fen, 6)}万元") == fen


@given(st.from_regex(r"\A[0-9]{1,14}(\.[0-9]{1,40})?\Z"))
@example("0." + "9" * 40)
def test_what_is_read_is_exactly_what_was_written(text: str) -> None:
    try:
        fen = money.parse_or_zero(text)
    except (AmountTooFine, AmountTooLarge):
        return
    assert Fraction(fen, 100) == Fraction(text)


QUANTITIES = [
    ("30", 3, 30_000),
    ("1.5", 3, 1_500),
    ("０．００１", 3, 1),
    ("1,000", 0, 1_000),
    ("12.5", 1, 125),
]


@pytest.mark.parametrize("text, scale, units", QUANTITIES, ids=[row[0] for row in QUANTITIES])
def test_a_quantity_is_read_in_its_smallest_unit(text: str, scale: int, units: int) -> None:
    assert money.parse_quantity(text, scale=scale) == units


@pytest.mark.parametrize(
    "text, scale",
    [
        ("0", 3),
        ("0.000", 3),
        ("-1", 3),
        ("1.0001", 3),
        ("1.0000", 3),
        ("1.5", 0),
        ("", 3),
        ("1e3", 3),
        ("30吨", 3),
        (".5", 3),
        ("9" * 40, 3),
        ("²", 0),
    ],
)
def test_a_quantity_that_its_unit_cannot_hold_is_refused(text: str, scale: int) -> None:
    with pytest.raises(QuantityUnreadable):
        money.parse_quantity(text, scale=scale)


@pytest.mark.parametrize(
    "fen, shown",
    [
        (0, "0.00"),
        (1, "0.01"),
        (-1, "-0.01"),
        (99, "0.99"),
        (100_000, "1,000.00"),
        (123456789, "1,234,567.89"),
        (-123456789, "-1,234,567.89"),
        (money.LARGEST_FEN, "999,999,999,999.99"),
    ],
)
def test_yuan_are_printed_with_separators(fen: int, shown: str) -> None:
    assert money.yuan(fen) == shown


@pytest.mark.parametrize(
    "amount, scale, shown",
    [
        (5, 2, "0.05"),
        (-5, 2, "-0.05"),
        (0, 2, "0.00"),
        (30_000, 3, "30.000"),
        (-2_000, 3, "-2.000"),
        (7, 0, "7"),
        (-7, 0, "-7"),
        (1, 6, "0.000001"),
    ],
)
def test_plain_amounts_have_exactly_their_decimals(amount: int, scale: int, shown: str) -> None:
    assert money.plain(amount, scale) == shown


@pytest.mark.parametrize(
    "whole, weights, parts",
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (101, [1, 1, 1], [34, 34, 33]),
        (1, [1, 1], [1, 0]),
        (10, [0, 1], [0, 10]),
        (0, [1, 2], [0, 0]),
        (7, [3, 3, 1], [3, 3, 1]),
        # The certificate of the worked example.
        (612_345_67, [860_000_00, 630_000_00, 210_000_00], [309_774_87, 226_928_10, 75_642_70]),
        (18_370_37, [309_774_87, 226_928_10, 75_642_70], [9_293_25, 6_807_84, 2_269_28]),
    ],
)
def test_a_split_goes_by_largest_remainder(whole: int, weights: list[int], parts: list[int]) -> None:
    assert money.split(whole, weights) == parts


_FEN = st.integers(0, money.LARGEST_FEN)
_WEIGHTS = st.lists(_FEN, min_size=1, max_size=8).filter(any)


@given(_FEN, _WEIGHTS)
def test_the_parts_of_a_split_add_up_to_the_whole(whole: int, weights: list[int]) -> None:
    assert sum(money.split(whole, weights)) == whole


@given(_FEN, _WEIGHTS)
def test_each_part_is_within_a_fen_of_its_exact_share(whole: int, weights: list[int]) -> None:
    for part, weight in zip(money.split(whole, weights), weights, strict=True):
        assert abs(part - Fraction(whole * weight, sum(weights))) < 1
        assert part == 0 or weight > 0


@given(_FEN, _WEIGHTS)
def test_equal_weights_differ_by_a_fen_at_most_and_the_earlier_takes_it(whole: int, weights: list[int]) -> None:
    parts = money.split(whole, weights)
    for early in range(len(weights)):
        for late in range(early + 1, len(weights)):
            if weights[early] == weights[late]:
                assert parts[early] - parts[late] in {0, 1}


@given(_FEN, _WEIGHTS)
def test_a_larger_weight_never_gets_less(whole: int, weights: list[int]) -> None:
    by_weight = sorted(zip(weights, money.split(whole, weights), strict=True))
    assert all(a[1] <= b[1] for a, b in pairwise(by_weight) if a[0] < b[0])


@given(st.integers(1, 10**12), st.lists(st.integers(1, 10**12), min_size=1, max_size=6))
def test_a_split_by_what_is_left_never_takes_more_than_is_left(whole: int, left: list[int]) -> None:
    whole = min(whole, sum(left))
    assert all(part <= has for part, has in zip(money.split(whole, left), left, strict=True))


def test_a_split_does_not_depend_on_the_precision_of_decimals() -> None:
    assert money.split(money.LARGEST_FEN, [money.LARGEST_FEN, 1]) == [money.LARGEST_FEN - 1, 1]
    assert Decimal(money.plain(money.LARGEST_FEN)) * 100 == money.LARGEST_FEN
