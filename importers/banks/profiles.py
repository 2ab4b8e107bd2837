"""The shapes in which banks export statements, as data: which column says what, and how money out is told.

A shape is a table in ``importers/banks/profiles/*.toml`` or in a folder of the office's own. Its `header` names the
columns by which it is recognised, in any order; ``摘要|交易用途`` is either of the two. Direction is told by two
columns (`in`, `out`), by the sign of one (`amount`), or by a word beside it (`mark`). A bank's 借方 is its own debit:
money out for the village.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from importers.errors import ProfileUnfit

OUT = frozenset({"借", "借方", "支", "支出", "付", "付款", "出", "转出", "D"})
IN = frozenset({"贷", "贷方", "收", "收入", "收款", "入", "转入", "C"})
"""Words that stand beside an amount; the bank's debit is out, its credit is in."""

_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_WORDS = ("bank", "kind", "date", "balance")
_OPTIONAL = ("time", "amount", "mark", "serial", "currency", "own", "payee", "payee_account", "party")
_LISTS = ("header", "text", "end")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A shape; each column is named as its header says, empty where the bank has none.

    `money_in` and `money_out` are two columns, or `amount` is one, signed unless `mark` tells the direction. `party`
    is a column with account and name of the other side in one cell. What begins with a word of `end` is the footer.
    """

    code: str
    bank: str
    kind: str
    header: tuple[str, ...]
    date: str
    balance: str
    money_in: str = ""
    money_out: str = ""
    amount: str = ""
    mark: str = ""
    time: str = ""
    serial: str = ""
    currency: str = ""
    own: str = ""
    payee: str = ""
    payee_account: str = ""
    party: str = ""
    text: tuple[str, ...] = ()
    end: tuple[str, ...] = ()

    def fits(self, header: Iterable[str]) -> bool:
        """Tell whether a row of headings, as `heading` writes them, has every column of this shape."""
        there = set(header)
        return all(not there.isdisjoint(name.split("|")) for name in self.header)


def heading(cell: str) -> str:
    """Return a heading without blanks and line breaks, in half width: ``日 志 号`` is ``日志号``."""
    return "".join(cell.translate(_HALF_WIDTH).split())


def profiles(folder: Path | None = None) -> tuple[Profile, ...]:
    """Return all shapes, those of a folder of the office's own first.

    Raises:
        ProfileUnfit: a file of the folder is no TOML, or a shape in it lacks what every shape needs.
    """
    own: list[Profile] = []
    for path in sorted(folder.glob("*.toml")) if folder and folder.is_dir() else []:
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ProfileUnfit(path=path, profile="", reason=str(error)) from None
        own += [_profile(code, table, path) for code, table in tables.items()]
    return (*own, *_shipped())


def choose(header: Sequence[str], among: Iterable[Profile]) -> Profile | None:
    """Return the shape that a row of headings has, the one that asks for most where several fit; None if none does."""
    names = [heading(cell) for cell in header]
    return max((each for each in among if each.fits(names)), key=lambda each: len(each.header), default=None)


@cache
def _shipped() -> tuple[Profile, ...]:
    found: list[Profile] = []
    for path in sorted(files("importers.banks").joinpath("profiles").iterdir(), key=lambda each: each.name):
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [_profile(code, table, path) for code, table in tables.items()]
    return tuple(found)


def _profile(code: str, table: Any, path: object) -> Profile:
    def unfit(key: str) -> ProfileUnfit:
        return ProfileUnfit(about="key", path=path, profile=code, key=key)

    if not isinstance(table, Mapping):
        raise unfit(code)
    for key in table:
        if key not in {*_WORDS, *_OPTIONAL, *_LISTS, "in", "out"}:
            raise unfit(key)
    facts: dict[str, Any] = {}
    for key in (*_WORDS, *_OPTIONAL, "in", "out"):
        value = table.get(key, "")
        if not isinstance(value, str) or (key in _WORDS and not value):
            raise unfit(key)
        facts[key] = value if key in {"bank", "kind"} else heading(value)
    for key in _LISTS:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise unfit(key)
        facts[key] = tuple(map(heading, value))
    facts["money_in"], facts["money_out"] = facts.pop("in"), facts.pop("out")
    two = bool(facts["money_in"] and facts["money_out"])
    if two == bool(facts["amount"]) or not facts["header"]:
        raise unfit("in, out" if facts["header"] else "header")
    return Profile(code=code, **facts)
