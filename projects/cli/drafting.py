"""Commands that draft: a function gathers an event's own facts, the options that all events share are added here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from projects.cli.session import Party, Person, Serial, session
from projects.cli.shared import HOW, WHEN, Ask, Options, beside
from projects.events.requests import Reverse
from projects.events.verbs import PROPOSE

_PAYING: Options = {
    "payee": (Annotated[str | None, typer.Option("--payee", metavar="CODE", help="@option.payee")], None),
    "invoices": (
        Annotated[list[str] | None, typer.Option("--invoice", metavar="NUMBER[=AMOUNT]", help="@option.invoice")],
        None,
    ),
}
"""The options of events that pay somebody, or name who will be paid."""

_SHARED: Options = {**WHEN, "party": (Party, None), "person": (Person, False), **HOW}


def event(verb: str) -> Callable[[Ask], Ask]:
    """Make a function that gathers an event's own facts into a command with the options that all events share.

    The function returns the facts as typed; the command drafts the event and prints the draft.
    """

    def wrap(gather: Ask) -> Ask:
        kind = PROPOSE[verb][0] if verb in PROPOSE else Reverse
        paying = {name: option for name, option in _PAYING.items() if name in kind.model_fields}
        # What moves in a bank account has the bank's number.
        serial = {"serial": (Serial, None)} if "bank" in inspect.signature(gather).parameters else {}

        def draft(typed: dict[str, Any], shared: dict[str, Any]) -> None:
            typed |= {name: shared[name] or None for name in paying}
            typed["date"] = shared["date"]
            typed |= {"party": shared["party"], "note": shared["note"], "serial": shared.get("serial")}
            typed |= {"person": True} if shared["person"] else {}
            desk = session.desk(shared["as_name"], shared["book"])
            made = desk.record(verb, typed, key=shared["key"], papers=shared["doc"])
            session.output(as_json=shared["as_json"]).draft(made)

        return beside(gather, {**paying, **_SHARED, **serial}, draft)

    return wrap
