"""The months of a book as they pass, compared with their files byte for byte, a voucher at a time."""

from __future__ import annotations

from io import BufferedReader
from pathlib import Path

from ledger.books.text import month_file, month_head
from ledger.verify.report import Check


class Months:
    """The files of a book's months; those that are not right are left for a closer look in `unlike`."""

    def __init__(self, folder: Path, book: str, check: Check) -> None:
        self._folder, self._book, self._check = folder, book, check
        self._month = ""
        self._file: BufferedReader | None = None
        self.seen: set[str] = set()
        self.unlike: set[str] = set()

    def compare(self, number: str, text: str | None) -> None:
        """Compare the next voucher; `text` is None where the record holds what cannot be written."""
        month = number[:7]
        if month != self._month:
            self._open(month)
        self._check.covered += 1
        if self._file is None:
            return
        # A blank line stands before each.
        expected = b"" if text is None else b"\n" + text.encode()
        if not expected or self._file.read(len(expected)) != expected:
            self._give_up()

    def close(self) -> None:
        """Make sure that nothing comes behind the last voucher of the month."""
        if self._file is not None and self._file.read(1):
            self._give_up()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, month: str) -> None:
        self.close()
        self._month = month
        if month in self.seen:
            # Numbers that go back and forth: each month as a whole has to say what it should be.
            self.unlike.add(month)
            return
        self.seen.add(month)
        path = self._folder / month_file(month)
        head = month_head(self._book, month).encode()
        try:
            if path.is_symlink():
                raise FileNotFoundError
            self._file = path.open("rb")
        except (OSError, ValueError):
            self.unlike.add(month)
            return
        if self._file.read(len(head)) != head:
            self._give_up()

    def _give_up(self) -> None:
        assert self._file is not None, "a file is being compared"
        self._file.close()
        self._file = None
        self.unlike.add(self._month)
