"""How wide the columns of a form have to be, counted in Latin characters; one measure for every kind of paper."""

from __future__ import annotations

from ledger.money import yuan
from projects.statements.form import Form
from projects.typeset.breadth import columns_of

_NARROWEST, _WIDEST = 9, 42
_PAGE, _PAGE_ACROSS = 84, 150
"""So many characters are in a line of A4 upright, and so many on its long side, printed a little smaller."""
_BROKEN = 12
"""Columns of text are not made narrower than this."""


def widths(form: Form) -> list[int]:
    """Return how wide each column has to be; a Chinese character takes twice the width of a Latin one."""
    cells = [form.heads, *([shown(cell) for cell in row] for row in form.rows)]
    widest = [max(columns_of(cell) for cell in column) for column in zip(*cells, strict=True)]
    made = [min(max(width + 2, _NARROWEST), _WIDEST) for width in widest]
    page = _PAGE_ACROSS if form.is_wide else _PAGE
    # Text is broken into lines before the print becomes too small to read; amounts are never broken.
    text = [place for place, column in enumerate(form.statement.columns) if column not in form.statement.money]
    while text and sum(made) > page and made[widest_text := max(text, key=made.__getitem__)] > _BROKEN:
        made[widest_text] -= 1
    # What stands above and below the rows takes one line: a narrow table is made as wide as the page.
    lacking = max(0, _PAGE - sum(made))
    return [width + lacking // len(made) for width in made]


def shown(cell: str | int) -> str:
    """Return a cell as it is read."""
    return yuan(cell) if isinstance(cell, int) else cell
