"""The file of a policy: TOML in, numbers by key out; what it does not know it refuses, and names what was meant."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from ledger.errors import Names, Refusal
from projects.errors import PolicyUnfit, PolicyUnknown, PolicyUnreadable
from projects.policy.gates import GATES
from projects.policy.model import kinds
from projects.policy.numbers import Gates, Number

FIELDS = ("value", "unit", "document", "number", "date", "mark")
"""What a file says of a number."""
LARGEST = 1_000_000
"""So many bytes a policy's file has at most."""


def read_file(path: Path) -> dict[str, dict[str, Any]]:
    """Return the numbers of a file by key.

    Raises:
        PolicyUnreadable: it is not there, too large, or no UTF-8.
        PolicyUnknown, PolicyUnfit: see `read`.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise PolicyUnreadable(about="file", path=str(path)[:200], reason=error) from None
    if len(content) > LARGEST:
        raise PolicyUnreadable(about="large", path=str(path)[:200], most=LARGEST)
    try:
        return read(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise PolicyUnreadable(about="encoding", path=str(path)[:200]) from None


def read(text: str) -> dict[str, dict[str, Any]]:
    """Return the numbers of a policy by key, such as ``retention.cap``, each as the log keeps it.

    Raises:
        PolicyUnreadable: it is no TOML.
        PolicyUnknown: it names a number, a gate or a fact that there is not.
        PolicyUnfit: a number is of another kind or lacks its unit or document.
    """
    try:
        # A share such as 2.5 stays the text that it is: nothing here ever becomes a float.
        told = tomllib.loads(text, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        # What is never closed is missed at the end.
        raise PolicyUnreadable(line=found[1] if found else len(text.splitlines())) from None
    numbers = {}
    groups = {key.partition(".")[0] for key in kinds()} | {"gates"}
    for group, inside in told.items():
        if group not in groups:
            raise PolicyUnknown(text=group, near=_near(group, groups))
        for name, said in inside.items() if isinstance(inside, dict) else [("", inside)]:
            key = f"{group}.{name}".rstrip(".")
            numbers[key] = number(key, said).fields
    return numbers


def number(key: str, said: Any) -> Number:
    """Return the number that is said to stand under a key.

    Raises:
        PolicyUnknown, PolicyUnfit: as in `read`.
    """
    kind = _kind(key)
    if not isinstance(said, Mapping):
        raise PolicyUnfit(about="table", key=key, fields=Names(FIELDS))
    for field in said:
        if field not in FIELDS:
            raise PolicyUnknown(about="field", text=field, key=key, near=_near(field, FIELDS))
    given = {field: value.isoformat() if isinstance(value, date) else value for field, value in said.items()}
    try:
        made = kind.model_validate({**given, "key": key})
    except ValidationError as error:
        problem = error.errors()[0]
        field = str(problem["loc"][0])
        about = "missing" if problem["type"] == "missing" else field if field in {"unit", "mark"} else ""
        units = get_args(kind.model_fields["unit"].annotation)
        raise PolicyUnfit(about=about, key=key, field=field, text=_short(given.get(field, "")), unit=units[0]) from None
    except Refusal as refusal:
        raise PolicyUnfit(about="because", key=key, because=refusal) from None
    if isinstance(made, Gates):
        for name in made.value:
            if name not in GATES[key.partition(".")[2]]:
                raise PolicyUnknown(about="gate", text=name, key=key, near=_near(name, GATES[key.partition(".")[2]]))
    return made


def _kind(key: str) -> type[Number]:
    group, _, name = key.partition(".")
    if group == "gates":
        if name not in GATES:
            raise PolicyUnknown(text=key, near=_near(key, (f"gates.{event}" for event in GATES)))
        return Gates
    if key not in kinds():
        raise PolicyUnknown(text=key, near=_near(key, kinds()))
    return kinds()[key]


def _near(text: str, known: Iterable[str]) -> Names:
    known = list(known)
    return Names(get_close_matches(text, known, n=1, cutoff=0.4) or known)


def _short(value: object) -> str:
    return " ".join(str(value).split())[:60]
