"""What of the record may be shown, and how: the policy is data, ``privacy.toml``, and nothing passes it by.

Names that the record holds in its private store are looked for in every text that is shown, wherever somebody typed
them; numbers of persons are known by their shape.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, text

from projects.entries import masked

FILE = "privacy.toml"
MASK = "***"
_MASKED = re.compile(r".某+|.\*\*\*|某", re.DOTALL)
"""A person's name as the record itself shows it."""


@cache
def policy() -> Mapping[str, Any]:
    """Return the policy that is shipped."""
    return tomllib.loads(files("projects.opendata").joinpath(FILE).read_text(encoding="utf-8"))


@cache
def _patterns() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in policy()["patterns"].values()))


@dataclass(frozen=True)
class Privacy:
    """Shows fields by the policy; `names` are the private words of this record, by their length."""

    names: Mapping[int, frozenset[str]]

    def show(self, field: str, value: object) -> str:
        """Return what may be shown of a field; a person as a payee is nobody in particular and comes back empty."""
        said = str(value or "")
        how = policy()["fields"][field]
        if how in {"never", "group"}:
            return ""
        if how == "plain":
            return said
        if how == "payee":
            return "" if is_person(said) or said in self.names.get(len(said), ()) else self.scrub(said)
        if how == "office" and said and not said.endswith(tuple(policy()["words"]["office"])):
            return said if _MASKED.fullmatch(said) else masked(said)
        return self.scrub(said)

    def scrub(self, said: str) -> str:
        """Return a text without the numbers of persons, and with known names masked."""
        found = _patterns().sub(MASK, said)
        for length, names in self.names.items():
            at = 0
            while at + length <= len(found):
                word = found[at : at + length]
                if word in names:
                    shown = MASK if word[0].isdigit() else masked(word)
                    found = found[:at] + shown + found[at + length :]
                    at += len(shown)
                else:
                    at += 1
        return found


def is_person(name: str) -> bool:
    """Tell whether a name is that of a person as the record masks it."""
    return bool(_MASKED.fullmatch(name))


def privacy_of(connection: Connection) -> Privacy:
    """Return what shows fields of this record."""
    words = {str(row.value).strip() for row in connection.execute(_VALUES)}
    row: Any
    for row in connection.execute(_NAMES):
        number = str(row.field).removeprefix("name-")
        groups = json.loads(row.leaf).get("data", {}).get("groups") or []
        # A group of many households is no person: its name stays.
        at = int(number) - 1 if number.isdigit() else -1
        if not 0 <= at < len(groups) or groups[at].get("households", 1) == 1:
            words.add(str(row.value).strip())
    by_length: dict[int, set[str]] = defaultdict(set)
    for word in words:
        if len(word) > 1:
            by_length[len(word)].add(word)
    return Privacy({length: frozenset(found) for length, found in sorted(by_length.items(), reverse=True)})


_VALUES = text("SELECT value FROM private_value UNION SELECT value FROM private_fact WHERE field NOT LIKE 'name-%'")
_NAMES = text(
    "SELECT p.field, p.value, l.leaf FROM private_fact p "
    "JOIN log_leaf l ON l.log = p.log AND l.position = p.position WHERE p.field LIKE 'name-%'"
)
