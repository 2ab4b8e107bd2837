"""A log as it passes: gaps, hashes, what each leaf that is no voucher tells the registers, and the root."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection

from ledger.merkle import Growing
from ledger.store import sql
from ledger.verify.registers import Registers
from ledger.verify.report import Check


class Leaves:
    """The leaves of a log from the first to the last."""

    def __init__(self, connection: Connection, of: str, check: Check, registers: Registers) -> None:
        self._connection, self._log, self._check, self._registers = connection, of, check, registers
        self._rows = sql.stream(connection, _LEAVES, {"log": of})
        self._next = next(self._rows, None)
        self._due = 0
        self._sealed = 0
        self.tree = Growing()
        """The tree over the leaves that have passed, from their text."""

    def at(self, position: int) -> tuple[str | None, str]:
        """Return the text of the voucher's leaf at a position and the hash of it; leaves before it pass."""
        while self._next is not None and self._next[0] < position:
            self._pass()
        if self._next is not None and self._next[0] == position:
            _, kind, leaf, _ = self._next
            hashed = self._pass()
            return (leaf, hashed) if kind == "voucher" else (None, "")
        # It has passed already, or it is not there: a record whose vouchers stand in the order of the log has no such.
        row = sql.first(self._connection, _LEAF, {"log": self._log, "position": position})
        return (row[0], sha256(b"\0" + row[0].encode()).hexdigest()) if row else (None, "")

    def finish(self, vouchers: int) -> None:
        """Let the rest pass, and compare how many vouchers there are in the log and in the record."""
        while self._next is not None:
            self._pass()
        self._check.covered += self.tree.size
        if self._sealed != vouchers:
            self._check.find("leaves-left", count=self._sealed - vouchers)

    def _pass(self) -> str:
        assert self._next is not None, "a leaf passes that is there"
        position, kind, leaf, stored = self._next
        if position != self._due:
            self._check.find("log-gap", log=self._log, position=position, expected=self._due)
        self._due = position + 1
        hashed = sha256(b"\0" + leaf.encode())
        shown = hashed.hexdigest()
        if shown != stored:
            self._check.find("log-hash", log=self._log, position=position)
        self.tree.add(hashed.digest())
        if kind == "voucher":
            self._sealed += 1
        elif not self._registers.tell(self._log, position, kind, leaf):
            self._check.find("log-leaf", log=self._log, position=position)
        self._next = next(self._rows, None)
        return shown


_LEAVES = "SELECT position, kind, leaf, leaf_hash FROM log_leaf WHERE log = :log ORDER BY position"
_LEAF = "SELECT leaf FROM log_leaf WHERE log = :log AND position = :position AND kind = 'voucher'"
