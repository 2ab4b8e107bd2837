"""Forms as paper: a PDF of statements as offices print them, each on pages of its own, signed below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from ledger.messages import Lang
from ledger.text import visible
from projects.statements.form import Form
from projects.statements.widths import shown, widths
from projects.typeset import Printed, typeset

TEMPLATE = "statements/templates/forms.typ"
_LARGEST, _SMALLEST = 9.0, 6.5
_WIDTH = {False: 510, True: 757}
"""What a line of A4 holds in points, upright and across, between its margins."""
_PER_CHARACTER = 0.56
"""So much of its size a Latin character is wide."""
_INSET = 8


def paper(forms: Sequence[Form], *, title: str, lang: Lang, on: date) -> Printed:
    """Return forms as one PDF; the same forms give the same bytes. `on` is the day that the file is dated.

    Raises:
        GlyphMissing: the fonts lack a character of theirs.
    """
    return typeset(TEMPLATE, {"forms": [_told(each) for each in forms]}, title=title, lang=lang, on=on).print()


def _told(form: Form) -> dict[str, Any]:
    wide = widths(form)
    room = _WIDTH[form.is_wide] - _INSET * len(wide)
    size = min(_LARGEST, max(_SMALLEST, room / (sum(wide) * _PER_CHARACTER)))
    return {
        "title": form.title,
        "wide": form.is_wide,
        "above": [form.unit, form.period, form.currency],
        "heads": form.heads,
        # Where there is nothing the forms of offices have nothing.
        "rows": [["" if cell == 0 else visible(shown(cell)) for cell in row] for row in form.rows],
        "bold": sorted(form.statement.sums),
        "widths": wide,
        "size": round(size, 2),
        "signatures": [each for each in re.split("　+| {2,}", form.signatures) if each],
    }
