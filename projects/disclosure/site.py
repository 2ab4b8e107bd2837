"""The site: every page from one consistent view of the record, so that no two pages contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ledger import erasure, register
from ledger.register import Book
from ledger.store.workspace import Workspace
from projects import observations, registry, tongues
from projects.credit import credits_of
from projects.disclosure import county, finding, keys, likes, parts, posted, proved
from projects.disclosure.folder import Folder
from projects.disclosure.likes import Cost, Kind, Likes
from projects.disclosure.pages import COSTS, FEED, INDEX, LIST, SEARCH, STYLE, Pages, Unwritten
from projects.disclosure.parts import Part
from projects.disclosure.posted import Papers
from projects.disclosure.proved.office import Office
from projects.disclosure.proved.verifier import verifier
from projects.disclosure.shown import Listed, shown
from projects.exits import Exit, judge, schemes_of
from projects.indicators import indicators_of
from projects.notices.names import CHECKER as VERIFY
from projects.notices.names import FOLDER as NOTICES
from projects.opendata.build import FOLDER as DATA
from projects.opendata.build import Added, Writer, add
from projects.opendata.read import Record, read_record, updated_in_office
from projects.places import places
from projects.privacy import Privacy, privacy_of
from projects.publisher import missing, read
from projects.rollup import Board, board
from projects.sheets.movements import Vouchers
from projects.sheets.village import VillageSheet, read_village
from projects.standing import standings_of
from projects.tongues import Tongue
from projects.types import Types, types_of

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Published:
    """A site that was written: its pages and its folder; the projects in the open data, or what these still lack.

    `read` is the number of villages that were read, because something of theirs has changed.
    """

    pages: int
    out: Path
    projects: int = 0
    lacks: tuple[str, ...] = ()
    read: int = 0


def publish(
    workspace: Workspace,
    out: Path,
    *,
    languages: Sequence[Tongue] = (),
    anew: bool = False,
    progress: Progress | None = None,
) -> Published:
    """Write the public pages of all books into `out`: plain HTML with one style sheet, no script, nothing from outside.

    The pages are a pure function of the sealed record, the register and the county's own data; the same record gives
    the same bytes. A village of which nothing has changed is neither read nor written, unless `anew` asks for all.
    Pages of an earlier run that are no longer needed are removed, other files in the folder are left alone. `progress`
    is told how many villages are done, of how many.

    The first of `languages` lies at the top, each other one in a folder of its own; where none is named these are all,
    that of the office first.

    Raises:
        FolderNotEmpty: `out` holds files that are not ours; nothing was changed.
        PublicationUnfit: who publishes is written in the settings as it cannot be; nothing was changed.
    """
    said = workspace.settings.publication
    lacks = missing(said)
    publisher = None if lacks else read(said)
    folder = Folder(out)
    with workspace.read() as connection:
        books = [each.code for each in register.list_books(connection)]
        places = tongues.places(tuple(languages) or tongues.beginning_with(workspace.settings.language), books)
        tops = [f"{place}{name}" for place in places.values() for name in (INDEX, COSTS, LIST, SEARCH, VERIFY)]
        within = [f"{place}{code}" for place in places.values() for code in books]
        folder.look(*tops, STYLE, FEED, folders=[DATA, *(each[:-1] for each in places.values() if each), *within])
        site = _Site(workspace, connection, places, url=publisher.url if publisher else "")
        privacy = site.whole
        record = read_record(connection, publisher, privacy, site.types) if publisher else None
        found = _villages(site, record, folder, anew=anew, progress=progress or (lambda _done, _of: None))
        done = _county(site, folder, found, record, updated_in_office(connection), anew=anew)
    parts.forget(out, set(found.parts))
    folder.finish({*done, *(name for part in found.parts.values() for name in part.names)})
    projects = sum(part.facts["data"].get("projects", 0) for part in found.parts.values())
    return Published(_count(done, found), out, projects, lacks, found.read)


class _Site:
    """What all villages share; what only a village that has changed needs is read when the first of them asks."""

    def __init__(self, workspace: Workspace, connection: Connection, places: Mapping[Tongue, str], *, url: str) -> None:
        self.connection = connection
        self.url = url.rstrip("/")
        self.office = Office(connection, workspace, places, feed=bool(url))
        self.known = indicators_of(workspace.path)
        self.scheme = schemes_of(workspace.path, self.known).need(None)
        self.types: Types = types_of(workspace.path)
        self.pages = [
            Pages(
                tongue,
                folders=places,
                demonstration=workspace.settings.demonstration,
                known=self.known,
                scheme=self.scheme[1],
                kinds=self.types,
                feed=bool(url),
            )
            for tongue in places
        ]
        self.key = keys.shared(connection, workspace, places=places)
        self.ends = keys.last_leaves(connection)

    def signed(self, books: Iterable[str]) -> list[str]:
        """Return the checkpoints that the pages of some books carry, and under which their proofs have the channels."""
        notes = [self.office.newest(each) for each in books]
        return [*notes, self.office.covering] if any(notes) else notes

    @cached_property
    def told(self) -> Board:
        """Return what was observed anywhere."""
        return board(places(self.connection), observations.seen(self.connection))

    @cached_property
    def aimed(self) -> Board:
        """Return what is aimed at anywhere."""
        return board(self.told.places, observations.targets(self.connection))

    @cached_property
    def whole(self) -> Privacy:
        """Return what shows the fields of all books."""
        return privacy_of(self.connection)

    def privacy(self, *books: str) -> Privacy:
        """Return what shows the fields of some books."""
        return privacy_of(self.connection, *books)

    def sheet(self, village: Mapping[str, str], book: Book) -> tuple[VillageSheet, Vouchers]:
        """Return the sheet of a book as the record has it, with its vouchers."""
        judged: Callable[[str, str], Exit] = partial(judge, self.connection, self.known, self.scheme, told=self.told)
        vouchers = Vouchers.read(self.connection, book.code)
        sheet = read_village(self.connection, village, book, judged, vouchers=vouchers)
        stand = tuple(standings_of(self.known, village["code"], told=self.told, aims=self.aimed))
        return replace(sheet, standings=stand, note=self.office.newest(book.code)), vouchers


@dataclass
class _Villages:
    parts: dict[str, Part]
    ranked: Mapping[Kind, Sequence[int]]
    read: int = 0


@dataclass(frozen=True)
class _Seen:
    """A village before its pages are looked at: its books, the key of what is its own, what was kept, what it cost.

    `papers` has what was kept of its notices, whether it is read anew or not.
    """

    village: Mapping[str, str]
    books: list[Book]
    own: str
    part: Part | None
    costs: list[Cost]
    papers: Mapping[str, tuple[str, Mapping[str, int]]]

    def key(self, figures: Mapping[Kind, Likes]) -> str:
        """Return the key of its pages, which also have figures of all villages."""
        return keys.digest(
            [self.own, *(repr(figures.get(kind)) for kind in sorted({each.kind for each in self.costs}))]
        )


def _villages(site: _Site, record: Record | None, folder: Folder, *, anew: bool, progress: Progress) -> _Villages:
    """Return what every village adds; of one that has changed the pages are written."""
    seen = list(_look(site, folder, anew=anew))
    ranked = likes.grouped_by_kind(cost for each in seen for cost in each.costs)
    figures = {kind: likes.told(likes.likes(of)) for kind, of in ranked.items()}
    found = _Villages({}, ranked)
    for done, each in enumerate(seen):
        progress(done, len(seen))
        code, part, key = each.village["code"], each.part, each.key(figures)
        if part is None or part.key != key:
            part = _read(site, record, each, key, figures)
            folder.begin(part.content)
            for name, content in part.content.items():
                folder.put(name, content)
            part = parts.keep(folder.out, code, part)
            found.read += 1
        found.parts[code] = part
    progress(len(seen), len(seen))
    return found


def _look(site: _Site, folder: Folder, *, anew: bool) -> Iterator[_Seen]:
    """Yield the villages; of one whose own books have not changed, what it cost is known from what was kept."""
    spelled = erasure.spelled(site.connection)
    books: dict[str, list[Book]] = {}
    for book in register.list_books(site.connection):
        books.setdefault(book.village, []).append(book)
    for village in registry.list_villages(site.connection):
        mine = books.get(village["code"], [])
        codes = [each.code for each in mine]
        more = [*site.signed(codes), *keys.of_erased(spelled, codes)]
        own = keys.of_books(site.ends, codes, site.key, more)
        part = None if anew else parts.kept(folder.out, village["code"])
        papers = posted.standing(part.facts.get("papers", {}), folder.sizes) if part else {}
        if part is not None and part.facts.get("own") == own and parts.there(part, folder.sizes):
            yield _Seen(village, mine, own, part, [Cost(**each) for each in part.facts["costs"]], papers)
        else:
            privacy = site.privacy(*codes)
            costs = [cost for code in codes for cost in likes.costs_of(credits_of(site.connection, code), privacy)]
            yield _Seen(village, mine, own, None, costs, papers)


def _read(site: _Site, record: Record | None, seen: _Seen, key: str, figures: Mapping[Kind, Likes]) -> Part:
    """Return what a village adds, read from the record."""
    village, books = seen.village, seen.books
    privacy = site.privacy(*(each.code for each in books)) if books else site.privacy()
    sheets = [site.sheet(village, book) for book in books]
    content: dict[str, bytes] = {}
    lines: dict[str, str] = {}
    papers: dict[str, tuple[str, Mapping[str, int]]] = {}
    listed = []
    for raw, _ in sheets:
        costs = [each for each in seen.costs if each.book == raw.book.code]
        sheet = replace(shown(raw, privacy, site.types), beside=likes.beside(costs, figures))
        sheet = replace(sheet, notices=posted.read_posted(site.connection, sheet.book.code))
        listed.append(sheet.listed)
        content |= {f"{pages.folder}{name}": page for pages in site.pages for name, page in pages.book(sheet)}
        lines |= finding.lines(site.pages, sheet)
        if sheet.note and sheet.last:
            proof = proved.prove(site.connection, site.office, sheet, privacy)
            content[f"{sheet.book.code}/{proved.NAME}"] = proved.dump(proof).encode()
        if sheet.notices:
            made = _papers(site, sheet.book.code, seen.papers)
            content |= made.content
            papers |= made.kept
    if not books:
        township, name = (privacy.show(f"village.{each}", village[each]) for each in ("township", "name"))
        listed.append(Listed(township, name))
    added = add(site.connection, replace(record, privacy=privacy), sheets) if record else Added({}, {}, {})
    content |= added.files
    facts: dict[str, Any] = {"listed": [asdict(each) for each in listed], "data": added.facts}
    facts |= {"own": seen.own, "costs": [asdict(each) for each in seen.costs], "papers": papers}
    sizes = {name: len(each) for name, each in content.items()}
    sizes |= {name: size for _, of in papers.values() for name, size in of.items()}
    return Part(key, parts.by_folder(sizes.items()), facts, content, {**lines, **added.texts})


def _papers(site: _Site, book: str, kept: Mapping[str, tuple[str, Mapping[str, int]]]) -> Papers:
    """Return the files of a book's signed notices, and beside them the page that checks them, to which each leads."""
    made = posted.papers(
        site.connection,
        book,
        ring=site.office.ring,
        privacy=site.whole,
        program=keys.program(),
        url=site.url,
        kept=kept,
    )
    checker = {f"{book}/{NOTICES}/{VERIFY}": verifier(site.pages[0].tongue).encode()} if made.kept else {}
    return replace(made, content={**made.content, **checker})


def _county(site: _Site, folder: Folder, found: _Villages, record: Record | None, told: str, *, anew: bool) -> set[str]:
    """Write what tells of all villages, once the pages to which it leads are there; return the names of its files."""
    villages = list(found.parts.values())
    data: Mapping[str, Writer] = {}
    content: dict[str, Unwritten] = {}
    if record:
        record, data = county.data_of(record, villages, told)
        content = county.feed(site.pages[0], villages, record)
    content |= county.pages_of(site.pages, villages, found.ranked, data=bool(data))
    folder.begin([*content, *data])
    for name, writer in data.items():
        folder.write(name, writer)
    county.write(folder, content, shared=site.key, anew=anew)
    return {*content, *data}


def _count(done: Iterable[str], found: _Villages) -> int:
    """Return how many pages tell of villages; those of the open data and the one that checks them are none."""
    own = [name for folder, of in _folders(found) if folder != DATA for name in of]
    return sum(name.endswith(".html") and not name.endswith(VERIFY) for name in (*done, *own))


def _folders(found: _Villages) -> Iterator[tuple[str, Mapping[str, int]]]:
    return (each for part in found.parts.values() for each in part.sizes.items())
