"""A notice as paper for the wall: a PDF that the printer of a village prints, with room for objections.

It says what the page on the screen says, word for word; only the room for objections and the place of the seal are
the paper's own.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import segno

from ledger import messages
from ledger.messages import Lang
from projects.notices.content import Content
from projects.notices.page import Page, code_text, unpublished
from projects.typeset import Printed, typeset
from projects.typeset.press import Size

TEMPLATE = "notices/templates/notice.typ"
SCALES: Mapping[Size, tuple[float, ...]] = {"a4": (1.0, 1.3, 1.15), "a3": (1.15, 1.7, 1.5, 1.3)}
"""How large letters may be on a paper: the least, which is tried first, then others, the largest first."""


def wall(content: Content, proof: Mapping[str, Any] | None = None, *, size: Size | None = None) -> Printed:
    """Return the notice as a PDF on A4; where it needs more than a page, on one of A3; else on numbered pages of A4.

    On one page the letters are as large as it has room for: it is read on a wall, by old people too. `size` asks for a
    size of paper instead. Without a proof it is one to look at before it is published: it says so across each page, and
    has no code.

    Raises:
        GlyphMissing: the fonts lack a character that the notice has.
    """
    sizes: tuple[Size, ...] = (size,) if size else ("a4", "a3")
    printed = []
    for each in sizes:
        least, *larger = SCALES[each]
        printed.append(_printed(content, proof, each, least))
        if printed[-1].pages == 1:
            # What is set grows at least as the letters do, so that most sizes need not be tried.
            used = (1 - printed[-1].free) / least
            found = (_printed(content, proof, each, scale) for scale in larger if used * scale <= 1)
            return next((made for made in found if made.pages == 1), printed[-1])
    return printed[0]


def _printed(content: Content, proof: Mapping[str, Any] | None, size: Size, scale: float) -> Printed:
    lang = cast("Lang", content.lang)
    return typeset(
        TEMPLATE,
        {
            "scale": scale,
            "lead": content.lead,
            "fields": [{"label": each.label, "lines": each.lines} for each in content.fields],
            "tables": [
                {"caption": each.caption, "columns": each.columns, "rows": each.rows} for each in content.tables
            ],
            "foot": content.foot,
            "proof": Page.proof_words(content, proof) if proof else [unpublished(content)],
            "mark": "" if proof else messages.text("projects", "paper.unpublished-mark", lang),
            "code": _code(code_text(proof)) if proof else "",
            "code-alt": messages.text("projects", "paper.code-alt", lang, address=proof["url"] or "") if proof else "",
            "objections-room": messages.text("projects", "paper.objections-room", lang),
            "seal-room": messages.text("projects", "paper.seal-room", lang),
            "author": content.foot[-2],
        },
        title=content.title,
        lang=lang,
        on=date.fromisoformat(content.foot[-1]),
        size=size,
    )


def _code(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=4, scale=4)
    return drawn.getvalue().decode()
