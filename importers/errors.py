"""What is wrong with a file that was handed in, collected row by row and told all at once.

Messages stand in ``importers/locale``; `ledger.messages.explain` writes them. Rows are counted as a
spreadsheet counts them: the header is row 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import Refusal


class FileUnreadable(Refusal):
    """A file is there, is a table, and reading it costs no more than it should; `about` says what is wrong."""

    code = "file-unreadable"


class ColumnMissing(Refusal):
    """A plan table has every column that it needs."""

    code = "column-missing"


class RowUneven(Refusal):
    """A row has as many cells as the header."""

    code = "row-uneven"


class CellMissing(Refusal):
    """A project has a code and a name."""

    code = "cell-missing"


class CellUnprintable(Refusal):
    """A cell holds text that can stand in the books."""

    code = "cell-unprintable"


class CodeTwice(Refusal):
    """A code stands for one row."""

    code = "code-twice"


class CellAmountUnfit(Refusal):
    """An amount in a cell is a number, and nothing finer than a fen; `about` says which rule it breaks."""

    code = "cell-amount-unfit"


class MappingUnfit(Refusal):
    """A mapping says which kind a column is, in which unit amounts are, and which channel a name means."""

    code = "mapping-unfit"


class FileRefused(Refusal):
    """The whole file is taken or none of it."""

    code = "file-refused"

    def __init__(self, *, path: object, problems: Sequence[Refusal]) -> None:
        super().__init__(path=path, count=len(problems))
        self.problems = tuple(problems)


# Bank statements.


class ProfileUnknown(Refusal):
    """A bank statement has the header of a shape that is known."""

    code = "profile-unknown"


class ProfileUnfit(Refusal):
    """A shape of the office's own names what every shape has to name."""

    code = "profile-unfit"


class StatementEmpty(Refusal):
    """A bank statement holds lines."""

    code = "statement-empty"


class StatementCellUnfit(Refusal):
    """A line has a day, an amount, a balance, a direction, in yuan; `about` says which it lacks."""

    code = "statement-cell-unfit"


class BalanceSwapped(Refusal):
    """Money in raises the balance; columns that are swapped lower it."""

    code = "balance-swapped"


class BalancesUnrelated(Refusal):
    """The balance follows from the amounts; where it hardly ever does, columns are mixed up."""

    code = "balances-unrelated"


class BalanceGap(Refusal):
    """A balance follows from the line before; `about` says which way it is off, or that it alone is wrong."""

    code = "balance-gap"


class ImporterUnfit(Refusal):
    """A beangulp importer that was named is there, knows the file, and makes lines of it."""

    code = "importer-unfit"
