"""What the command line knows of this run: workspace, language, who asks; and the options that commands share."""

from __future__ import annotations

import inspect
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from ledger import keyring, messages
from ledger.books.write import settle
from ledger.errors import TextMissing
from ledger.messages import LANGS, Lang
from ledger.store import scrub
from ledger.store.workspace import Workspace, open_workspace
from projects.cli.output import Output
from projects.desk import PROPOSE, Desk
from projects.requests import Reverse


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
        return Desk(self.workspace, self.user(user), self._book(book)).at_book()

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
        return Desk(self.workspace, "", self._book(book)).at_book().book

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


def _language_of(path: Path) -> str:
    """Return the language that a workspace's settings name; settings that cannot be read are refused later."""
    try:
        return str(tomllib.loads((path / "earmark.toml").read_text(encoding="utf-8")).get("language", ""))
    except (OSError, ValueError, RecursionError):
        return ""


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

_PAYING: dict[str, tuple[Any, Any]] = {
    "payee": (Annotated[str | None, typer.Option("--payee", metavar="CODE", help="@option.payee")], None),
    "invoices": (
        Annotated[list[str] | None, typer.Option("--invoice", metavar="NUMBER[=AMOUNT]", help="@option.invoice")],
        None,
    ),
}
"""The options of events that pay somebody, or name who will be paid."""

_SHARED: dict[str, tuple[Any, Any]] = {
    "date": (Date, None),
    "party": (Party, None),
    "person": (Person, False),
    "note": (Note, None),
    "doc": (Papers, None),
    "as_name": (As, None),
    "book": (Book, None),
    "key": (Key, None),
    "as_json": (Json, False),
}

Ask = TypeVar("Ask", bound=Callable[..., dict[str, Any]])


def event(verb: str) -> Callable[[Ask], Ask]:
    """Make a function that gathers an event's own facts into a command with the options that all events share.

    The function returns the facts as typed; the command drafts the event and prints the draft.
    """

    def wrap(gather: Ask) -> Ask:
        own = inspect.signature(gather, eval_str=True).parameters
        kind = PROPOSE[verb][0] if verb in PROPOSE else Reverse
        paying = {name: option for name, option in _PAYING.items() if name in kind.model_fields}
        # What moves in a bank account has the bank's number.
        shared_here = _SHARED | ({"serial": (Serial, None)} if "bank" in own else {})

        def command(**given: Any) -> None:
            shared = {name: given.pop(name) for name in shared_here}
            paid = {name: given.pop(name) or None for name in paying}
            typed = gather(**given) | paid
            typed["date"] = shared["date"]
            typed |= {"party": shared["party"], "note": shared["note"], "serial": shared.get("serial")}
            typed |= {"person": True} if shared["person"] else {}
            desk = session.desk(shared["as_name"], shared["book"])
            made = desk.record(verb, typed, key=shared["key"], papers=shared["doc"])
            session.output(as_json=shared["as_json"]).draft(made)

        extra = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=option)
            for name, (option, default) in (paying | shared_here).items()
        ]
        parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own.values()] + extra
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        command.__name__ = gather.__name__
        command.__doc__ = gather.__doc__
        return command  # type: ignore[return-value]

    return wrap
