"""Rows below a header: which of them are data, what they name, and what each of their channels gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from importers.errors import CellAmountUnfit
from importers.plans import parse_channels
from importers.reader import column_name
from importers.tables import amounts, funds, header, places
from importers.tables.grid import Grid
from importers.tables.header import Header
from importers.tables.shapes import Column, Doubt, Part, Passed
from importers.tables.vocabulary import clean, unit_of, vocabulary
from ledger.errors import Refusal

TEXTS = ("content", "quantity", "unit", "type", "when", "responsible", "benefit", "remark", "households")
_CARRIED = ("township", "county")
"""What is written once for several rows, also where no merge says so."""


@dataclass
class Draft:
    """A row while it is being understood."""

    row: int
    number: str
    name: str
    texts: dict[str, str]
    township: str = ""
    village: str = ""
    place: str = ""
    parts: list[Part] = field(default_factory=list)
    stated: dict[str, int] = field(default_factory=dict)
    """What the columns of sums say, by heading."""
    investment: int | None = None
    total: str = ""
    """``total`` or ``subtotal`` if the row states a sum of others."""
    section: str = ""
    role: str = "project"
    bad: bool = False

    @property
    def fen(self) -> int | None:
        """All that its parts give."""
        known = [part.fen for part in self.parts if part.fen is not None]
        return sum(known) if known else None


class Rows:
    """The rows of one table as they are read, in order; doubts, problems and rows passed over beside them."""

    def __init__(self, grid: Grid, head: Header, *, fund: str, unit: str) -> None:
        self.grid = grid
        self.head = head
        self.fund = fund
        self.unit = unit
        self.drafts: list[Draft] = []
        self.passed: list[Passed] = []
        self.doubts: list[Doubt] = []
        self.problems: list[Refusal] = []
        self.guessed = False
        """Whether an amount was read for whose unit there is only custom."""
        self._section = self._section_fund = ""
        self._carried: dict[str, str] = {}
        self._titles = [grid.filled(row) for row in head.rows]

    def read(self, row: int) -> None:
        """Read one row."""
        texts = self.grid.filled(row)
        money = [column for column in self.head.of("money", "amount", "total", "investment") if self._cell(row, column)]
        if texts in self._titles:
            self._pass(row, "header")
        elif header.is_note(texts[0]) and not money:
            self._pass(row, "note")
        elif label := next((sum_ for text in texts[:2] if (sum_ := header.is_total(text))), ""):
            self._total(row, label, texts[0])
        elif len(texts) == 1 and not money and self._alone(row):
            self._heading(row, texts[0])
        else:
            self._data(row)

    def _alone(self, row: int) -> bool:
        """Tell whether the only text of a row stands where a heading would, with no merge that says more."""
        cells = self.grid.cells(row)
        index = next(index for index, cell in enumerate(cells) if cell.strip())
        covered = any(self.grid.covering(row, column.index) for column in self.head.columns)
        names = [column.index for column in self.head.of("number", "name")]
        return index in {self.head.columns[0].index, *names} and (not covered or index == 0)

    def _cell(self, row: int, column: Column) -> str:
        text = self.grid.cell(row, column.index)
        return "" if amounts.is_empty(text) else text

    def _pass(self, row: int, kind: str) -> None:
        self.passed.append(Passed(self.grid.sheet, row, kind, clean(" ".join(self.grid.filled(row)))))

    def _heading(self, row: int, text: str) -> None:
        """A row with one text and no money names what follows, or the unit of what follows."""
        if unit := unit_of(text):
            self.unit = unit
            self._pass(row, "unit")
            return
        self._section = clean(text)
        fund = funds.fund_of(re.sub(r"^[(（]?[一二三四五六七八九十0-9]+[)）]?[、.．]?\s*", "", self._section))
        self._section_fund = fund or self._section_fund
        self._pass(row, "heading")

    def _total(self, row: int, label: str, text: str) -> None:
        draft = Draft(row, "", clean(text), {}, total=label, section=self._section)
        for column in self.head.of("money", "amount", "total", "investment"):
            if (fen := self._amount(draft, row, column)) is not None:
                draft.stated[column.heading] = fen
        self.drafts.append(draft)

    def _data(self, row: int) -> None:
        said = {column.kind: "" for column in self.head.columns}
        for column in self.head.columns:
            if not said[column.kind]:
                said[column.kind] = self._text(row, column)
        name = said.get("name", "")
        texts = {kind: said[kind] for kind in TEXTS if said.get(kind)}
        draft = Draft(row, said.get("number", ""), name, texts, section=self._section)
        self._place(draft, said)
        self._parts(draft, said)
        if not draft.name:
            self._name(draft, row)
        self.drafts.append(draft)

    def _text(self, row: int, column: Column) -> str:
        """Return a cell's text, or that of the merge that covers it, or what was written once for several rows."""
        text = clean(self.grid.cell(row, column.index))
        if (
            not text
            and not self.grid.covered_across(row, column.index)
            and column.kind not in header.MONEY - {"channel"}
        ):
            text = clean(self.grid.covering(row, column.index))
        if column.kind in _CARRIED:
            subject = self.head.first("village") or self.head.first("name")
            if not text and subject and self.grid.cell(row, subject.index).strip():
                text = self._carried.get(column.kind, "")
            self._carried[column.kind] = text
        return text

    def _place(self, draft: Draft, said: dict[str, str]) -> None:
        draft.township = places.from_cell(said.get("township", ""))
        draft.village = places.from_cell(said.get("village", ""))
        cell = places.from_cell(said.get("place", ""))
        draft.place = cell or places.join(draft.township, draft.village) or places.from_cell(said.get("county", ""))
        if self.head.of("township", "village", "place", "county"):
            if cell and not draft.village:
                draft.township, draft.village, _ = places.from_name(cell)
        else:
            draft.township, draft.village, draft.place = places.from_name(draft.name)

    def _name(self, draft: Draft, row: int) -> None:
        """A row without a name is named by its place, or its only text stands in a cell of the place by a merge."""
        if self.head.first("name") is None:
            draft.name = draft.place
        elif draft.place and not places.looks_like_place(draft.place):
            draft.name, draft.township, draft.village, draft.place = draft.place, "", "", ""
        elif self.head.of("channel") and draft.parts:
            # One project with several channels, a row for each.
            draft.name = next((each.name for each in reversed(self.drafts) if not each.total), "")
        if not draft.name:
            draft.name = draft.texts.get("content", "") or draft.place
            self._doubt("name-missing", row, self.head.first("name"), draft.name)

    def _parts(self, draft: Draft, said: dict[str, str]) -> None:
        row, channel = draft.row, said.get("channel", "")
        for column in self.head.of("total"):
            if (fen := self._amount(draft, row, column)) is not None:
                draft.stated[column.heading] = fen
        for column in self.head.of("investment"):
            fen = self._amount(draft, row, column)
            draft.investment = fen if draft.investment is None else draft.investment
        if re.search("[=＝]", channel):
            self._channels(draft, channel)
            return
        for column in self.head.of("money", "amount"):
            text = self._cell(row, column)
            if not text:
                continue
            name = self._channel(column, channel, draft)
            draft.parts.append(Part(name, self._amount(draft, row, column), column.index, clean(text)))
        if not draft.parts and draft.investment is not None:
            column = self.head.of("investment")[0]
            draft.parts.append(Part(channel, draft.investment, column.index, self._cell(row, column)))

    def _channel(self, column: Column, said: str, draft: Draft) -> str:
        if column.kind == "money":
            return funds.channel_of(column.heading.rpartition("/")[2], self._section_fund or self.fund)
        named = said or funds.channel_in(draft.texts.get("remark", ""))
        if named and funds.is_level(named):
            return funds.channel_of(named, self._section_fund or self.fund)
        return named or self._section_fund or self.fund

    def _channels(self, draft: Draft, said: str) -> None:
        """Channels and amounts in one cell, such as ``交通补助=88;农户自筹=65``."""
        [column] = self.head.of("channel")[:1]
        for whole in self.head.of("amount"):
            draft.investment = self._amount(draft, draft.row, whole)
        try:
            parts = parse_channels(said)
        except Refusal as refusal:
            self._unfit(draft, column, said, refusal)
            return
        draft.parts = [Part(part.name, part.fen, column.index, part.remark or said) for part in parts]

    def _amount(self, draft: Draft, row: int, column: Column) -> int | None:
        text = self._cell(row, column)
        if not text:
            return None
        unit = column.unit or self.unit
        self.guessed = self.guessed or not (unit or amounts.has_unit(text))
        try:
            return amounts.read(text, unit or "万元")
        except Refusal as refusal:
            self._unfit(draft, column, text, refusal)
            return None

    def _unfit(self, draft: Draft, column: Column, text: str, refusal: Refusal) -> None:
        draft.bad = True
        unit = column.unit or self.unit or "万元"
        facts = {"row": draft.row, "column": self.name(column), "text": clean(text)[:60], "unit": unit}
        self.problems.append(CellAmountUnfit(about=amounts.flaw(refusal, text), **facts))

    def _doubt(self, code: str, row: int, column: Column | None, text: str, **facts: object) -> None:
        where = self.name(column) if column else ""
        self.doubts.append(Doubt(code=code, sheet=self.grid.sheet, row=row, column=where, text=text, facts=facts))

    def name(self, column: Column) -> str:
        """Return how a message names a column: its letters and its heading."""
        return f"{column_name(column.index)} {column.heading}"


def marked(text: str) -> str:
    """Return the role that a number or a name begins with, or nothing."""
    return next((role for word, role in vocabulary().roles if text.startswith(word)), "")
