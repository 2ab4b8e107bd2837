"""Commands that draft: a function gathers an event's own facts, the options that all events share are added here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from projects.cli.session import As, Book, Date, Json, Key, Note, Papers, Party, Person, Serial, session
from projects.events.requests import Reverse
from projects.events.verbs import PROPOSE

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
