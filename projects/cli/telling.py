"""A command that tells something of a project's life: the options that all of them share, and what they print."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledger import facts, messages
from ledger.facts import Fact
from ledger.text import parse_date
from projects import told as words
from projects.cli.facts import name_of, says
from projects.cli.session import session
from projects.cli.shared import HOW, WHEN, Ask, beside
from projects.life.deliberations import fault
from projects.policy import policy_at
from projects.telling import tell


def told(verb: str) -> Callable[[Ask], Ask]:
    """Make a function that gathers what is told into a command with the options that all of them share."""

    def wrap(gather: Ask) -> Ask:
        def keep(typed: dict[str, Any], shared: dict[str, Any]) -> None:
            typed |= {"date": shared["date"], "note": shared["note"]}
            desk = session.desk(shared["as_name"], shared["book"])
            made = tell(desk, verb, typed, key=shared["key"], papers=shared["doc"] or ())
            _say(made, as_json=shared["as_json"])

        return beside(gather, {**WHEN, **HOW}, keep)

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
    return words.word(key, value, session.lang)
