"""A notice as paper for the wall: a PDF that the printer of a village prints, with room for objections.

It says what the page on the screen says, word for word; only the room for objections and the place of the seal are
the paper's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import takewhile
from typing import Any, cast

from ledger import messages
from ledger.messages import Lang
from projects.notices.content import Content
from projects.notices.page import Page, code_text, unpublished
from projects.typeset import Printed, typeset
from projects.typeset.breadth import columns_of
from projects.typeset.press import Laid, Size
from projects.typeset.square import drawing

TEMPLATE = "notices/templates/notice.typ"
SCALES: Mapping[Size, tuple[float, ...]] = {"a4": (1.3, 1.15, 1.0), "a3": (1.7, 1.5, 1.3, 1.15)}
"""How large the letters of a paper may be, the largest first."""
_ROOM: Mapping[Size, float] = {"a4": 1.0, "a3": 1.5}
"""How much more than on A4 has room."""
_EMPTY, _LINE, _ROW = 0.5, 0.0185, 0.0135
"""What a notice takes of A4, as measured: without its fields and tables, and each line of a field and a row."""
_COLUMNS, _BESIDE_LABEL = 90, 60
"""So many Latin characters are in a line of a table, and in a line of a field."""


def wall(content: Content, proof: Mapping[str, Any] | None = None, *, size: Size | None = None) -> Printed:
    """Return the notice as a PDF on A4; where it needs more than a page, on one of A3; else on numbered pages of A4.

    On one page the letters are as large as it has room for: it is read on a wall, by old people too. `size` asks for a
    size of paper instead. Without a proof it is one to look at before it is published: it says so across each page, and
    has no code.

    Raises:
        GlyphMissing: the fonts lack a character that the notice has.
    """
    data = _data(content, proof)
    takes = _share(content)
    sizes: tuple[Size, ...] = (size,) if size else ("a4", "a3")
    for each in sizes:
        made = _largest(partial(_laid, content, data, each), SCALES[each], takes / _ROOM[each])
        if made.pages == 1:
            return made.print()
    return _laid(content, data, sizes[0], SCALES[sizes[0]][-1]).print()


def _largest(lay: Callable[[float], Laid], scales: Sequence[float], takes: float) -> Laid:
    """Return the notice in the largest letters of which it takes one page, or in the smallest.

    That it `takes` a share of the page is a guess, which makes no difference but in time.
    """
    first = next((place for place, scale in enumerate(scales) if takes * scale <= 1), len(scales) - 1)
    made = lay(scales[first])
    if made.pages == 1:
        larger = takewhile(lambda each: each.pages == 1, map(lay, reversed(scales[:first])))
        return [made, *larger][-1]
    for scale in scales[first + 1 :]:
        made = lay(scale)
        if made.pages == 1:
            break
    return made


def _share(content: Content) -> float:
    """Return which share of a page of A4 the notice probably takes in letters of their common size."""
    lines = sum(-(-columns_of(line) // _BESIDE_LABEL) for field in content.fields for line in field.lines)
    rows = sum(
        max(-(-columns_of(cell) * len(row) // _COLUMNS) for cell in row)
        for table in content.tables
        for row in (table.columns, *table.rows)
    )
    return _EMPTY + _LINE * lines + _ROW * rows


def _laid(content: Content, data: Mapping[str, Any], size: Size, scale: float) -> Laid:
    lang = cast("Lang", content.lang)
    on = date.fromisoformat(content.foot[-1])
    return typeset(TEMPLATE, {**data, "scale": scale}, title=content.title, lang=lang, on=on, size=size)


def _data(content: Content, proof: Mapping[str, Any] | None) -> dict[str, Any]:
    lang = cast("Lang", content.lang)
    return {
        "lead": content.lead,
        "fields": [{"label": each.label, "lines": each.lines} for each in content.fields],
        "tables": [{"caption": each.caption, "columns": each.columns, "rows": each.rows} for each in content.tables],
        "foot": content.foot,
        "proof": Page.proof_words(content, proof) if proof else [unpublished(content)],
        "mark": "" if proof else messages.text("projects", "paper.unpublished-mark", lang),
        "code": drawing(code_text(proof), border=4, scale=4) if proof else "",
        "code-alt": messages.text("projects", "paper.code-alt", lang, address=proof["url"] or "") if proof else "",
        "objections-room": messages.text("projects", "paper.objections-room", lang),
        "seal-room": messages.text("projects", "paper.seal-room", lang),
        "author": content.foot[-2],
    }
