"""What is understood of a list: typed rows, sums, and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass

from importers.lists import masks
from importers.tables.shapes import Doubt, Total
from ledger.errors import Refusal

Value = str | int


@dataclass(frozen=True)
class ListRow:
    """A row by the names of its columns: fen under names that end so, text as written under the others."""

    sheet: str
    row: int
    values: dict[str, Value]

    @property
    def name(self) -> str:
        """What the row is about: a person, an asset, an indicator."""
        return str(next((self.values[key] for key in ("person", "asset", "indicator") if key in self.values), ""))

    @property
    def place(self) -> str:
        """Where it is."""
        return "".join(str(self.values.get(key, "")) for key in ("township", "village", "group", "place"))

    @property
    def fen(self) -> int | None:
        """Its money, what was paid before what is due."""
        found = [self.values[key] for key in ("amount_fen", "paid_fen", "due_fen", "value_fen") if key in self.values]
        return int(found[0]) if found else None

    def shown(self) -> dict[str, Value]:
        """Return the values as anybody may see them."""
        return {
            key: masks.masked(key, value) if isinstance(value, str) else value for key, value in self.values.items()
        }


@dataclass(frozen=True)
class Listing:
    """A list: `kind` is one of ``kinds.toml``."""

    kind: str
    title: str
    rows: tuple[ListRow, ...]
    totals: tuple[Total, ...]
    doubts: tuple[Doubt, ...]
    problems: tuple[Refusal, ...]
