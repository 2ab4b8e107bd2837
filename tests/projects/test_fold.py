"""Folded sentences keep every character, fit their width, and break where a reader expects it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from projects.cli.fold import fold

WORDS = st.text(alphabet=st.sampled_from("账簿，。（）“” abc/.-12"), max_size=120)


@given(WORDS, st.integers(min_value=2, max_value=30))
def test_nothing_is_lost_and_every_line_fits(text, width):
    lines = fold(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 8, ["one two", "three"]),
        ("凭证已记账。", 6, ["凭证已", "记账。"]),
        ("凭证已记账。", 10, ["凭证已记", "账。"]),
        ("请收回（chmod 600 x）。", 14, ["请收回（chmod", "600 x）。"]),
        ("请设置（timedatectl）", 14, ["请设置", "（timedatectl", "）"]),
        ("a/very/long/path/indeed", 10, ["a/very/lon", "g/path/ind", "eed"]),
    ],
)
def test_lines_break_where_a_reader_expects_it(text, width, lines):
    assert fold(text, width) == lines
