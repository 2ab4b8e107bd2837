"""Forms made from what events ask for: one field per fact in a clerk's order, and which field a refusal is about."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any, get_args

from ledger import messages
from ledger.errors import Refusal, TextMissing
from ledger.messages import Lang
from projects.errors import PageForbidden
from projects.events.verbs import PROPOSE
from projects.procurement import KIND as PROCUREMENT
from projects.procurement import Procure
from projects.registration import REGISTER, AddInvoice
from projects.request import OneOf, Request
from projects.telling import TELL
from projects.web import instead
from projects.web.known import KNOWN, Known, code_of

LISTS = frozenset({"invoices", "parts", "observe", "lines", "assets", "items", "assigned", "groups"})
"""Facts of which there are several: one a line."""
NUMBERS = frozenset({"amount", "settled", "rate", "offset", "price", "estimate"})
BEHIND = ("date", "note")
"""What every telling has stands last, and what else every event has is not asked for."""

LONGEST_NAME = 24
"""A help begins with what it is the help of, in so many letters, and a colon."""


@dataclass(frozen=True)
class Input:
    """One field of a form, filled with what was typed."""

    name: str
    kind: str
    label: str
    needed: bool
    value: str
    hint: str
    error: str = ""
    choices: Sequence[tuple[str, str]] = ()
    """Codes with their names, where it is one of a few."""


@dataclass(frozen=True)
class Form:
    """The fields of an event: by group those that are asked for first, then what is seldom told.

    `opened` says that the seldom ones are to be seen, because one of them holds something or is refused; `first` is
    the field at which a hand at the keyboard begins: the one that was refused, else the first.
    """

    groups: list[tuple[str, list[Input]]]
    seldom: list[Input]
    opened: bool
    first: str


def kind_of(verb: str) -> type[Request] | None:
    """Return what an event asks for, None for one that there is not."""
    return PROPOSE[verb][0] if verb in PROPOSE else None


def need_told(verb: str) -> type[Request]:
    """Return what is asked for where something is told that moves no money.

    Raises:
        PageForbidden: there is no such form.
    """
    if verb not in tellings():
        raise PageForbidden(about="verb", verb=verb)
    return Procure if verb == PROCUREMENT else TELL[verb][0]


def tellings(*of: str) -> list[str]:
    """Return what can be told at the desk but for what has pages of its own: of a project, of a village, of both."""
    return [verb for group, verbs in _table()["tellings"].items() if not of or group in of for verb in verbs]


def telling(
    verb: str, kind: type[Request], typed: Mapping[str, str], lang: Lang, *, refused: tuple[str, str] = ("", "")
) -> Form:
    """Return the form of something told: needed facts first, in the order of what it asks for."""
    # A book is of one village, and every telling at it is of that one.
    own = [name for name in kind.model_fields if name not in {*Request.model_fields, "village"}]
    own += ["person"] * (verb == PROCUREMENT)
    names = sorted(own, key=lambda name: not _needed(kind, name)) + list(BEHIND)
    return _one_group("told", [_told(verb, kind, name, typed, lang, refused) for name in names])


def registering(verb: str, typed: Mapping[str, str], lang: Lang, *, refused: tuple[str, str] = ("", "")) -> Form:
    """Return the form of something that is registered for the whole office, in the order of what it asks for."""
    kind = REGISTER[verb][0]
    names = [name for name in kind.model_fields if name not in Request.model_fields] + ["date"] * (kind is AddInvoice)
    fields = [_told(verb, kind, name, typed, lang, refused) for name in names]
    return _one_group("told", [replace(each, needed=each.needed or each.name == "date") for each in fields])


def registrations() -> list[str]:
    """Return what a maker can register for the whole office at the desk."""
    return [verb for verbs in _table()["registering"].values() for verb in verbs]


def _one_group(name: str, fields: list[Input]) -> Form:
    wrong = next((each.name for each in fields if each.error), "")
    first = next((each.name for each in fields if not each.value), fields[0].name)
    return Form([(name, fields)], [], opened=False, first=wrong or first)


def _told(
    verb: str, kind: type[Request], name: str, typed: Mapping[str, str], lang: Lang, refused: tuple[str, str]
) -> Input:
    say = partial(messages.text, "projects")
    fact = f"fact.{name.replace('_', '-')}"
    label = _table()["label"].get(f"{verb}.{name}") or (fact if messages.has("projects", fact, lang) else "")
    hints = (f"web.told-hint.{verb}-{name}", f"web.told-hint.{name}")
    hint = next((each for each in hints if messages.has("projects", each, lang)), "")
    return Input(
        name,
        _widget(kind, name),
        say(label or f"web.field.{name}", lang),
        _needed(kind, name),
        typed.get(name, ""),
        say(hint, lang) if hint else "",
        refused[1] if refused[0] == name else "",
        [(each, _choice(kind, name, each, lang)) for each in _choices(kind, name) if each],
    )


def _choice(kind: type[Request], name: str, code: str, lang: Lang) -> str:
    """Return how one of a few words is called."""
    about = next(each.about for each in kind.model_fields[name].metadata if isinstance(each, OneOf))
    keys = (f"choice.{name}.{code}", f"choice.{about}.{code}", f"{about}.{code}", f"{name}.{code}")
    return messages.text("projects", next(each for each in keys if messages.has("projects", each, lang)), lang)


def _choices(kind: type[Request], name: str) -> Sequence[str]:
    """Return the few words of which a fact is one, none where it is anything."""
    return next((each.choices for each in kind.model_fields[name].metadata if isinstance(each, OneOf)), ())


def form(verb: str, typed: Mapping[str, str], lang: Lang, *, refused: tuple[str, str] = ("", "")) -> Form:
    """Return an event's form, the `refused` field with its sentence."""
    kind = PROPOSE[verb][0]
    table = _table()
    seldom = {*table["seldom"]["always"]} - {*table["seldom"]["but"].get(verb, ())}

    def field(name: str) -> Input:
        hint = f"web.hint.{name}"
        return Input(
            name,
            _widget(kind, name),
            messages.text("projects", f"web.field.{name}", lang),
            _needed(kind, name),
            typed.get(name, ""),
            messages.text("projects", hint, lang) if messages.has("projects", hint, lang) else "",
            refused[1] if refused[0] == name else "",
        )

    groups, behind = [], []
    for group, names in table["group"].items():
        fields = [field(name) for name in names if name in kind.model_fields]
        behind += [each for each in fields if each.name in seldom and not each.needed]
        shown = [each for each in fields if each not in behind]
        if shown:
            groups.append((group, sorted(shown, key=lambda each: not each.needed)))
    groups.sort(key=lambda each: not any(one.needed for one in each[1]))
    opened = any(each.value or each.error for each in behind)
    first = next((each.name for each in behind if each.error), "")
    asked = [each for _, fields in groups for each in fields]
    return Form(groups, behind, opened, first or next((each.name for each in asked if each.error), "") or asked[0].name)


def facts(kind: type[Request], typed: Mapping[str, str], known: Known) -> dict[str, Any]:
    """Return what was typed into a form as the command line would have it.

    An empty field was not typed, and of what the book has a name means its code.
    """
    found: dict[str, Any] = {}
    for name in kind.model_fields:
        value = typed.get(name, "").strip()
        if not value or name == "documents":
            continue
        if kind.model_fields[name].annotation is bool:
            found[name] = True
        elif name in LISTS:
            found[name] = [line.strip() for line in value.splitlines() if line.strip()]
        else:
            found[name] = code_of(value, known.get(name, ()))
    return found


def typed(request: Mapping[str, Any]) -> dict[str, str]:
    """Return what a draft was asked for as its form holds it: of several facts each on a line, a choice as 1."""
    found = {}
    for name, value in request.items():
        if isinstance(value, bool):
            found[name] = "1" if value else ""
        elif isinstance(value, list | tuple):
            found[name] = "\n".join(map(str, value))
        else:
            found[name] = str(value)
    return found


def lacks(kind: type[Request], asked: Mapping[str, Any]) -> list[str]:
    """Return the needed facts that were not told yet."""
    return [name for name in kind.model_fields if _needed(kind, name) and name not in asked]


def about(kind: type[Request], asked: Mapping[str, Any], refusal: Refusal) -> str:
    """Return the field beside which a refusal stands, "" where it is about the whole."""
    if isinstance(refusal, TextMissing) and refusal.facts.get("field") in kind.model_fields:
        return str(refusal.facts["field"])
    if unread := _unread(kind, asked, refusal):
        return unread
    text = str(refusal.facts.get("text", ""))
    for name, value in asked.items():
        if text and isinstance(value, str) and value.casefold() == text.casefold():
            return name
    beside = _table()["beside"]
    named = beside.get(f"{refusal.code}.{refusal.facts.get('about')}") or beside.get(refusal.code, ())
    places = [each for each in named if each in kind.model_fields]
    return next((each for each in places if each in asked), "") or next(iter(places), "")


def sure(kind: type[Request], asked: Mapping[str, Any], refusal: Refusal, *, typing: str) -> bool:
    """Tell whether a refusal will stand whatever else is typed into the field in which somebody is typing.

    What cannot be read may be half a word, and half a code is another code. An amount only grows while it is typed, so
    that one that is more than what is left will be.
    """
    if not typing:
        return True
    if unread := _unread(kind, asked, refusal):
        return unread != typing
    return _widget(kind, typing) == "amount"


def _unread(kind: type[Request], asked: Mapping[str, Any], refusal: Refusal) -> str:
    """Return the field without which a refusal is not said when the request is read, "" where there is none."""
    if not _said(kind, asked, refusal):
        return ""
    for name in asked:
        if not _said(kind, {key: value for key, value in asked.items() if key != name}, refusal):
            return name
    return ""


def _said(kind: type[Request], asked: Mapping[str, Any], refusal: Refusal) -> bool:
    """Tell whether reading the request says this refusal."""
    try:
        kind.read(asked)
    except Refusal as other:
        return type(other) is type(refusal) and other.facts == refusal.facts
    return False


def _needed(kind: type[Request], name: str) -> bool:
    return kind.model_fields[name].is_required() and name != "date"


def _widget(kind: type[Request], name: str) -> str:
    if kind.model_fields[name].annotation is bool:
        return "flag"
    if _choices(kind, name):
        return "choice"
    if name in LISTS:
        return "lines"
    if _is_day(kind, name):
        return "day"
    if name in KNOWN or name == "type":
        return "known"
    return "amount" if name in NUMBERS else "text"


def _is_day(kind: type[Request], name: str) -> bool:
    annotation = kind.model_fields[name].annotation
    parts = get_args(annotation) or (annotation,)
    return date in {(get_args(each) or (each,))[0] for each in parts}


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def events(lang: Lang) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the events by what a clerk is busy with, each with what it is for, "" where its name says all of it."""
    return _grouped("events", lang)


def told(lang: Lang) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what can be told, as `events` does."""
    return _grouped("tellings", lang)


def registered(lang: Lang) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what can be registered for the whole office, as `events` does."""
    return _grouped("registering", lang)


def _grouped(what: str, lang: Lang) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(group, [(verb, use(verb, lang)) for verb in verbs]) for group, verbs in _table()[what].items()]


def use(verb: str, lang: Lang) -> str:
    """Return what an event is for: the help of its command, without its name again."""
    said = instead.text(f"help.{instead.command_of(verb).replace(' ', '-')}", lang)
    name = messages.text("projects", f"web.verb.{verb}", lang)
    before, colon, behind = said.partition("：" if lang == "zh" else ": ")
    if colon and len(before) <= LONGEST_NAME:
        said = behind[:1].upper() + behind[1:]
    return "" if said.rstrip("。.") == name else said


def placed() -> Collection[str]:
    """Return the facts that have a place in a form of an event."""
    return [name for names in _table()["group"].values() for name in names]


def places() -> Mapping[str, Collection[str]]:
    """Return by a refusal's code the facts beside which it may stand."""
    found: Mapping[str, Collection[str]] = _table()["beside"]
    return found
