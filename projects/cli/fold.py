"""Folding sentences for a terminal: Chinese has no blanks to break at, and its characters are two cells wide."""

from __future__ import annotations

import re

from rich.cells import cell_len, chop_cells

_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60“”‘’"
_OPENING, _CLOSING = "“‘（《【", "，。、；：！？）》】”’"
_PART = re.compile(rf"[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[{_CLOSING}]*\s*|\s+")
"""What stays together: a Chinese character, or a word, with the marks around it and the blanks behind it."""


def fold(text: str, width: int) -> list[str]:
    """Return `text` in lines of at most `width` cells (no less than two).

    A line breaks at a blank or beside a Chinese character, but never before a closing mark nor behind an opening one;
    what is wider than a line is cut.
    """
    lines = [""]
    for part in _PART.findall(text):
        if cell_len(lines[-1] + part.rstrip()) <= width:
            lines[-1] += part
        elif cell_len(part.rstrip()) <= width:
            lines.append(part)
        else:
            first, *rest = chop_cells(part.rstrip(), width)
            lines += [first, *rest]
            lines[-1] += part[len(part.rstrip()) :]
    return [line.rstrip() for line in lines if line.strip()] or [""]
