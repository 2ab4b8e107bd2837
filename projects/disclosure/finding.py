"""Finding a project by its name: a plain list without script, and an index for the page that searches.

Both are put together from lines that each village keeps, and hold nothing that its pages do not say. The index comes as
files of script, because a page on a stick may load no others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import groupby

from markupsafe import Markup, escape

from projects.disclosure.pages import LIST, SEARCH, Pages, numbered, page_of
from projects.disclosure.parts import Part
from projects.disclosure.sheets import Listed, ProjectSheet, VillageSheet
from projects.disclosure.shown import PERSONS
from projects.disclosure.tongues import folded

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


def lines(languages: Sequence[Pages], sheet: VillageSheet) -> dict[str, str]:
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


def _indexed(sheet: VillageSheet) -> str:
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


def county(languages: Sequence[Pages], found: Sequence[tuple[Listed, Part]], date: str) -> dict[str, bytes]:
    """Return the pages of the list and of the search in each language, the script, and its index in each script."""
    rows = sorted(((each, part) for each, part in found if each.book), key=lambda row: row[0].township)
    townships = {name: list(of) for name, of in groupby(rows, key=lambda row: row[0].township)}
    made = {SCRIPT: files("projects.disclosure").joinpath("static", SCRIPT).read_bytes()}
    made[CHARACTERS] = f"earmark.characters({_json(folded())});\n".encode()
    homes: dict[str, str] = {}
    pieces = {name: list(_cut(_weights(languages[0], of))) for name, of in townships.items()}
    for pages in languages:
        made |= {f"{pages.folder}{name}": page for name, page in _list(pages, townships, pieces, date)}
        if pages.script not in homes:
            homes[pages.script] = pages.folder
            made |= {f"{pages.folder}{name}": each for name, each in _index(pages, townships)}
        made[f"{pages.folder}{SEARCH}"] = pages.render(SEARCH, SEARCH, date=date, index=homes[pages.script])
    return made


def _list(
    pages: Pages, townships: Mapping[str, Books], pieces: Mapping[str, Sequence[Piece]], date: str
) -> Iterator[tuple[str, bytes]]:
    """Yield the pages of the plain list: one for all, or one of townships and some of each of these."""
    named = {name: pages.own(name) or pages.say("villages") for name in townships}
    rows = {name: [_rows(pages, townships[name], piece) for piece in of] for name, of in pieces.items()}
    whole = sum(len(text) for of in rows.values() for piece in of for _, text in piece)
    if whole + HEADING * sum(map(len, townships.values())) <= ROOM:
        groups = [(named[name], of[0]) for name, of in rows.items()]
        yield LIST, pages.render("list.html", LIST, groups=groups, date=date)
        return
    told = []
    for name, of in rows.items():
        links = numbered(page_of(name, "projects"), len(of))
        ends = [(piece[0][0].name, piece[-1][0].name) for piece in of]
        told.append((named[name], list(zip(links, ends, strict=True))))
        for number, (link, piece) in enumerate(zip(links, of, strict=True), 1):
            facts = {"township": named[name], "rows": piece, "names": links, "number": number}
            yield link, pages.render("list_township.html", link, date=date, **facts)
    yield LIST, pages.render("list_townships.html", LIST, townships=told, date=date)


def _rows(pages: Pages, books: Books, piece: Piece) -> list[tuple[Listed, Markup]]:
    """Return the lines of a page by village."""
    rows = []
    for index, start, end in piece:
        listed, part = books[index]
        text = b"".join(_lines(pages, listed, part)[start:end])
        rows.append((pages.listed(listed), Markup(text.decode())))  # noqa: S704 - each name in it was escaped
    return rows


def _lines(pages: Pages, listed: Listed, part: Part) -> list[bytes]:
    return part.text(f"list:{pages.tongue}:{listed.book}").splitlines(keepends=True)


def _weights(pages: Pages, books: Books) -> list[list[int]]:
    """Return what each line of each book weighs: taken of one language, so that all are cut in the same places."""
    return [[len(line) for line in _lines(pages, listed, part)] for listed, part in books]


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


def _index(pages: Pages, townships: Mapping[str, Books]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the index: what there is, and the projects of all townships together or of each alone."""
    key = f"find:{pages.script}"
    texts = {name: [part.text(f"{key}:{each.book}") for each, part in of] for name, of in townships.items()}
    split = sum(len(text) for of in texts.values() for text in of) > TOGETHER
    if split:
        named = {page_of(name, "search").replace(".html", ".js"): (pages.own(name), of) for name, of in texts.items()}
    else:
        named = {ALL: ("", [text for of in texts.values() for text in of])}
    told = [[name, file, sum(map(len, of))] for file, (name, of) in named.items()]
    for file, (_, of) in named.items():
        yield file, b"earmark.projects(%s,[\n%s\n]);\n" % (_json(file).encode(), b",\n".join(of))
    villages = [pages.listed(each) for of in townships.values() for each, _ in of]
    rows = [[each.book, each.name, each.township] for each in villages]
    yield NAMES, f"earmark.names({_json(told)}, {_json(rows)});\n".encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(BREAKS)
