"""A command that tells something of a project's life: the options that all of them share, and what they print."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from ledger import facts, messages
from ledger.facts import Fact
from ledger.text import parse_date
from projects.cli.facts import name_of, says
from projects.cli.session import As, Book, Date, Json, Key, Note, Papers, session
from projects.life.deliberations import fault
from projects.life.desk import tell
from projects.policy import policy_at

_SHARED: dict[str, tuple[Any, Any]] = {
    "date": (Date, None),
    "note": (Note, None),
    "doc": (Papers, None),
    "as_name": (As, None),
    "book": (Book, None),
    "key": (Key, None),
    "as_json": (Json, False),
}

Ask = TypeVar("Ask", bound=Callable[..., dict[str, Any]])


def told(verb: str) -> Callable[[Ask], Ask]:
    """Make a function that gathers what is told into a command with the options that all of them share."""

    def wrap(gather: Ask) -> Ask:
        own = inspect.signature(gather, eval_str=True).parameters

        def command(**given: Any) -> None:
            shared = {name: given.pop(name) for name in _SHARED}
            typed = gather(**given) | {"date": shared["date"], "note": shared["note"]}
            desk = session.desk(shared["as_name"], shared["book"])
            made = tell(desk, verb, typed, key=shared["key"], papers=shared["doc"] or ())
            _say(made, as_json=shared["as_json"])

        extra = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            for name, (kind, default) in _SHARED.items()
        ]
        parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own.values()] + extra
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        command.__name__ = gather.__name__
        command.__doc__ = gather.__doc__
        return command  # type: ignore[return-value]

    return wrap


def _say(made: dict[str, Any], *, as_json: bool) -> None:
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        fact = facts.need(connection, made["log"], made["fact"])
        why = fault(fact, policy_at(connection, parse_date(fact.on))) if fact.kind == "deliberation" else None
    failed = messages.phrase(why, session.lang) if why else None
    if output.data(made | ({"counts": why is None, "why": failed} if fact.kind == "deliberation" else {})):
        return
    output.say("print.told", fact=fact.label, what=name_of(fact.kind), date=fact.on, about=fact.subject)
    shown = says(_worded(fact))
    if shown:
        output.sentence(shown, indent=2)
    if failed:
        output.say("print.does-not-count", why=failed)


def _worded(fact: Fact) -> dict[str, Any]:
    """Return what a fact says with its codes as words, in the order in which the catalogue names them."""
    order = {key: place for place, key in enumerate(messages.catalogue("projects", session.lang))}
    keys = sorted(fact.data, key=lambda key: order.get(f"fact.{key}", len(order)))
    return {key: word(key, fact.data[key]) for key in keys}


def word(key: str, value: Any) -> Any:
    """Return a value as people read it: a code of a choice by its name."""
    name = f"choice.{key}.{value}"
    return session.text(name) if isinstance(value, str) and messages.has("projects", name, session.lang) else value
