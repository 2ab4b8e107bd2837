"""The books in Fava: a list, of which each is loaded when somebody first opens it, and only if it is ours.

`make_fava(workspace, listed=books)` is the application that `earmark fava` serves: Fava's menu names the books of the
list, and a request for one of them loads that one. The desk mounts `make_fava(workspace)` behind its login: Fava knows
no login and would serve what it is given to anybody, so there it is given no list, and asks this shelf for the one book
that the desk has found the person to have a right to. A book names plugins, which run when it is loaded, so a book is
loaded only when it is, byte for byte, what the record wrote. In addresses a book stands by its code.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask import url_for as flask_url_for
from werkzeug.exceptions import NotFound

from ledger import messages
from ledger.books.keys import DOCUMENTS, HEAD
from ledger.books.write import settle
from ledger.messages import Lang
from ledger.register import Book
from ledger.store.workspace import Workspace
from ledger.verify import check_books
from projects.errors import BookChanged

KEPT = 16
"""So many books are kept in memory; the one that was not looked at for longest makes room."""

Stamp = tuple[tuple[str, int, int], ...]


class Shelf:
    """Stands where Fava has its list of ledgers; a slug is the code of a book."""

    def __init__(self, workspace: Workspace, listed: Sequence[Book] | None = None) -> None:
        self._workspace = workspace
        self._listed = None if listed is None else {each.code: each for each in listed}
        self._loaded: OrderedDict[str, tuple[Stamp, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def __getitem__(self, book: str) -> Any:
        """Return a book as it is now.

        Raises:
            KeyError: it is not one of those listed.
            BookChanged: it is not what the record wrote.
        """
        if self._listed is not None and book not in self._listed:
            raise KeyError(book)
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
            loaded = _load(head, self._workspace.settings.language)
            if self._listed is None:
                from projects.fava.places import hide

                hide(loaded, head.parent)
            self._loaded[book] = stamp, loaded
            while len(self._loaded) > KEPT:
                self._loaded.popitem(last=False)
            return self._loaded[book][1]

    def need(self, book: str) -> None:
        """Make sure that a book can be shown, where a refusal still becomes a page of the desk's.

        Raises:
            BookChanged: it is not what the record wrote.
        """
        _ = self[book]

    def items(self) -> list[tuple[str, Named]]:
        """Name the books of the list, none of which is loaded for that; without a list nothing leads elsewhere."""
        return [(code, Named({"title": each.name})) for code, each in (self._listed or {}).items()]

    def first_slug(self) -> str:
        """Return the first book of the list.

        Raises:
            NotFound: there is no list: whoever mounts Fava says which book is opened.
        """
        if not self._listed:
            raise NotFound
        return next(iter(self._listed))


@dataclass(frozen=True)
class Named:
    """What Fava's menu asks of a book."""

    options: Mapping[str, str]


def make_fava(workspace: Workspace, *, listed: Sequence[Book] | None = None, lang: Lang = "zh") -> Flask:
    """Return Fava on a shelf, read-only; `listed` are the books that it may open, in the order of its menu.

    Without a list it opens whatever book it is asked for, and does not tell where on the machine it lies: whoever
    mounts it so has to judge each request first, and hands out papers itself.
    A book that is not what the record wrote is answered by the refusal, in `lang`.
    """
    # The cache would lie beside the books, and be executed when it is loaded.
    os.environ["BEANCOUNT_DISABLE_LOAD_CACHE"] = "1"
    from fava import application

    from projects.fava import questions

    questions.bind(workspace.settings.language)
    app = application.create_app([], read_only=True)
    app.config["LEDGERS"] = Shelf(workspace, listed)
    static = Path(application.__file__).parent / "static"

    # Fava remembers addresses for the whole process, whatever lies before them there.
    def url_for(endpoint: str, **values: Any) -> str:
        application._inject_filters(endpoint, values)  # noqa: SLF001 - its own cache alone is left out
        return flask_url_for(endpoint, **values)

    def static_url(filename: str) -> str:
        path = static / filename
        return url_for("static", filename=filename, mtime=str(int(path.stat().st_mtime)) if path.exists() else "0")

    app.jinja_env.globals.update(url_for=url_for, static_url=static_url)

    @app.errorhandler(BookChanged)
    def refused(refusal: BookChanged) -> tuple[str, int, dict[str, str]]:
        return messages.explain(refusal, lang) + "\n", 409, {"Content-Type": "text/plain; charset=utf-8"}

    return app


def _load(head: Path, lang: Lang) -> Any:
    from fava.core import FavaLedger

    from projects.fava.questions import keep_to_reading

    class Unwatched(FavaLedger):
        """The shelf looks for changes itself, before anything is loaded."""

        __slots__ = ()

        def changed(self) -> bool:
            return False

    loaded = Unwatched(str(head), poll_watcher=True)
    keep_to_reading(loaded, lang)
    return loaded


def _stamp(folder: Path) -> Stamp:
    """Return what tells whether a book has changed; its papers are not loaded."""
    try:
        found = [each for each in os.scandir(folder) if each.name != DOCUMENTS]
    except FileNotFoundError:
        return ()
    return tuple(sorted((each.name, each.stat().st_mtime_ns, each.stat().st_size) for each in found))
