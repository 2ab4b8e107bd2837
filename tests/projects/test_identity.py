"""Identifiers: known-good ones pass, every slip of one character is refused, and no refusal repeats a number."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from ledger.messages import explain
from projects.errors import IdentifierUnfit
from projects.identity import ALPHABET, check_character, citizen_check, need_identifier, organisation_check

TODAY = date(2025, 12, 31)
GOOD = [
    # The examples of GB 32100 and of the library that checks us, and made-up ones of other kinds.
    ("company", "91350100M000100Y43"),
    ("company", "91110000600037341L"),
    ("sole-trader", "92530123MA6K12349E"),
    ("cooperative", "93530123MA6K12349B"),
    ("cooperative", "N2530123MF1234567M"),
    ("public-body", "11530123MB1234562N"),
    # The examples of GB 11643.
    ("person", "11010519491231002X"),
    ("person", "440524188001010014"),
]
"""By kind."""


def organisations() -> Any:
    """Draw unified codes: who registers, what kind, division, eight characters of the subject."""
    begins = st.sampled_from(["91", "92", "93", "11", "12", "51", "N2", "Y1"])
    places = st.integers(110000, 659999).map(str)
    subject = st.text(ALPHABET, min_size=8, max_size=8)
    return st.tuples(begins, places, subject).map(_whole)


def _whole(parts: tuple[str, str, str]) -> str:
    first = "".join(parts) + organisation_check(parts[2])
    return first + check_character(first)


def kind_of(number: str) -> Any:
    return {"91": "company", "92": "sole-trader", "93": "cooperative"}.get(number[:2], "public-body")


def citizens() -> Any:
    days = st.dates(date(1900, 1, 1), TODAY).map(lambda day: f"{day:%Y%m%d}")
    first = st.tuples(st.sampled_from(["110105", "530123", "513401"]), days, st.integers(0, 999).map("{:03}".format))
    return first.map("".join).map(lambda each: each + citizen_check(each))


def refusal(number: str, kind: Any) -> IdentifierUnfit:
    with pytest.raises(IdentifierUnfit) as caught:
        need_identifier(number, kind, today=TODAY)
    for lang in ("zh", "en"):
        assert number not in explain(caught.value, lang)
    return caught.value


@pytest.mark.parametrize(("kind", "number"), GOOD)
def test_known_numbers_pass_as_they_are_written(kind, number):
    assert need_identifier(number, kind, today=TODAY) == number
    spaced = f" {number[:6]} {number[6:].lower()} "
    assert need_identifier(spaced, kind, today=TODAY) == number


@pytest.mark.parametrize(("kind", "number"), GOOD)
def test_every_slip_of_one_character_in_a_known_number_is_refused(kind, number):
    slips = [
        number[:place] + other + number[place + 1 :]
        for place, here in enumerate(number)
        for other in ("0123456789X" if kind == "person" else ALPHABET)
        if other != here
    ]
    assert len(slips) >= 17 * 9
    for slip in slips:
        refusal(slip, kind)


@given(organisations(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_a_slip_in_any_organisation_is_refused(number, place, other):
    need_identifier(number, kind_of(number), today=TODAY)
    if number[place] != other:
        refusal(number[:place] + other + number[place + 1 :], kind_of(number))


@given(citizens(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_a_slip_in_any_citizens_number_is_refused(number, place, other):
    need_identifier(number, "person", today=TODAY)
    if number[place] != other:
        refusal(number[:place] + other + number[place + 1 :], "person")


@given(citizens(), st.integers(0, 16))
def test_two_neighbours_that_change_places_are_refused(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        refusal(swapped, "person")


@given(organisations())
def test_another_program_comes_to_the_same_character_of_an_organisation(number):
    assert uscc.calc_check_digit(number[:-1]) == number[-1]


@given(citizens())
def test_another_program_comes_to_the_same_character_of_a_citizen(number):
    assert ric.calc_check_digit(number) == number[-1]


@pytest.mark.parametrize(
    ("number", "kind", "about"),
    [
        ("9135010M000100Y43", "company", "length"),
        ("91350I00M000100Y43", "company", "character"),
        ("9135O100M000100Y43", "company", "character"),
        ("9135010AM000100Y43", "company", "character"),
        ("91350100M000100Y44", "company", "check"),
        ("91350100M000100Y43", "cooperative", "kind-cooperative"),
        ("91350100M000100Y43", "sole-trader", "kind-sole-trader"),
        ("91350100M000100Y43", "public-body", "kind-public-body"),
        ("N2530123MF1234567M", "company", "kind-company"),
        ("11010519491231003X", "person", "check-person"),
        ("11010519491231002Y", "person", "character"),
        ("99010519491231002X", "person", "region"),
        ("110105194913310020", "person", "born"),
        ("110105203001010021", "person", "born"),
        ("110105187912310020", "person", "born"),
        ("110105194902300029", "person", "born"),
    ],
)
def test_a_refusal_says_which_part_is_wrong(number, kind, about):
    assert refusal(number, kind).facts["about"] == about


def test_the_organisation_code_inside_is_held_to_its_own_check_character():
    """A program that changes a character and makes the last one fit is caught by the one before it."""
    first = "91350100M000100Y4"
    for other in ALPHABET:
        changed = f"{first[:16]}{other}"
        if other != first[16]:
            assert refusal(changed + check_character(changed), "company").facts["about"] == "check"
