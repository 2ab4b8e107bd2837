"""What an office says of its tables where the words do not suffice: fixed by hand, kept for its next file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from importers.errors import MappingUnfit
from importers.tables.vocabulary import heading, vocabulary
from ledger.errors import Names

UNITS = ("元", "万元")


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """Kinds of columns by their heading, the unit where none is stated, channels of the office by published name."""

    columns: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    channels: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    """What accounts of a ledger, with all below them, are here: ``P001/bank:B01/JT2024``, or ``ignore``."""

    def __or__(self, other: Mapping) -> Mapping:
        """Return both, `other` deciding where they differ."""
        return Mapping(
            columns=self.columns | other.columns,
            unit=other.unit or self.unit,
            channels=self.channels | other.channels,
            accounts=self.accounts | other.accounts,
        )

    def kind(self, said: str) -> str:
        """Return what the office says that a heading means, or nothing."""
        return self.columns.get(said, "")


def make(
    columns: dict[str, str],
    unit: str,
    channels: dict[str, str],
    accounts: dict[str, str] | None = None,
    *,
    path: object = "",
) -> Mapping:
    """Return a mapping.

    Raises:
        MappingUnfit: a kind or a unit that does not exist.
    """
    kinds = (*dict.fromkeys(vocabulary().exact.values()), "money", "ignore")
    for said, kind in columns.items():
        if kind not in kinds:
            raise MappingUnfit(about="kind", path=path, text=f"{said}={kind}", choices=Names(kinds))
    if unit and unit not in UNITS:
        raise MappingUnfit(about="unit", path=path, text=unit, choices=Names(UNITS))
    known = {heading(said)[0]: kind for said, kind in columns.items()}
    return Mapping(columns=known, unit=unit, channels=channels, accounts=accounts or {})


def load(path: Path) -> Mapping:
    """Return the mapping that is kept at `path`.

    Raises:
        MappingUnfit: it is not there, or not what we write.
    """
    try:
        kept = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingUnfit(path=path, reason=error) from None
    columns, unit, channels = kept.get("column", {}), kept.get("unit", ""), kept.get("channel", {})
    accounts = kept.get("account", {})
    tables: list[Any] = [columns, channels, accounts]
    if not isinstance(unit, str) or not all(
        isinstance(table, dict) and all(isinstance(value, str) for value in table.values()) for table in tables
    ):
        raise MappingUnfit(path=path, reason="TOML")
    return make(columns, unit, channels, accounts, path=path)


def text(mapping: Mapping) -> str:
    """Return a mapping as the TOML text that is kept."""
    lines = [f"unit = {_quoted(mapping.unit)}"] if mapping.unit else []
    for name, table in (("column", mapping.columns), ("channel", mapping.channels), ("account", mapping.accounts)):
        if table:
            lines += ["", f"[{name}]", *(f"{_quoted(key)} = {_quoted(value)}" for key, value in sorted(table.items()))]
    return "\n".join(lines).lstrip("\n") + "\n"


def _quoted(text: str) -> str:
    escaped = "".join(
        f"\\u{ord(each):04x}" if each < " " or each == "\x7f" else f"\\{each}" if each in '\\"' else each
        for each in text
    )
    return f'"{escaped}"'
