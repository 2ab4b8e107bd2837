"""What the command line knows of this run: workspace, language, who asks; and the options that commands share."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger import keyring, messages
from ledger.books.write import settle
from ledger.errors import DocumentUnreadable, TextMissing
from ledger.messages import LANGS, Lang
from ledger.store import scrub
from ledger.store.workspace import Workspace, open_workspace
from projects.cli.output import Output

if TYPE_CHECKING:
    from projects.desk import Desk


@dataclass
class Session:
    """One run of the command line."""

    path: Path = Path()
    lang: Lang = "zh"
    opened: Workspace | None = None

    @property
    def workspace(self) -> Workspace:
        """Return the workspace, opened at the first use; books that a crash left unwritten are written first."""
        if self.opened is None:
            self.opened = open_workspace(self.path)
            keyring.finish(self.opened)
            settle(self.opened)
            scrub.finish(self.opened)
        return self.opened

    def desk(self, user: str | None, book: str | None) -> Desk:
        """Return the desk of `user` at `book`, or at the only book there is.

        Raises:
            TextMissing: nobody was named.
        """
        return _desk(self.workspace, self.user(user), self._book(book)).at_book()

    def user(self, name: str | None) -> str:
        """Return who acts: the one named, or EARMARK_USER.

        Raises:
            TextMissing: nobody was named.
        """
        found = os.environ.get("EARMARK_USER", "") if name is None else name
        if not found:
            raise TextMissing(field="--as")
        return found

    def book(self, book: str | None) -> str:
        """Return the code of the book that a reading command is about."""
        return _desk(self.workspace, "", self._book(book)).at_book().book

    def _book(self, book: str | None) -> str:
        """Return the book that was named, or the one that EARMARK_BOOK names; an empty name names nothing."""
        if book == "":
            raise TextMissing(field="--book")
        return os.environ.get("EARMARK_BOOK", "") if book is None else book

    def text(self, key: str, /, **facts: object) -> str:
        """Return a text of the command line in the user's language."""
        return messages.text("projects", key, self.lang, **facts)

    def output(self, *, as_json: bool = False) -> Output:
        """Return where to print."""
        return Output(self.lang, as_json=as_json)


session = Session()
"""The run that this process makes; `projects.cli.main` fills it before any command is called."""


def start(path: Path | None, lang: str | None) -> None:
    """Begin a run: the language is asked for, set by EARMARK_LANG, the workspace's own, or Chinese."""
    session.path = path or Path(os.environ.get("EARMARK_WORKSPACE", "."))
    wanted = lang or os.environ.get("EARMARK_LANG") or _language_of(session.path)
    session.lang = next((each for each in LANGS if each == wanted), "zh")
    session.opened = None


def _desk(workspace: Workspace, user: str, book: str) -> Desk:
    """Return a desk; what proposes and judges events is loaded only by who records one."""
    from projects.desk import Desk

    return Desk(workspace, user, book)


def _language_of(path: Path) -> str:
    """Return the language that a workspace's settings name; settings that cannot be read are refused later."""
    try:
        return str(tomllib.loads((path / "earmark.toml").read_text(encoding="utf-8")).get("language", ""))
    except (OSError, ValueError, RecursionError):
        return ""


def read_note(path: Path) -> str:
    """Return the text of a note.

    Raises:
        DocumentUnreadable: the file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentUnreadable(path=path, reason=getattr(error, "strerror", "") or "UTF-8") from None


As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="@option.as")]
Book = Annotated[str | None, typer.Option("--book", metavar="CODE", help="@option.book")]
Key = Annotated[str | None, typer.Option("--key", help="@option.key")]
Json = Annotated[bool, typer.Option("--json", help="@option.json")]
Date = Annotated[str | None, typer.Option("--date", help="@option.date")]
Party = Annotated[str | None, typer.Option("--party", help="@option.party")]
Person = Annotated[bool, typer.Option("--person", help="@option.person")]
Serial = Annotated[str | None, typer.Option("--serial", help="@option.serial")]
Note = Annotated[str | None, typer.Option("--note", help="@option.note")]
Papers = Annotated[list[Path] | None, typer.Option("--doc", metavar="FILE", help="@option.doc")]
