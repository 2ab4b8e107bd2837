"""What stands on a notice, word by word: this, as canonical JSON, is a leaf of the book's log once it is published.

Every visible word is part of it, labels and foot included, so that a paper can be compared with the log whatever it
was printed with. An amount that vouchers make is a figure: it stands in the text as people read it, and beside it stand
the vouchers that it is the sum of, and which of their postings count how.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger import money

FORM = "earmark/notice/1"


@dataclass(frozen=True)
class Figure:
    """An amount in fen: what vouchers make, or a sum of other figures, or neither, and the register has it.

    `name` is figure, project and channel such as ``paid/P001/JT2024``. `vouchers` has the part of each voucher in fen
    by number; `counts` says how a posting counts, 1 or -1, by account and commodity with a blank between. `sums` are
    the figures that it is the sum of by name, each counted 1 or -1 times.
    """

    name: str
    amount: int
    vouchers: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, int] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """Return the amount as the notice shows it, in yuan."""
        return money.yuan(self.amount)


@dataclass(frozen=True)
class Field:
    """A numbered field of a notice: its name in the catalogue, its label, its lines, and the figures in them."""

    name: str
    label: str
    lines: tuple[str, ...]
    figures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of a notice; `figures` are the names of the figures in its cells."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """A notice: its kind, what it is about, its language, and every word on it from the title to the foot."""

    kind: str
    book: str
    subject: str
    lang: str
    title: str
    lead: tuple[str, ...]
    fields: tuple[Field, ...]
    tables: tuple[Table, ...]
    foot: tuple[str, ...]
    figures: Mapping[str, Figure]

    def words(self) -> list[tuple[str, str]]:
        """Return every visible text in the order of reading, each with the label of the place where it stands."""
        found = [("title", self.title), *(("lead", line) for line in self.lead)]
        for each in self.fields:
            found += [(each.label, each.label), *((each.label, line) for line in each.lines)]
        for table in self.tables:
            found.append((table.caption, table.caption))
            found += [(table.caption, column) for column in table.columns]
            for row in table.rows:
                found += [(f"{table.caption} · {row[0]} · {table.columns[i]}", cell) for i, cell in enumerate(row)]
        return found + [("foot", line) for line in self.foot]

    def plain(self) -> dict[str, Any]:
        """Return the notice as the log keeps it: text, whole numbers, lists and tables; amounts are text in yuan."""
        return {
            "form": FORM,
            "notice": self.kind,
            "about": self.subject,
            "lang": self.lang,
            "title": self.title,
            "lead": list(self.lead),
            "fields": [
                {"name": each.name, "label": each.label, "lines": list(each.lines), "figures": list(each.figures)}
                for each in self.fields
            ],
            "tables": [
                {
                    "caption": each.caption,
                    "columns": list(each.columns),
                    "rows": [list(row) for row in each.rows],
                    "figures": list(each.figures),
                }
                for each in self.tables
            ],
            "foot": list(self.foot),
            "figures": [
                {
                    "name": each.name,
                    "amount": money.plain(each.amount),
                    "vouchers": [[number, money.plain(part)] for number, part in each.vouchers.items()],
                    "counts": [[key, count] for key, count in sorted(each.counts.items())],
                    "sums": [[name, count] for name, count in each.sums.items()],
                }
                for each in self.figures.values()
            ],
        }


def read(book: str, data: Mapping[str, Any]) -> Content:
    """Return the notice that the log keeps.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    if data["form"] != FORM:
        raise ValueError(data["form"])
    figures = [
        Figure(
            _text(each["name"]),
            _fen(each["amount"]),
            {_text(number): _fen(part) for number, part in each["vouchers"]},
            {_text(key): int(count) for key, count in each["counts"]},
            {_text(name): int(count) for name, count in each["sums"]},
        )
        for each in data["figures"]
    ]
    return Content(
        kind=_text(data["notice"]),
        book=book,
        subject=_text(data["about"]),
        lang=_text(data["lang"]),
        title=_text(data["title"]),
        lead=_texts(data["lead"]),
        fields=tuple(
            Field(_text(each["name"]), _text(each["label"]), _texts(each["lines"]), _texts(each["figures"]))
            for each in data["fields"]
        ),
        tables=tuple(
            Table(
                _text(each["caption"]),
                _texts(each["columns"]),
                tuple(_texts(row) for row in each["rows"]),
                _texts(each["figures"]),
            )
            for each in data["tables"]
        ),
        foot=_texts(data["foot"]),
        figures={each.name: each for each in figures},
    )


def _texts(found: Sequence[Any]) -> tuple[str, ...]:
    return tuple(map(_text, found))


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError(found)
    return found


def _fen(found: Any) -> int:
    """Read an amount as `money.plain` writes it, and no other way: one amount, one text."""
    whole, point, part = _text(found).removeprefix("-").partition(".")
    if point != "." or len(part) != 2 or not (whole + part).isdecimal() or not (whole + part).isascii():  # noqa: PLR2004
        raise ValueError(found)
    fen = int(whole + part) * (-1 if found.startswith("-") else 1)
    if money.plain(fen) != found:
        raise ValueError(found)
    return fen
