"""Plan tables of village projects: a file in, typed rows out, the whole file or none of it.

A plan table is CSV in UTF-8 with the columns of `COLUMNS`; further columns are passed over. Amounts are in
万元, as plans publish them. What a plan leaves open stays open: an amount that is not there is None, never
zero.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importers.errors import (
    CellAmountUnfit,
    CellMissing,
    CellUnprintable,
    CodeTwice,
    ColumnMissing,
    FileRefused,
    FileUnreadable,
    RowUneven,
)
from ledger import messages, money
from ledger.errors import AmountUnreadable, Names, Refusal, TextMissing, TextUnprintable
from ledger.text import words

CODE, NAME, TOTAL, CHANNELS = "编号", "项目名称", "总投资_万元", "资金渠道(万元)"
TEXTS = {
    "code": CODE,
    "section": "来源",
    "name": NAME,
    "type": "项目类型",
    "content": "建设内容与规模",
    "quantity": "数量",
    "unit": "单位",
    "when": "计划时间",
    "responsible": "责任单位",
    "benefit": "预期效益",
    "remark": "备注",
}
"""For each fact that is kept as text its column."""

COLUMNS = (*TEXTS.values(), TOTAL, CHANNELS)
NEEDED = frozenset({CODE, NAME})
"""The columns in which no cell is empty."""


@dataclass(frozen=True)
class Part:
    """What one channel is to bring: `fen`, or None where the plan names no money.

    `remark` is what else the plan says: words in parentheses, a quantity in kind, that nothing is priced.
    """

    name: str
    fen: int | None
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """One project as planned; `row` is its row in the file, with the header as row 1."""

    row: int
    code: str
    section: str
    name: str
    type: str
    content: str
    quantity: str
    unit: str
    total_fen: int | None
    channels: tuple[Part, ...]
    when: str
    responsible: str
    benefit: str
    remark: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A row whose channels do not add up to its total: for a person to look at, not a reason to refuse."""

    row: int
    code: str
    name: str
    parts: int
    total: int

    def sentence(self, lang: messages.Lang) -> str:
        """Return the warning in the user's language, with both figures."""
        facts = vars(self) | {"off": abs(self.parts - self.total)}
        return messages.text("importers", "warning.parts-differ", lang, **facts)


def read(path: Path) -> tuple[PlanRow, ...]:
    """Return the rows of the plan table at `path`.

    Raises:
        FileUnreadable: it is not there, not UTF-8, not CSV, or empty.
        FileRefused: its `problems` are all that is wrong with its columns, or else with its rows.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(path=path, reason=error.strerror or str(error)) from None
    return parse(content, path=path)


def parse(content: bytes, *, path: Path) -> tuple[PlanRow, ...]:
    """Return the rows of a plan table; `path` only names it in messages.

    Raises:
        FileUnreadable, FileRefused: like `read`.
    """
    (_, header), *table = _table(content, path)
    columns = [_half_width(cell) for cell in header]
    problems: list[Refusal] = [
        ColumnMissing(path=path, column=column, has=Names(columns)) for column in COLUMNS if column not in columns
    ]
    if problems:
        raise FileRefused(path=path, problems=problems)
    found: dict[str, PlanRow] = {}
    for number, cells in table:
        if len(cells) != len(columns):
            problems.append(RowUneven(row=number, cells=len(cells), columns=len(columns)))
            continue
        row = _row(number, dict(zip(columns, cells, strict=True)), problems)
        if row and row.code in found:
            problems.append(CodeTwice(row=number, text=row.code, first=found[row.code].row))
        elif row:
            found[row.code] = row
    if problems:
        raise FileRefused(path=path, problems=problems)
    return tuple(found.values())


def differences(rows: Iterable[PlanRow]) -> tuple[Difference, ...]:
    """Return the rows whose channels do not add up to their total.

    A channel that the plan does not price may stand for what is lacking, but not for what is too much.
    """
    found = []
    for row in rows:
        parts = sum(part.fen or 0 for part in row.channels)
        priced = all(part.fen is not None for part in row.channels)
        total = row.total_fen
        if row.channels and total is not None and (parts > total or (priced and parts < total)):
            found.append(Difference(row=row.row, code=row.code, name=row.name, parts=parts, total=total))
    return tuple(found)


def parse_channels(typed: str) -> tuple[Part, ...]:
    """Return the channels of a cell such as ``交通部门专项补助=88;农户自筹=65`` (amounts in 万元).

    ``水务局专项补助=20(“不足部分”推算)`` has a remark. ``实物水泥=50吨``, ``投工投劳=未计价`` and ``未注明``
    have no money, and what is said of them is kept as the remark.

    Raises:
        AmountUnreadable: what could be meant as an amount and cannot be read, or no amount behind the sign.
        AmountNegative, AmountTooFine, AmountTooLarge: like `ledger.money.parse`.
    """
    # A separator inside parentheses belongs to the remark.
    pieces = re.split(r"[;；](?![^(（]*[)）])", typed)
    return tuple(_part(piece.strip()) for piece in pieces if piece.strip())


def _part(piece: str) -> Part:
    name, equals, value = piece.replace("＝", "=").partition("=")
    found = re.fullmatch(r"([^(（]*)(?:[(（](.*)[)）])?", value.strip())
    if not name.strip() or found is None or (equals and not found[1].strip()):
        raise AmountUnreadable(text=piece)
    if not equals:
        # 交通补助88 or 交通补助：88万元 would lose its amount in the name.
        if re.search(r"\d\s*[元万亿]*$", name):
            raise AmountUnreadable(text=piece)
        return Part(name.strip(), None)
    said, remark = found[1].strip(), (found[2] or "").strip()
    if _is_money(said, piece):
        return Part(name.strip(), _wan(said), remark)
    return Part(name.strip(), None, f"{said}（{remark}）" if remark else said)


def _is_money(said: str, piece: str) -> bool:
    """Tell an amount from a quantity with its unit (50吨) and from words without a number (未计价).

    Raises:
        AmountUnreadable: it is none of the three; taking 12,5 for words would lose money in silence.
    """
    if re.search(r"[元万亿]", said) or re.fullmatch(r"[-－−]?[\d.,．，]+", said):
        return True
    kind = re.fullmatch(r"[\d.,．，]+\s*[\u4e00-\u9fff]+", said)
    without_number = re.search(r"[\u4e00-\u9fff]", said) and not re.search(r"\d", said)
    if not kind and (not without_number or re.fullmatch("[〇零一二两三四五六七八九十百千]+", said)):
        raise AmountUnreadable(text=piece)
    return False


def _wan(typed: str) -> int:
    """Return an amount in fen; a number without a unit is in 万元."""
    try:
        return money.parse_or_zero(typed if typed.endswith(("元", "万")) else f"{typed}万元")
    except Refusal as refusal:
        raise type(refusal)(text=typed) from None


def _row(number: int, cells: Mapping[str, str], problems: list[Refusal]) -> PlanRow | None:
    """Return a row, or None after telling `problems` what is wrong with each of its cells."""
    before = len(problems)

    def read(column: str, how: Callable[[str], Any]) -> Any:
        try:
            return how(words(cells[column], column, needed=column in NEEDED))
        except TextMissing:
            problems.append(CellMissing(row=number, column=column))
        except TextUnprintable as refusal:
            where = {name: refusal.facts[name] for name in ("position", "character")}
            problems.append(CellUnprintable(row=number, column=column, **where))
        except Refusal as refusal:
            text = refusal.facts["text"]
            problems.append(CellAmountUnfit(about=refusal.code, row=number, column=column, text=text))

    texts = {name: read(column, str) for name, column in TEXTS.items()}
    total = read(TOTAL, lambda text: _wan(text) if text else None)
    channels = read(CHANNELS, parse_channels)
    if len(problems) > before:
        return None
    return PlanRow(row=number, total_fen=total, channels=channels, **texts)


def _table(content: bytes, path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows that hold anything, each with its number; the first is the header."""
    try:
        source = io.StringIO(content.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError as error:
        raise FileUnreadable(about="encoding", path=path, position=error.start + 1) from None
    table = csv.reader(source, strict=True)
    try:
        rows = [(number, cells) for number, cells in enumerate(table, 1) if any(map(str.strip, cells))]
    except csv.Error as error:
        raise FileUnreadable(about="shape", path=path, line=table.line_num, reason=str(error)) from None
    if not rows:
        raise FileUnreadable(about="empty", path=path)
    return rows


def _half_width(header: str) -> str:
    """Return a header with half-width parentheses: 资金渠道（万元） is the same column."""
    return header.strip().replace("（", "(").replace("）", ")")
