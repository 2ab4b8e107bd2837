"""Forms made from what events ask for: one field per fact, and which field a refusal is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger import messages
from ledger.errors import Refusal, TextMissing
from ledger.messages import Lang
from projects.desk import PROPOSE
from projects.requests import Request

LISTS = frozenset({"invoices", "parts", "observe", "lines", "assets", "items", "assigned"})
"""Facts of which there are several: one a line."""
DAYS = frozenset({"date", "start", "until", "warranty_until", "due"})
LAST = ("date", "party", "person", "serial", "note")
"""What all events have comes after what is their own."""
KNOWN = frozenset({"project", "channel", "bank", "payee", "contract", "from_channel", "to_channel", "good", "loan"})
"""Facts for which the page offers what the book has."""


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


def kind_of(verb: str) -> type[Request] | None:
    """Return what a verb asks for, None for a verb that there is not."""
    return PROPOSE[verb][0] if verb in PROPOSE else None


def inputs(
    kind: type[Request], typed: Mapping[str, str], lang: Lang, *, refused: tuple[str, str] = ("", "")
) -> list[Input]:
    """Return the fields of a form in their order, the `refused` one with its sentence."""
    names = [name for name in kind.model_fields if name not in (*LAST, "documents")]
    found = []
    for name in [*names, *(each for each in LAST if each in kind.model_fields)]:
        needed = kind.model_fields[name].is_required() and name != "date"
        hint = f"web.hint.{name}"
        found.append(
            Input(
                name,
                _widget(kind, name),
                messages.text("projects", f"web.field.{name}", lang),
                needed,
                typed.get(name, ""),
                messages.text("projects", hint, lang) if messages.has("projects", hint, lang) else "",
                refused[1] if refused[0] == name else "",
            )
        )
    return found


def facts(kind: type[Request], typed: Mapping[str, str]) -> dict[str, Any]:
    """Return what was typed into a form as the command line would have it: an empty field was not typed."""
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
            found[name] = value
    return found


def about(kind: type[Request], asked: Mapping[str, Any], refusal: Refusal) -> str:
    """Return the field without which a refusal is not said, "" where it is about the whole."""
    if isinstance(refusal, TextMissing) and refusal.facts.get("field") in kind.model_fields:
        return str(refusal.facts["field"])
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


def _widget(kind: type[Request], name: str) -> str:
    if kind.model_fields[name].annotation is bool:
        return "flag"
    if name in LISTS:
        return "lines"
    if name in DAYS:
        return "day"
    if name in KNOWN:
        return "known"
    return "amount" if name == "amount" else "text"
