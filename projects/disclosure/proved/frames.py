"""The frames of public pages: all that stands on one but blocks and what is stated, for a checker without templates.

A frame is made by the templates themselves, of a village that has marks where names and dates stand.
"""

from __future__ import annotations

from ledger.register import Book
from projects.disclosure.layout import Layout
from projects.disclosure.pages import Pages
from projects.disclosure.proved.reading import VOID
from projects.disclosure.proved.sheet import UNPROVED
from projects.disclosure.proved.stream import Stream, Token
from projects.disclosure.shown import PageSheet
from projects.sheets.movements import Voucher
from projects.sheets.village import ProjectSheet
from projects.tongues import Tongue

VILLAGE, PROJECT, TITLE, DATE, FIRST = ("\ue001", "\ue002", "\ue003", "\ue004", "\ue005")
"""What stands in a frame for the names of village and project, the short name, the day of the data, the first page."""
BLOCK = "data-proof="


def frames(tongue: Tongue) -> dict[str, list[Token]]:
    """Return by kind of page its tokens: a village, one without projects, further pages; a project, further pages."""
    pages = Pages(tongue, demonstration=False)
    project = ProjectSheet(
        {"code": PROJECT, "title": TITLE, "name": PROJECT} | dict.fromkeys(UNPROVED, ""), {}, (), (), (), ()
    )
    last = Voucher(0, "", DATE, "", "", "", "", {}, "", "", "")
    village = PageSheet(
        village={"code": "", "name": VILLAGE, "township": ""},
        book=Book("B", "", "", "", ""),
        projects=(project,),
        channels={},
        vouchers=1,
        last=last,
        note="\n0\n",
    )
    empty = PageSheet(village.village, village.book, (), {}, 1, last, note="\n0\n")
    one = Layout(((project,),), numbered=True, reached=None)
    lists = {"receipts": [], "payments": [], "contracts": [], "contracts_whole": True}
    found = {"village": next(pages.village(village, lambda _: one))[1], "empty": next(pages.village(empty))[1]}
    facts = {"sheet": village, "layout": one, "rows": (project,), "names": [FIRST]}
    found["list"] = pages.render("projects.html", "B/x.html", number=2, date=DATE, **facts)
    for kind, number in (("project", 1), ("more", 2)):
        facts = {"village": village, "sheet": project, "number": number, "names": [FIRST], **lists}
        found[kind] = pages.render("project.html", "B/x.html", date=DATE, **facts)
    return {kind: _without_blocks(Stream(page.decode()).tokens) for kind, page in found.items()}


def _without_blocks(tokens: list[Token]) -> list[Token]:
    """Return tokens without those of proved blocks, whose words are compared one by one."""
    kept, depth = [], 0
    for token in tokens:
        if depth:
            depth += {"<": token[1] not in VOID, ">": -1}.get(token[0], 0)
        elif token[0] == "<" and any(each.startswith(BLOCK) for each in token[2:]):
            depth = 1
        else:
            kept.append(token)
    return kept
