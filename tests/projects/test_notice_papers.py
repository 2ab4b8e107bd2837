"""A notice as paper: the words of the page, on pages that are counted, in fonts that have every character."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

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
from projects.typeset.press import Printed, need_glyphs, typeset

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


def test_letters_are_as_large_as_one_page_has_room_for(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, proof = content_of(published(call, "rectification", tmp_path / "short"))
    made = {size: wall(content, proof, size=size) for size in SCALES}
    least = {size: papers_of._printed(content, proof, size, SCALES[size][0]) for size in SCALES}
    for size in SCALES:
        assert made[size].pages == least[size].pages == 1
        larger = max(SCALES[size]) / SCALES[size][0]
        assert letters_of(made[size].pdf) / letters_of(least[size].pdf) == pytest.approx(larger, rel=0.02)
    # Of three sizes that are tried the largest that fits is taken; and none where not even the least does.
    tried: list[tuple[str, float]] = []

    def printed(_content: Any, _proof: Any, size: str, scale: float) -> Printed:
        tried.append((size, scale))
        return Printed(b"", 2 if scale > fits[size] else 1, free)

    monkeypatch.setattr(papers_of, "_printed", printed)
    fits, free = {"a4": 1.2, "a3": 9.0}, 0.5
    assert (wall(content, proof).pages, tried) == (1, [("a4", 1.0), ("a4", 1.3), ("a4", 1.15)])
    tried.clear()
    fits["a4"] = 0.5
    assert (wall(content, proof).pages, tried) == (1, [("a4", 1.0), ("a3", 1.15), ("a3", 1.7)])
    # What cannot fit by what is left free is not tried.
    tried.clear()
    fits["a4"], free = 9.0, 0.2
    assert (wall(content, proof).pages, tried) == (1, [("a4", 1.0), ("a4", 1.15)])


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
    made = typeset("typeset/words.typ", {"words": "示范村 example"}, title="公示", lang="zh", on=date(2024, 1, 2))
    fonts = set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([A-Za-z]+)", made.pdf))
    assert fonts <= {b"NotoSerifSC", b"NotoSansSC"}
    assert fonts
    assert io.BytesIO(made.pdf).read(5) == b"%PDF-"
