"""The books in Fava, behind the desk's login: each is loaded when somebody first opens it, and only if it is ours.

Fava knows no login and would serve what it is given to anybody. Here it is given nothing: it asks this shelf for the
one book that the desk has found the person to have a right to. A book names plugins, which run when it is loaded, so a
book is loaded only when it is, byte for byte, what the record wrote.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from flask import Flask
from flask import url_for as flask_url_for

from ledger.books.keys import DOCUMENTS, HEAD
from ledger.books.write import settle
from ledger.store.workspace import Workspace
from ledger.verify import check_books
from projects.errors import BookChanged

KEPT = 16
"""So many books are kept in memory; the one that was not looked at for longest makes room."""

Stamp = tuple[tuple[str, int, int], ...]


class Shelf:
    """Stands where Fava has its list of ledgers; a slug is the code of a book."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._loaded: OrderedDict[str, tuple[Stamp, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def __getitem__(self, book: str) -> Any:
        """Return a book as it is now.

        Raises:
            BookChanged: it is not what the record wrote.
        """
        folder = self._workspace.books / book
        with self._lock:
            stamp = _stamp(folder)
            if book in self._loaded and self._loaded[book][0] == stamp:
                self._loaded.move_to_end(book)
                return self._loaded[book][1]
            settle(self._workspace)
            stamp = _stamp(folder)
            _, right = check_books(self._workspace, only=book)
            head = (folder / HEAD).resolve()
            if folder / HEAD not in right:
                raise BookChanged(books=book)
            self._loaded[book] = stamp, _load(head)
            while len(self._loaded) > KEPT:
                self._loaded.popitem(last=False)
            return self._loaded[book][1]

    def need(self, book: str) -> None:
        """Make sure that a book can be shown, where a refusal still becomes a page of the desk's.

        Raises:
            BookChanged: it is not what the record wrote.
        """
        _ = self[book]

    def items(self) -> list[tuple[str, Any]]:
        """Name no other book: from one book nothing leads into another."""
        return []

    def first_slug(self) -> str:
        """There is no first book: the desk says which."""
        raise KeyError


def make_fava(workspace: Workspace) -> Flask:
    """Return Fava on the shelf, read-only."""
    # The cache would lie beside the books, and be executed when it is loaded.
    os.environ["BEANCOUNT_DISABLE_LOAD_CACHE"] = "1"
    from fava import application

    app = application.create_app([], read_only=True)
    app.config["LEDGERS"] = Shelf(workspace)
    static = Path(application.__file__).parent / "static"

    # Fava remembers addresses for the whole process, whatever lies before them there.
    def url_for(endpoint: str, **values: Any) -> str:
        application._inject_filters(endpoint, values)  # noqa: SLF001 - its own cache alone is left out
        return flask_url_for(endpoint, **values)

    def static_url(filename: str) -> str:
        path = static / filename
        return url_for("static", filename=filename, mtime=str(int(path.stat().st_mtime)) if path.exists() else "0")

    app.jinja_env.globals.update(url_for=url_for, static_url=static_url)
    return app


def _load(head: Path) -> Any:
    from fava.core import FavaLedger

    class Unwatched(FavaLedger):
        """The shelf looks for changes itself, before anything is loaded."""

        __slots__ = ()

        def changed(self) -> bool:
            return False

    return Unwatched(str(head), poll_watcher=True)


def _stamp(folder: Path) -> Stamp:
    """Return what tells whether a book has changed; its papers are not loaded."""
    try:
        found = [each for each in os.scandir(folder) if each.name != DOCUMENTS]
    except FileNotFoundError:
        return ()
    return tuple(sorted((each.name, each.stat().st_mtime_ns, each.stat().st_size) for each in found))
