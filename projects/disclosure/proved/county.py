"""The pages of all villages have no leaves of their own: their figures are those of villages, which are proved.

So they are made again of what the proofs of the villages say, and compared as a whole. A village that has no proof
keeps the line that the page has of it: that is stated, and told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from projects.disclosure.pages import COSTS, INDEX, Pages
from projects.disclosure.proved.report import Problem
from projects.disclosure.proved.stream import Stream, Token, differs, misplaced
from projects.disclosure.shown import Listed

PAGE = re.compile(r"index\.html|(township-[0-9a-f]{8})(?:-([0-9]+))?\.html")
"""How these pages are called, within the folder of a language."""
MAP = "villages-map"
PARTS = {MAP: ("map.where", "more main")}
"""What of these pages is stated."""
_BOOK = re.compile(r"href=([^/]+)/index\.html")
_AMOUNT = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Line = tuple[str, list[str]]
"""A line of a table: the book that it leads to, empty where it leads to none, and its cells."""


@dataclass
class County:
    """What was found on the pages of all villages in one language.

    `problems` are by the name of the page, `proved` are the books whose lines were made of their proofs, `stated` the
    villages whose lines are only stated.
    """

    problems: dict[str, list[Problem]]
    proved: list[str] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)

    def find(self, page: str, code: str, **facts: str) -> None:
        """Note a problem of a page."""
        self.problems.setdefault(page, []).append((code, facts))


def check_county(pages: Pages, found: Mapping[str, str], known: Mapping[str, Listed]) -> County:
    """Compare pages of all villages, by name, with those that are made of what is proved: `known` has it by book."""
    county = County({name: [] for name in found})
    if INDEX not in found:
        county.find(INDEX, "absent")
        return county
    streams = {name: Stream(page) for name, page in found.items()}
    rows = [row for name in sorted(streams, key=_place) for row in _rows(pages, name, streams[name], known)]
    counted = Counter(row.book for row in rows if row.book)
    for book, row in known.items():
        if counted[book] != 1:
            code = "village-twice" if counted[book] else "village-absent"
            county.find(INDEX, code, village=f"{row.name} {book}")
    county.proved = sorted(set(counted) & set(known))
    county.stated = [row.name for row in rows if row.book not in known]
    tokens = streams[INDEX].tokens
    has = {each for token in tokens if token[:2] == ("<", "a") for each in token[2:]}
    made = pages.county(
        rows,
        data=any(each.endswith("data/tables.xlsx") for each in has),
        costs=f"href={COSTS}" in has,
    )
    headings = {name: pages.say(key) for name, (key, _) in PARTS.items()}
    for name in sorted({*made, *found}):
        if name not in made or name not in found:
            county.find(name, "absent" if name in made else "frame-more")
            continue
        other = differs(streams[name], Stream(made[name].write().decode()))
        if other:
            county.find(name, "frame", found=other[0], expected=other[1])
        for strange in [] if other else misplaced(streams[name], headings, PARTS):
            county.find(name, "stated", found=strange)
    return county


def _rows(pages: Pages, name: str, stream: Stream, known: Mapping[str, Listed]) -> Iterator[Listed]:
    """Yield the lines of a page: of a village that is proved what its proof says, of others what stands there."""
    day = _day(stream)
    for heading, rows in _tables(stream):
        township = heading if name == INDEX else _trail(stream)
        typed = {known[book].township for book, _ in rows if book in known}
        # The name of a township as it was typed is known from its villages; a page may have it in other characters.
        township = min(typed) if len(typed) == 1 else "" if township == pages.say("villages") else township
        for book, cells in rows:
            if book in known:
                yield known[book]
            else:
                name, planned, received, *_ = [*cells, "", "", ""]
                yield Listed(township, name, book, _fen(planned), _fen(received), day if book else "")


def _place(name: str) -> tuple[str, int]:
    """Return where a page stands among those of its township: the first has no number."""
    found = PAGE.fullmatch(name)
    assert found, "only pages of this name are looked at"
    return found[1] or "", int(found[2] or 1)


def _tables(stream: Stream) -> Iterator[tuple[str, list[Line]]]:
    """Yield the tables of villages: the heading of each, and its lines."""
    for table in _within(stream.tokens, "table"):
        lines = [_line(row) for row in _within(table, "tr")][1:]
        if any(book for book, _ in lines):
            yield "".join(map(_said, _within(table, "caption"))), lines


def _line(row: Sequence[Token]) -> Line:
    cells = [_said(each) for name in ("th", "td") for each in _within(row, name)]
    links = (_BOOK.fullmatch(token[-1]) for token in row if token[:2] == ("<", "a"))
    return next((each[1] for each in links if each), ""), cells


def _within(tokens: Sequence[Token], tag: str) -> Iterator[Sequence[Token]]:
    """Yield what stands within each element of a name; none of them stands in another."""
    begin = -1
    for at, token in enumerate(tokens):
        if token[:2] == ("<", tag):
            begin = at + 1
        elif token == (">", tag) and begin >= 0:
            yield tokens[begin:at]
            begin = -1


def _said(tokens: Sequence[Token]) -> str:
    return "".join(token[1] for token in tokens if token[0] == "=")


def _trail(stream: Stream) -> str:
    """Return of which township a page is: the last word of the way to it."""
    return next((text[1:].strip() for kind, text, *_ in stream.tokens if kind == "=" and text.startswith("›")), "")


def _day(stream: Stream) -> str:
    """Return as of when a page says that it is."""
    foot = stream.tokens[stream.tokens.index(("<", "footer")) :] if ("<", "footer") in stream.tokens else []
    days = (_DAY.search(token[1]) for token in foot if token[0] == "=")
    return next((each[0] for each in days if each), "")


def _fen(shown: str) -> int:
    return int(re.sub("[,.]", "", shown)) if _AMOUNT.fullmatch(shown) else 0


def known_of(listed: Collection[Listed]) -> dict[str, Listed]:
    """Return lines by book, without a place on the map: that is stated."""
    return {each.book: replace(each, longitude="", latitude="") for each in listed}
