"""What is asked of a book in Fava: queries that only read it, with patterns over which every search comes to an end.

Fava's query page is the shell of the query language, whose commands write the answers into whatever file is named, and
whose statements make tables of any file of the machine. And its patterns are those of Python, of which a short one can
hold the whole process for hours. So of the language only what reads is answered, and RE2 looks for the patterns: it
goes once over a text, whatever is looked for, and has a bound to its memory.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import re2
from beanquery import query_compile, query_env
from beanquery.parser import ast
from fava.core import FavaLedger, filters, query_shell
from fava.core.query_shell import FavaBQLShell
from fava.helpers import FavaAPIError
from fava.util import excel

from ledger import messages
from ledger.exports.table import as_words
from ledger.messages import Lang

READS = (ast.Select, ast.Journal, ast.Balances, ast.Print)
"""The statements that read."""
LONGEST = 1000
"""So many characters a pattern has at most."""
SHOWN = 80
"""So much of one that is none is shown."""


class Shell(FavaBQLShell):
    """The shell of a book without its commands: it runs a stored query by its name, and what reads."""

    def __init__(self, ledger: FavaLedger, lang: Lang) -> None:
        super().__init__(ledger)
        self._lang = lang

    def run(self, entries: Sequence[Any], query: str) -> Any:
        """Run a query by itself: two people who ask at once do not get each other's answers."""
        return FavaBQLShell.run(Shell(self.ledger, self._lang), entries, query)

    def onecmd(self, line: str) -> Any:
        """Run a stored query or a statement.

        Raises:
            FavaAPIError: it is a command of the shell's, or a statement that does more than read.
        """
        word, _, rest = line.strip().partition(" ")
        if word.lower() in {"run", ".run"}:
            return self.do_run(rest)
        if word.startswith("."):
            raise self._refusal()
        return self.execute(line)

    def parse(self, line: str, *more: Any, **options: Any) -> Any:
        """Parse a statement that reads."""
        statement = super().parse(line, *more, **options)
        if not isinstance(statement, READS):
            raise self._refusal()
        return statement

    def do_run(self, arg: str) -> Any:
        """Run a stored query."""
        try:
            shlex.split(arg)
        except ValueError:
            raise self._refusal() from None
        return super().do_run(arg)

    def _refusal(self) -> FavaAPIError:
        return FavaAPIError(messages.text("projects", "auditor.only-reads", self._lang))


class Patterns:
    """Stands where a module has `re`, for patterns that people type."""

    IGNORECASE = 2
    error = re2.error

    def __init__(self, lang: Lang) -> None:
        self._lang = lang

    def compile(self, pattern: str, flags: int = 0) -> Any:
        """Return a pattern that can be searched for.

        Raises:
            re2.error: it is none, or too long, or looks around itself.
        """
        if len(pattern) > LONGEST:
            raise self.error
        return re2.compile(pattern, _options(flags))

    def search(self, pattern: str, text: str, flags: int = 0) -> Any:
        """Look for a pattern anywhere in a text."""
        return self._sure(lambda: self.compile(pattern, flags).search(text), pattern)

    def match(self, pattern: str, text: str, flags: int = 0) -> Any:
        """Look for a pattern where a text begins."""
        return self._sure(lambda: self.compile(pattern, flags).match(text), pattern)

    def fullmatch(self, pattern: str, text: str, flags: int = 0) -> Any:
        """Compare a pattern with a whole text."""
        return self._sure(lambda: self.compile(pattern, flags).fullmatch(text), pattern)

    def sub(self, pattern: str, instead: str, text: str) -> Any:
        """Put something in the place of what is found."""
        return self._sure(lambda: self.compile(pattern).sub(instead, text), pattern)

    def _sure(self, act: Callable[[], Any], pattern: str) -> Any:
        """Do something with a pattern: what is wrong with it is said, and no fault of the program.

        Raises:
            FavaAPIError: there is something wrong with it.
        """
        try:
            return act()
        except (re2.error, IndexError):
            said = messages.text("projects", "auditor.no-pattern", self._lang, pattern=pattern[:SHOWN])
            raise FavaAPIError(said) from None


class Accounts:
    """Stands where Fava's filters have the names of accounts."""

    @staticmethod
    def has_component(name: str, part: str) -> bool:
        """Tell whether something is a part of an account's name."""
        return part in name.split(":")


def bind(lang: Lang) -> None:
    """Let Fava and the query language look for what people type with RE2, and write words into tables as words."""
    for module in (filters, query_compile, query_env):
        vars(module)["re"] = Patterns(lang)
    # Beancount looks for the part of a name by a pattern of Python's.
    vars(filters)["account"] = Accounts
    vars(query_shell)["to_csv"] = _as_table


def keep_to_reading(ledger: FavaLedger, lang: Lang) -> None:
    """Let a book that was loaded be asked only for what it holds."""
    ledger.query_shell.shell = Shell(ledger, lang)


def _as_table(types: Any, rows: Sequence[Sequence[Any]]) -> Any:
    """Return the answer to a query as a table in which no spreadsheet program finds a formula."""
    return excel.to_csv(
        types, [tuple(as_words(each) if isinstance(each, str) else each for each in row) for row in rows]
    )


@cache
def _options(flags: int) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not flags & Patterns.IGNORECASE
    return options
