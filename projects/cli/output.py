"""Printing: tables that line up in Chinese, JSON where it is asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ledger import messages
from ledger.chart import channel_of
from ledger.messages import Lang
from ledger.money import measure, yuan
from ledger.text import visible
from projects.cli.fold import fold

MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "red")}
"""How a line of a check begins, and its colour where there are colours."""

WIDTH_WHEN_PIPED = 160
WIDEST = 400


class Output:
    """Where a command prints what it found."""

    def __init__(self, lang: Lang, *, as_json: bool = False) -> None:
        self.lang = lang
        self.as_json = as_json
        self._console = _console(None if sys.stdout.isatty() else WIDTH_WHEN_PIPED)

    def text(self, key: str, /, **facts: object) -> str:
        """Return a text of the command line."""
        return messages.text("projects", key, self.lang, **facts)

    def data(self, value: Any) -> bool:
        """Print `value` as JSON if that was asked for; tell whether it was."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
        return self.as_json

    def line(self, text: str = "") -> None:
        """Print a line as it is, without folding it."""
        self._console.print(Text(visible(text)), soft_wrap=True)

    def say(self, key: str, /, **facts: object) -> None:
        """Print a line from the catalogue."""
        self.line(self.text(key, **facts))

    def check(self, grade: str, name: str, says: str, *, width: int) -> None:
        """Print the line of a check: its mark, its name filled up to `width` cells, what it says.

        A terminal folds what is too long below its own beginning; a file gets one line.
        """
        mark, colour = MARKS[grade]
        head = Text.assemble((mark, colour), " ", name + " " * max(0, width - cell_len(name)), "  ")
        self._folded(head, says, indent=cell_len(head.plain))

    def sentence(self, says: str, *, indent: int = 0) -> None:
        """Print a sentence, folded on a terminal; an indented one belongs to the line above."""
        self._folded(Text(" " * indent), says, indent=indent)

    def _folded(self, head: Text, says: str, *, indent: int) -> None:
        says = visible(says)
        if not self._console.is_terminal or self._console.width < indent * 2:
            self._console.print(Text.assemble(head, says), soft_wrap=True)
            return
        for number, line in enumerate(fold(says, self._console.width - indent)):
            self._console.print(Text.assemble(" " * indent if number else head, line), soft_wrap=True)

    @contextmanager
    def progress(self, label: Callable[[str], str]) -> Iterator[Callable[[str, int, int], None]]:
        """Show on a terminal how far long work is, and take it away at the end; without a terminal show nothing.

        What it yields is told a name, for which `label` has the words, how much is done, and of how much (0: unknown).
        """
        if not sys.stderr.isatty():
            yield lambda _name, _done, _total: None
            return
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        # The streams stay as they are: the doctor looks at them meanwhile.
        with Progress(
            *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
        ) as bar:
            task = bar.add_task("", total=None)
            yield lambda name, done, total: bar.update(
                task, description=label(name), completed=done, total=total or None
            )

    def rows(self, rows: Sequence[Mapping[str, Any]], columns: Iterable[str], *, numbers: Iterable[str] = ()) -> None:
        """Print rows as a table with the columns named; fen stand right-aligned as yuan."""
        if self.data(list(rows)):
            return
        if not rows:
            self.say("print.none")
            return
        right = set(numbers)
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for column in columns:
            table.add_column(
                self.text(f"column.{column}"),
                justify="right" if column in right else "left",
                no_wrap=column in right | {"number", "date", "book"},
                overflow="fold",
            )
        for row in rows:
            table.add_row(*(_cell(row.get(column, ""), money=column in right) for column in columns))
        self.table(table)

    @property
    def width(self) -> int:
        """Return how many cells a line has."""
        return self._console.width

    def table(self, table: Table) -> None:
        """Print a table; on a narrow terminal its lines run over, but no figure is ever cut short."""
        options = self._console.options.update(max_width=WIDEST)
        needed = Measurement.get(self._console, options, table).minimum
        wide = self._console if needed <= self._console.width else _console(needed)
        wide.print(table, crop=False)

    def pairs(self, pairs: Mapping[str, Any]) -> None:
        """Print facts one under the other; empty ones are left out."""
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column()
        for column, value in pairs.items():
            if value not in ("", None):
                table.add_row(self.text(f"column.{column}"), visible(str(value)))
        self._console.print(table)

    def join(self, items: Iterable[str]) -> str:
        """Return a list as the language writes it."""
        return self.text("print.join").join(items)

    def facts(self, facts: Mapping[str, str]) -> str:
        """Return the facts of an event with their names."""
        named = {key: f"fact.{key}" for key in facts}
        return self.join(
            f"{self.text(name) if messages.has('projects', name, self.lang) else key} {facts[key]}"
            for key, name in named.items()
        )

    def draft(self, made: Mapping[str, Any], *, whole: bool = False) -> None:
        """Print a draft: what will move, what is left then, who has to act; `whole` adds all that the seal seals."""
        if self.data(made):
            return
        event = self.text(f"event.{made['event']}")
        self.say("print.draft", draft=made["draft"], event=event, date=made["date"], project=made["project"])
        self.pairs(self._sealable(made)) if whole else self.line(made["narration"])
        facts = made["facts"]
        if "account-fact" in facts and not whole:
            paid = {"account": facts["payee-account"], "fact": facts["account-fact"]}
            self.say("print.pays-to", code=facts["payee-code"], name=made["payee"], **paid)
        rows = [
            {
                "what": self.text(f"role.{each['role']}"),
                "channel": channel_of(each["commodity"]),
                "change": _signed(each["change"], each["scale"]),
                "after": measure(each["after"], each["scale"]),
            }
            for each in made["moves"]
        ]
        self.rows(rows, ["what", "channel", "change", "after"], numbers=["change", "after"])
        for split in made["splits"]:
            self._split(split)
        self.say("print.seal-next", draft=made["draft"], book=made["book"])

    def _split(self, split: Mapping[str, Any]) -> None:
        """Print how an amount fell on channels, and why."""
        channels = self.join(each["channel"] for each in split["channels"])
        facts = {"amount": split["amount"], "about": split["about"], "channels": channels}
        self.sentence(self.text(f"print.split-{split['rule']}", **facts))
        if not any(each["weight"] for each in split["channels"]):
            return
        rows = [each | {"given": each["amount"], "share": _exact(each["share"])} for each in split["channels"]]
        self.rows(rows, ["channel", "weight", "share", "given"], numbers=["weight", "share", "given"])

    def _sealable(self, made: Mapping[str, Any]) -> dict[str, str]:
        shown = ["date", "project", "contract", "payee", "narration", "maker", "made_at"]
        papers = [f"{each['sha256'][:12]}{each['suffix']} {each['size']:,} B" for each in made["documents"]]
        return {
            **{key: made[key] for key in shown[:5]},
            "facts": self.facts(made["facts"]),
            **{key: made[key] for key in shown[5:]},
            "documents": self.join(papers),
        }

    def postings(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Print postings with debit and credit."""
        rows = [
            {
                "account": line["account"],
                "channel": line["commodity"],
                "debit": measure(line["amount"], line["scale"]) if line["amount"] > 0 else "",
                "credit": measure(-line["amount"], line["scale"]) if line["amount"] < 0 else "",
            }
            for line in lines
        ]
        self.rows(rows, ["account", "channel", "debit", "credit"], numbers=["debit", "credit"])


def _console(width: int | None) -> Console:
    return Console(width=width, highlight=False, markup=False, emoji=False)


def _exact(share: str) -> str:
    """Return a share of fen as yuan with six decimals, cut and not rounded: what the split then rounds is seen."""
    top, _, bottom = share.partition("/")
    millionths = int(top) * 10_000 // int(bottom)
    whole, part = divmod(millionths, 1_000_000)
    return f"{whole:,}.{part:06}".removesuffix("0000")


def _signed(amount: int, scale: int) -> str:
    return ("+" if amount > 0 else "") + measure(amount, scale)


def _cell(value: Any, *, money: bool) -> Text:
    return Text(yuan(value) if money and isinstance(value, int) else visible(str(value)))
