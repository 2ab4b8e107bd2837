"""How much of a village stands on which page: none too heavy for a telephone, cut alike in every language.

What a row weighs is reckoned from the texts in it, never from a page as it was made: then a project stands on the page
of the same number in each language, and no page is made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from markupsafe import escape

from projects.disclosure.maps import MOST
from projects.disclosure.posted import NEWEST
from projects.disclosure.shown import PageSheet
from projects.registry import LONGEST_TITLE
from projects.sheets.movements import Movement
from projects.sheets.village import Contract, ProjectSheet

PAGE = 48_000
"""Bytes of a page that are shared out; rounding and what is not reckoned leave it below 50 KB."""
ROOM = 16_000
"""Bytes of a project's page that each of its lists may fill."""
CONTRACTS = 4_000
"""Bytes of a project's page for its contracts: they stand above the lists, beside the money of each channel."""
FURTHER = 24_000
"""Bytes of a list on a page that has nothing else: some fifty projects."""
LEAST = 4_000
"""Bytes of the list that a village's first page has, however much else stands there: some ten projects."""
TOGETHER = 100
"""So many villages stand on one page at most."""
FEW = 3
"""So many projects are named of those that a channel reached, where there is no room for all."""

LETTER = 3
"""Bytes of a character, taken alike in all languages."""
FRAME = 7_500
"""Bytes of a village's page before any list: head, sums, words explained, the checkpoint."""
CHANNEL, AIM, CONDITION, NOTICE, LINK = 340, 900, 450, 900, 40
"""Bytes of the row of a channel, an indicator, a condition of the exit scheme, a notice, and of a link to a project."""
PROJECT, PLACED = 350, 130
"""Bytes of a project in the list, and of its place in words."""
DRAWING, MARK, DOT = 1_800, 380, 10
"""Bytes of a map, of a number on it with its line below the map, and of a place without a number."""
VOUCHER, PART, CONTRACT = 240, 110, 520
"""Bytes of a voucher in a list, of each of its channels, and of a contract."""

_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Layout:
    """How a village's projects lie on its pages: the first part stands on the village's own page.

    `numbered` says that its map has room for numbers with a list of them; elsewhere the list of projects says where
    each is. `reached` is how many projects are named of those that a channel reached, None for all.
    """

    parts: tuple[Sequence[ProjectSheet], ...]
    numbered: bool
    reached: int | None

    @property
    def names(self) -> list[str]:
        """Return the pages of the list; the first is the village's own."""
        return ["index.html", *(f"projects-{number + 1}.html" for number in range(1, len(self.parts)))]


def lay_out(sheet: PageSheet) -> Layout:
    """Return how a village's projects lie on its pages."""
    names = {each.project["code"]: _letters(str(each.project["name"])) for each in sheet.projects}
    reached = [LINK + _letters(str(each.project["title"])) for _, of in sheet.by_channel.values() for each in of]
    fixed = _fixed(sheet)
    ground = sheet.ground
    drawn = len(ground.places) + len(ground.hidden)
    if drawn:
        fixed += DRAWING + sum(len(each.path) for each in ground.map.marks) if ground.map else 0
    legend = sum(MARK + 2 * each if code in ground.places else LINK + each for code, each in names.items())
    whole = sum(PROJECT + each for each in names.values())
    if len(ground.places) <= MOST and fixed + sum(reached) + whole + (legend if drawn else 0) <= PAGE:
        return Layout((sheet.projects,), numbered=True, reached=None)
    row = PROJECT + (PLACED if drawn else 0)
    fixed += DOT * len(ground.places)
    if fixed + sum(reached) + whole + (PLACED * len(names) if drawn else 0) <= PAGE:
        return Layout((sheet.projects,), numbered=False, reached=None)
    few = len(sheet.by_channel) * FEW * (LINK + LETTER * LONGEST_TITLE)
    first = min(max(LEAST, PAGE - fixed - few), FURTHER)
    parts = _cut(sheet.projects, lambda each: row + names[each.project["code"]], FURTHER, first)
    return Layout(tuple(parts), numbered=False, reached=FEW)


def _fixed(sheet: PageSheet) -> int:
    """Return what a village's page weighs without projects and map."""
    channels = sum(CHANNEL + _letters(sheet.channels.get(each, "")) for each in sheet.by_channel)
    aims = sum(AIM + _letters(each.source) for each in sheet.aims)
    notices = NOTICE * min(len(sheet.notices), NEWEST)
    return FRAME + channels + aims + notices + (CONDITION * len(sheet.exit.judged) if sheet.exit else 0)


def cut(movements: Sequence[Movement]) -> Iterator[list[Movement]]:
    """Yield a list in pieces that each fit the room that a page has for it."""
    return _cut(movements, lambda each: VOUCHER + PART * len(each.parts) + _letters(each.voucher.payee), ROOM)


def cut_contracts(contracts: Sequence[Contract]) -> Iterator[list[Contract]]:
    """Yield the contracts of a project in pieces that each fit the room that a page has for them."""
    return _cut(contracts, lambda each: CONTRACT + _letters(each.name) + _letters(each.payee), CONTRACTS)


def _letters(text: str) -> int:
    return LETTER * len(escape(text))


def _cut(
    rows: Sequence[_Row], weight: Callable[[_Row], int], room: int, first: int | None = None
) -> Iterator[list[_Row]]:
    """Yield rows in pieces of so many bytes; the first may have a room of its own."""
    piece: list[_Row] = []
    left = room if first is None else first
    for row in rows:
        heavy = weight(row)
        if piece and heavy > left:
            yield piece
            piece, left = [], room
        piece.append(row)
        left -= heavy
    if piece:
        yield piece
