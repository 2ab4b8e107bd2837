"""Finding a project by its name: a plain list without script, and an index for the page that searches.

Both are put together from lines that each village keeps, and hold nothing that its pages do not say. The index comes as
files of script, because a page on a stick may load no others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from itertools import groupby

from markupsafe import escape

from projects.disclosure.pages import LIST, SEARCH, Pages, Unwritten, numbered, page_of
from projects.disclosure.parts import Part
from projects.disclosure.shown import PERSONS, Listed, PageSheet
from projects.sheets.village import ProjectSheet
from projects.tongues import folded

SCRIPT, CHARACTERS, NAMES, ALL = "search.js", "search-characters.js", "search-names.js", "search-all.js"
STATES = ("planned", "underway", "accepted")
ROOM = 36_000
"""Bytes of lines on one page of the plain list: some three hundred projects."""
HEADING = 160
"""Bytes of a village's heading in the list."""
TOGETHER = 500_000
"""So many bytes of an index come as one file; a larger one is split by township, and readers ask for what is loaded."""
BREAKS = {0x2028: "\\u2028", 0x2029: "\\u2029"}
"""Two signs that end a line in old scripts, even within a text."""


Books = Sequence[tuple[Listed, Part]]
Piece = list[tuple[int, int, int]]
"""What stands on one page of the list: which books, each from which of its lines to which."""


@dataclass(frozen=True)
class Lines:
    """Some lines of a village's text, as markup: read when the page is written, and known by the key of the village."""

    part: Part
    name: str
    start: int
    end: int

    def __repr__(self) -> str:
        """Return what the lines are: the key of a village stands for its texts."""
        return f"{self.part.key} {self.name} {self.start}-{self.end}"

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return self.end > self.start

    def __html__(self) -> str:
        """Return the lines for a template: each name in them was escaped when the village kept them."""
        return b"".join(_lines(self.part, self.name)[self.start : self.end]).decode()


def lines(languages: Sequence[Pages], sheet: PageSheet) -> dict[str, str]:
    """Return the lines of a book: those of the list in each language, those of the index in each script."""
    found = {}
    for pages in languages:
        own = pages.turned(sheet)
        book = sheet.book.code
        found[f"list:{pages.tongue}:{book}"] = "".join(_line(pages, book, each) for each in own.projects)
        found[f"find:{pages.script}:{book}"] = _indexed(own)
    return found


def _line(pages: Pages, book: str, sheet: ProjectSheet) -> str:
    code = sheet.project["code"]
    state = pages.say(f"state.{sheet.state}")
    name = escape(sheet.project["name"])
    return f'<li><a href="{book}/{code}.html">{name}</a><small>{code} · {escape(state)}</small></li>\n'


def _indexed(sheet: PageSheet) -> str:
    """Return what finds the projects of a book: channels and contractors once, each project with their places."""
    channels = list(sheet.by_channel)
    contractors: dict[str, int] = {}
    rows = []
    for each in sheet.projects:
        payees = dict.fromkeys(found.payee for found in each.contracts if found.payee not in {"", PERSONS})
        name, title = str(each.project["name"]), str(each.project["title"])
        rows.append(
            [
                each.project["code"],
                name,
                "" if title in name else title,
                STATES.index(each.state),
                [channels.index(channel) for channel in each.lines],
                [contractors.setdefault(payee, len(contractors)) for payee in payees],
            ]
        )
    named = [f"{code} {sheet.channels[code]}" for code in channels]
    return _json([sheet.book.code, sheet.village["name"], sheet.village["township"], named, list(contractors), rows])


def county(languages: Sequence[Pages], found: Sequence[tuple[Listed, Part]], date: str) -> dict[str, Unwritten]:
    """Return the pages of the list and of the search in each language, the script, and its index in each script."""
    rows = sorted(((each, part) for each, part in found if each.book), key=lambda row: row[0].township)
    townships = {name: list(of) for name, of in groupby(rows, key=lambda row: row[0].township)}
    made = {SCRIPT: Unwritten("", files("projects.disclosure").joinpath("static", SCRIPT).read_bytes)}
    made[CHARACTERS] = Unwritten("", _characters)
    homes: dict[str, str] = {}
    weights = {name: _weights(languages[0], of) for name, of in townships.items()}
    pieces = {name: list(_cut(of)) for name, of in weights.items()}
    together = sum(HEADING + sum(book) for of in weights.values() for book in of) <= ROOM
    for pages in languages:
        listed = (_together if together else _list)(pages, townships, pieces, date)
        made |= {f"{pages.folder}{name}": page for name, page in listed}
        if pages.script not in homes:
            homes[pages.script] = pages.folder
            made |= {f"{pages.folder}{name}": each for name, each in _index(pages, townships)}
        made[f"{pages.folder}{SEARCH}"] = pages.later(SEARCH, SEARCH, date=date, index=homes[pages.script])
    return made


def _together(
    pages: Pages, townships: Mapping[str, Books], pieces: Mapping[str, Sequence[Piece]], date: str
) -> Iterator[tuple[str, Unwritten]]:
    """Yield the page of a plain list that is short enough for one."""
    groups = [(_named(pages, name), _rows(pages, townships[name], of[0])) for name, of in pieces.items()]
    yield LIST, pages.later("list.html", LIST, groups=groups, date=date)


def _list(
    pages: Pages, townships: Mapping[str, Books], pieces: Mapping[str, Sequence[Piece]], date: str
) -> Iterator[tuple[str, Unwritten]]:
    """Yield the pages of the plain list: one of townships, and some of each of these.

    The data of a township's pages is as old as the last voucher of its books.
    """
    told = []
    for name, of in pieces.items():
        township, books = _named(pages, name), townships[name]
        rows = [_rows(pages, books, piece) for piece in of]
        last = max(each.date for each, _ in books)
        links = numbered(page_of(name, "projects"), len(of))
        ends = [(piece[0][0].name, piece[-1][0].name) for piece in rows]
        told.append((township, list(zip(links, ends, strict=True))))
        for number, (link, piece) in enumerate(zip(links, rows, strict=True), 1):
            facts = {"township": township, "rows": piece, "names": links, "number": number}
            yield link, pages.later("list_township.html", link, date=last, **facts)
    yield LIST, pages.later("list_townships.html", LIST, townships=told, date=date)


def _named(pages: Pages, township: str) -> str:
    return pages.own(township) or pages.say("villages")


def _rows(pages: Pages, books: Books, piece: Piece) -> list[tuple[Listed, Lines]]:
    """Return the lines of a page by village."""
    found = ((*books[index], start, end) for index, start, end in piece)
    return [(pages.listed(each), Lines(part, _text(pages, each), start, end)) for each, part, start, end in found]


def _text(pages: Pages, listed: Listed) -> str:
    """Return the name of the text that has the lines of a book."""
    return f"list:{pages.tongue}:{listed.book}"


def _lines(part: Part, name: str) -> list[bytes]:
    return part.text(name).splitlines(keepends=True)


def _weights(pages: Pages, books: Books) -> list[list[int]]:
    """Return what each line of each book weighs: taken of one language, so that all are cut in the same places."""
    return [[len(line) for line in _lines(part, _text(pages, listed))] for listed, part in books]


def _cut(books: Sequence[Sequence[int]]) -> Iterator[Piece]:
    """Yield what fits each page; only a village that fits none alone goes on on the next one."""
    piece: Piece = []
    left = ROOM
    for index, weights in enumerate(books):
        whole = HEADING + sum(weights)
        if piece and left < whole <= ROOM:
            yield piece
            piece, left = [], ROOM
        start = 0
        left -= HEADING
        for at, weight in enumerate(weights):
            if weight > left and at > start:
                yield [*piece, (index, start, at)]
                piece, start, left = [], at, ROOM - HEADING
            left -= weight
        piece.append((index, start, len(weights)))
    if piece:
        yield piece


def _index(pages: Pages, townships: Mapping[str, Books]) -> Iterator[tuple[str, Unwritten]]:
    """Yield the files of the index: what there is, and the projects of all townships together or of each alone."""
    key = f"find:{pages.script}"
    texts = {name: [(part, f"{key}:{each.book}") for each, part in of] for name, of in townships.items()}
    sizes = {name: sum(part.size(each) for part, each in of) for name, of in texts.items()}
    if sum(sizes.values()) > TOGETHER:
        named = {page_of(name, "search").replace(".html", ".js"): (pages.own(name), of) for name, of in texts.items()}
        told = [[pages.own(name), file, size] for file, (name, size) in zip(named, sizes.items(), strict=True)]
    else:
        named = {ALL: ("", [each for of in texts.values() for each in of])}
        told = [["", ALL, sum(sizes.values())]]
    for file, (_, of) in named.items():
        yield file, Unwritten(repr([(part.key, each) for part, each in of]), partial(_projects, file, of))
    villages = [pages.listed(each) for of in townships.values() for each, _ in of]
    rows = [[each.book, each.name, each.township] for each in villages]
    names = f"earmark.names({_json(told)}, {_json(rows)});\n"
    yield NAMES, Unwritten(names, names.encode)


def _characters() -> bytes:
    return f"earmark.characters({_json(folded())});\n".encode()


def _projects(file: str, of: Sequence[tuple[Part, str]]) -> bytes:
    """Return a file of the index: the projects of some books."""
    texts = b",\n".join(part.text(each) for part, each in of)
    return b"earmark.projects(%s,[\n%s\n]);\n" % (_json(file).encode(), texts)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(BREAKS)
