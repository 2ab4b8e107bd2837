"""Tables with channels across: rows below each other as far as the terminal is wide, the rest in a table below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from ledger.money import yuan
from ledger.text import visible
from projects.cli.fold import fold
from projects.cli.output import Output

NAME_WIDTH = 12
"""A channel's name is folded to so many cells, or to its figures where they are wider."""
GAP = 3
"""So many cells stand between two columns."""
NOTHING = "—"
"""What a figure of zero shows: a table of zeros hides what is there."""


@dataclass(frozen=True)
class Row:
    """One figure: its label, and its fen by column."""

    label: str
    fen: Mapping[str, int]


def across(output: Output, heads: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Print rows with a column for each of `heads`, code to name; no figure and no column is ever cut short."""
    if not rows:
        output.say("print.none")
        return
    labels = max(cell_len(row.label) for row in rows)
    for number, block in enumerate(_blocks(output.width - labels, heads, rows)):
        if number:
            output.line()
        output.table(_table(block, rows, labels))


def _blocks(room: int, heads: Mapping[str, str], rows: Sequence[Row]) -> Iterator[list[tuple[str, list[str], int]]]:
    """Return the columns of each table: code, folded name, width."""
    block: list[tuple[str, list[str], int]] = []
    used = 0
    for code, name in heads.items():
        figures = max(cell_len(_cell(row.fen.get(code, 0))) for row in rows)
        name_width = min(cell_len(name), NAME_WIDTH)
        width = max(figures, cell_len(code), name_width)
        if block and used + width + GAP > room:
            yield block
            block, used = [], 0
        block.append((code, fold(visible(name), width) if name else [], width))
        used += width + GAP
    yield block


def _table(block: list[tuple[str, list[str], int]], rows: Sequence[Row], labels: int) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("", min_width=labels, no_wrap=True)
    lines = max(len(name) for _, name, _ in block)
    for code, name, width in block:
        # Every head has as many lines: codes stand beside codes.
        head = Text("\n".join([code, *name, *[""] * (lines - len(name))]), justify="right")
        table.add_column(head, justify="right", min_width=width, no_wrap=True)
    for row in rows:
        table.add_row(Text(row.label), *(Text(_cell(row.fen.get(code, 0))) for code, _, _ in block))
    return table


def _cell(fen: int) -> str:
    return yuan(fen) if fen else NOTHING
