"""The site: every page from one consistent view of the record, so that no two pages contradict each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection

from ledger import register
from ledger.messages import Lang
from ledger.store.workspace import Workspace
from projects import observations, registry
from projects.disclosure.folder import write_site
from projects.disclosure.pages import Pages
from projects.disclosure.sheets import Listed, read_village
from projects.disclosure.shown import shown
from projects.exits import Exit, judge, schemes_of
from projects.indicators import indicators_of
from projects.opendata import Built, build
from projects.opendata.publisher import missing, read
from projects.places import places
from projects.privacy import Privacy, privacy_of
from projects.rollup import board
from projects.types import types_of

STYLE = "style.css"


@dataclass(frozen=True)
class Published:
    """A site that was written: its pages and its folder; the projects in the open data, or what these still lack."""

    pages: int
    out: Path
    projects: int = 0
    lacks: tuple[str, ...] = ()


def publish(workspace: Workspace, out: Path, *, lang: Lang = "zh") -> Published:
    """Write the public pages of all books into `out`: plain HTML with one style sheet, no script, nothing from outside.

    The pages are a pure function of the sealed record, the register and the county's own data; the same record gives
    the same bytes. Pages of an earlier run that are no longer needed are removed, other files in the folder are left
    alone.

    Raises:
        FolderNotEmpty: `out` holds files that are not ours; nothing was changed.
        PublicationUnfit: who publishes is written in the settings as it cannot be; nothing was changed.
    """
    known = indicators_of(workspace.path)
    scheme = schemes_of(workspace.path, known).need(None)
    kinds = types_of(workspace.path)
    said = workspace.settings.publication
    lacks = missing(said)
    publisher = None if lacks else read(said)
    pages = Pages(lang, demonstration=workspace.settings.demonstration, known=known, scheme=scheme[1], kinds=kinds)
    with workspace.read() as connection:
        told = board(places(connection), observations.seen(connection))
        privacy = privacy_of(connection)
        site = _site(connection, pages, privacy, partial(judge, connection, known, scheme, told=told))
        data = build(connection, publisher, kinds) if publisher else Built({}, 0)
    style = files("projects.disclosure").joinpath("static", STYLE).read_bytes()
    write_site(out, {**site, **data.files, STYLE: style})
    return Published(len(site), out, data.projects, lacks)


def _site(
    connection: Connection, pages: Pages, privacy: Privacy, judged: Callable[[str, str], Exit]
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    listed = []
    books = register.list_books(connection)
    for village in registry.list_villages(connection):
        own = [book for book in books if book.village == village["code"]]
        for book in own:
            sheet = shown(read_village(connection, village, book, judged), privacy)
            listed.append(sheet.listed)
            found[f"{book.code}/index.html"] = pages.village(sheet)
            for project in sheet.projects:
                for name, page in pages.project(sheet, project):
                    found[f"{book.code}/{name}"] = page
        if not own:
            township = privacy.show("village.township", village["township"])
            listed.append(Listed(township, privacy.show("village.name", village["name"])))
    found["index.html"] = pages.index(listed)
    return found
