"""A notice as paper: the words of the page, on pages that are counted, in fonts that have every character."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any, cast

import pypdfium2
import pytest
from papers import pages_of, squeezed, text_of, words_of
from publication import CONTACT, Call, published

from ledger import messages
from projects.errors import GlyphMissing
from projects.notices import wall as papers_of
from projects.notices.check import check
from projects.notices.content import Content
from projects.notices.kinds import kinds
from projects.notices.page import Page
from projects.notices.sheet import sheet
from projects.notices.wall import SCALES, wall
from projects.typeset.press import Laid, need_glyphs, typeset

pytestmark = pytest.mark.sqlite  # copies of the demonstration: a record in a database is not copied with its folder


def content_of(files: dict[str, Path]) -> tuple[Content, dict[str, Any]]:
    """What a notice says, from its proof."""
    whole = files[".json"].read_text()
    content = check(whole, None).content
    assert content is not None
    return content, json.loads(whole)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", kinds())
def test_paper_and_sheet_say_what_the_page_says(call: Call, tmp_path: Path, kind: str, lang: str) -> None:
    files = published(lambda *words: call("--lang", lang, *words), kind, tmp_path / "out")
    content, proof = content_of(files)
    said = [words for _, words in content.words()] + Page.proof_words(content, proof)
    pdf = files[".pdf"].read_bytes()
    text, place = text_of(pdf), 0
    for words in said:
        found = text.find(squeezed(words), place)
        assert found >= place, f"the paper lacks {words!r} after {text[max(0, place - 40) : place]!r}"
        # The room for objections stands before the issuer, cells of a row beside each other: never earlier than that.
        place = found
    assert len(pages_of(pdf)) == 1
    assert b"StructTreeRoot" in pdf
    assert b"pdfuaid:part" in pdf
    assert words_of(files[".xlsx"].read_bytes()) == [words for words in said if words]


def test_paper_and_sheet_come_out_the_same_again(call: Call, tmp_path: Path) -> None:
    files = published(call, "completion", tmp_path / "out")
    content, proof = content_of(files)
    assert files[".pdf"].read_bytes() == wall(content, proof).pdf
    assert files[".xlsx"].read_bytes() == sheet(content, proof)


def test_a_long_notice_goes_to_a_larger_paper_then_to_numbered_pages(call: Call, tmp_path: Path) -> None:
    files = published(call, "plan", tmp_path / "out")
    content, proof = content_of(files)
    [table] = content.tables
    a4, a3 = (595.28, 841.89), (841.89, 1190.55)

    def of(rows: int, **size: Any) -> list[tuple[float, float]]:
        longer = type(table)(table.caption, table.columns, table.rows * rows, table.figures)
        made = wall(type(content)(**{**vars(content), "tables": (longer,)}), proof, **size)
        pages = [(round(wide, 2), round(high, 2)) for wide, high in pages_of(made.pdf)]
        assert made.pages == len(pages)
        if len(pages) > 1:
            for number in range(1, len(pages) + 1):
                words = messages.text("projects", "paper.page-of", "zh", page=number, pages=len(pages))
                assert squeezed(words) in text_of(made.pdf)
        return pages

    assert of(1) == [a4]
    assert of(2) == [a3]
    assert set(of(12)) == {a4}
    assert len(of(12)) > 1
    assert of(1, size="a3") == [a3]
    assert len(of(2, size="a4")) > 1


def letters_of(pdf: bytes) -> float:
    """How high the letters of a title are, in points."""
    with pypdfium2.PdfDocument(pdf) as paper:
        _, low, _, high = paper[0].get_textpage().get_charbox(0)
        return float(high - low)


def test_letters_are_as_large_as_one_page_has_room_for(call: Call, tmp_path: Path) -> None:
    content, proof = content_of(published(call, "rectification", tmp_path / "short"))
    data = papers_of._data(content, proof)
    for size, (largest, *_, least) in SCALES.items():
        made, small = wall(content, proof, size=size), papers_of._laid(content, data, size, least).print()
        assert made.pages == small.pages == 1
        assert letters_of(made.pdf) / letters_of(small.pdf) == pytest.approx(largest / least, rel=0.02)


@pytest.mark.parametrize("room", [0.5, 1.0, 1.2, 1.3, 9.0])
@pytest.mark.parametrize("guess", [0.1, 0.7, 0.8, 0.9, 1.0, 3.0])
def test_a_wrong_guess_of_what_a_notice_takes_changes_no_letter(room: float, guess: float) -> None:
    scales = SCALES["a4"]
    assert scales == tuple(sorted(scales, reverse=True))
    made = papers_of._largest(
        lambda scale: Laid(cast("Any", None), str(scale), date(2024, 1, 1), 1 if scale <= room else 2), scales, guess
    )
    assert made.title == str(max([each for each in scales if each <= room] or [scales[-1]]))


def test_a_character_that_the_fonts_lack_is_refused_before_anything_is_recorded(call: Call, tmp_path: Path) -> None:
    code, _, err = call(
        "notice", "publish", "allotment", "--say", "principles=按\U0003ffff组分配", *CONTACT, "--out", str(tmp_path)
    )
    assert (code, "U+3FFFF" in err, len(err.strip().splitlines())) == (1, True, 1), err
    assert not list(tmp_path.glob("V13-*"))
    assert json.loads(call("notice", "list", "--json")[1]) == []


def test_a_paper_that_there_is_not_is_refused_before_anything_is_recorded(call: Call, tmp_path: Path) -> None:
    code, _, err = call("notice", "publish", "completion", "P001", *CONTACT, "--out", str(tmp_path), "--paper", "a5")
    assert (code, err) == (1, "没有纸张“a5”：请写 fit、a4、a3 之一。\n")
    assert json.loads(call("notice", "list", "--json")[1]) == []


@pytest.mark.parametrize("words", ["😀", "\ue123", "村\U0002ebf0组"])
def test_what_cannot_be_printed_is_named(words: str) -> None:
    with pytest.raises(GlyphMissing) as caught:
        need_glyphs(["水泥路", words], title="公示", lang="zh")
    lacking = str(caught.value.facts["lacking"])
    assert f"U+{next(ord(each) for each in words if ord(each) > 0xE000 or each in words[1:2]):04X}" in lacking


def test_no_font_of_the_machine_is_used(tmp_path: Path) -> None:
    """Only the two families that came with the set-up are in the file, whatever else is installed."""
    made = typeset(
        "typeset/words.typ", {"words": "示范村 example"}, title="公示", lang="zh", on=date(2024, 1, 2)
    ).print()
    fonts = set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([A-Za-z]+)", made.pdf))
    assert fonts <= {b"NotoSerifSC", b"NotoSansSC"}
    assert fonts
    assert io.BytesIO(made.pdf).read(5) == b"%PDF-"
