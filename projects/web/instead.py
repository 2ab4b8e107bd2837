"""What the desk says where a shared sentence tells to type something at a terminal: the page, the form, the field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from ledger import messages
from ledger.errors import Phrase, Refusal
from ledger.messages import Instead, Lang
from projects.events.verbs import PROPOSE

COMMAND = "earmark "
DIRECT = ("deliberate", "approve", "inspect", "review", "procurement")
"""Commands of what is told that are called as their forms are."""
_OPTION = re.compile("--([a-z-]+)")


def explain(refusal: Refusal, lang: Lang) -> str:
    """Return the sentence of a refusal as the desk says it."""
    return messages.explain(refusal, lang, at_desk(lang))


def phrase(said: Phrase, lang: Lang) -> str:
    """Return words of a catalogue as the desk says them."""
    return messages.phrase(said, lang, at_desk(lang))


def text(key: str, lang: Lang, /, **facts: object) -> str:
    """Return a text of the application's catalogue as the desk says it."""
    return messages.text("projects", key, lang, at_desk(lang), **facts)


def saying(lang: Lang) -> Callable[..., str]:
    """Return what says texts of the application's catalogue in `lang`."""
    return lambda key, /, **facts: text(key, lang, **facts)


def at_desk(lang: Lang) -> Instead:
    """Return what says in `lang` where at the desk that is done which a message tells to type."""
    return lambda typed: _said(typed, lang)


@cache
def _said(typed: str, lang: Lang) -> str:
    say = partial(messages.text, "projects")
    if typed.startswith(COMMAND):
        if event := event_of(typed):
            return say("web.instead.event", lang, record=say("web.record", lang), event=say(f"web.verb.{event}", lang))
        page = page_of(typed)
        return say("web.instead.page", lang, page=say(page, lang)) if page else say("web.instead.nobody", lang)
    fields = [table()["field"][each] for each in _OPTION.findall(typed) if each in table()["field"]]
    return say("web.instead.field", lang, field=say(fields[0], lang)) if fields else say("web.instead.unknown", lang)


def event_of(typed: str) -> str:
    """Return the event that a command records and that has a form at the desk, "" where there is none."""
    known = {each: each for each in (*PROPOSE, *DIRECT)} | table()["event"]
    return next(
        (known[each] for words in _words(typed) for each in (words, words.replace(" ", "-")) if each in known), ""
    )


def command_of(verb: str) -> str:
    """Return the words of the command that records an event."""
    return next((words for words, event in table()["event"].items() if event == verb), verb)


def page_of(typed: str) -> str:
    """Return the words of the page on which the desk does what a command does, "" where it has none."""
    return next((table()["page"][words] for words in _words(typed) if words in table()["page"]), "")


def _words(typed: str) -> list[str]:
    """Return the first two words of a command, and the first one: what names a command is one of these."""
    words = typed.removeprefix(COMMAND).split()
    return [" ".join(words[:2]), words[0]]


@cache
def table() -> Mapping[str, Any]:
    """Return the table: commands by the page or event that they are at the desk, options by the field."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
