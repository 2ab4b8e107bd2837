"""The accounts of a book: what each may hold by its chart, its budget and its bank, and what stands in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection

from ledger import chart
from ledger.chart import Chart, Place, channel_of
from ledger.leaves import posting_before
from ledger.register import Book
from ledger.store import sql
from ledger.verify.report import Check


@dataclass(slots=True)
class Part:
    """What a book holds of a commodity in an account; `now` moves with the vouchers, a debit positive.

    `mirror` is the group and channel in which money and budget move together, `sign` the side that it counts on;
    `floor` is -1, 0 or 1 as in the database.
    """

    account: str
    commodity: str
    now: int = 0
    role: str = ""
    project: str = ""
    floor: int = 0
    mirror: tuple[str, str] | None = None
    sign: int = 1
    scale: int = 2
    json: str = field(init=False)
    before: str = field(init=False)
    behind: str = field(init=False)

    def __post_init__(self) -> None:
        # A posting as its leaf and as the books write it, but for its amount.
        self.json = posting_before(self.account, self.commodity)
        self.before, self.behind = f"  {self.account}  ", f" {self.commodity}\n"


class Accounts:
    """The accounts of a book as they are opened, and what has moved in them."""

    def __init__(self, connection: Connection, book: Book) -> None:
        where = {"book": book.code}
        self._connection, self._book = connection, book.code
        self._chart = _chart(book.chart)
        columns = "name, role, project, contract, bank, normal, floored, mirror"
        query = f"SELECT {columns} FROM account WHERE book = :book"  # noqa: S608 - names of ours
        self._rows = {row[0]: row for row in sql.rows(connection, query, where)}
        self._kinds = {
            code: (kind, scale) for code, kind, scale in sql.rows(connection, "SELECT code, kind, scale FROM commodity")
        }
        self._titles = _names(connection, "SELECT code, title FROM project WHERE book = :book", where)
        self._banks = _names(connection, "SELECT code, name FROM bank WHERE book = :book", where)
        self._budget = set(sql.rows(connection, "SELECT project, channel FROM budget_line WHERE book = :book", where))
        self._held = set(sql.rows(connection, "SELECT bank, channel FROM bank_channel WHERE book = :book", where))
        self._parts: dict[tuple[str, str], Part] = {}

    def part(self, account: str, commodity: str, number: str, check: Check) -> Part:
        """Return what stands in an account; the first voucher that moves it there is asked whether it may."""
        part = self._parts.get((account, commodity))
        if part is None:
            part = self._parts[account, commodity] = self._opened(account, commodity, number, check)
        return part

    def _opened(self, account: str, commodity: str, number: str, check: Check) -> Part:
        part = Part(account, commodity)
        kind, part.scale = self._kinds.get(commodity, ("", 2))
        row = self._rows.get(account)
        if row is None or not kind:
            check.find("account-unknown", book=self._book, number=number, account=account, channel=commodity)
            return part
        _, part.role, part.project, _, bank, normal, floored, mirror = row
        part.floor = normal * floored
        part.sign = -1 if kind == "budget" else 1
        channel = channel_of(commodity)
        if mirror and kind != "quantity":
            part.mirror = (mirror, channel)
        if kind != "quantity" and (
            (part.project and (part.project, channel) not in self._budget)
            or (bank and (bank, channel) not in self._held)
        ):
            check.find("not-earmarked", book=self._book, number=number, account=account, channel=channel)
        return part

    def check(self, check: Check) -> None:
        """Hold every account to what its role in the chart says, its name included."""
        for row in self._rows.values():
            check.covered += 1
            if not self._is_of_chart(*row):
                check.find("account", book=self._book, account=row[0])

    def _is_of_chart(
        self, name: str, role: str, project: str, contract: str, bank: str, normal: int, floored: int, mirror: str
    ) -> bool:
        of = self._chart.roles.get(role) if self._chart else None
        if self._chart is None or of is None or (of.normal, int(of.floor), of.mirror) != (normal, floored, mirror):
            return False
        if of.floating != (project == "") or (project and project not in self._titles):
            return False
        if ("{bank}" in of.detail) != (bank != "") or (bank and bank not in self._banks):
            return False
        if ("{contract}" in of.detail) != (contract != ""):
            return False
        component = f"{bank}-{chart.component(self._banks[bank])}" if bank else ""
        place = Place(
            project=project, title=self._titles.get(project, ""), contract=contract, bank=component, own_bank=component
        )
        expected = self._chart.account(of, place).name
        # The good is known by the name of the account alone.
        return name.startswith(expected) if "{good}" in of.detail else name == expected

    def finish(self, check: Check) -> None:
        """Compare the running balances with what the postings came to."""
        query = "SELECT account, commodity, amount, floor_side FROM balance WHERE book = :book"
        stored = {row[:2]: row[2:] for row in sql.rows(self._connection, query, {"book": self._book})}
        opened = set()
        for key in sorted(stored.keys() | self._parts.keys()):
            check.covered += 1
            account, channel = key
            facts = {"book": self._book, "account": account, "channel": channel}
            amount, side = stored.get(key, (0, 0))
            part = self._parts.get(key)
            replayed = part.now if part else 0
            if amount != replayed:
                check.find("balance", stored=amount, replayed=replayed, **facts)
            if part is None:
                check.find("balance-unused", **facts)
            elif key not in stored or side != part.floor:
                check.find("balance-floor", **facts)
            opened.add(account)
        for account in sorted(self._rows.keys() - opened):
            check.find("account-unused", book=self._book, account=account)


def _names(connection: Connection, query: str, where: dict[str, str]) -> dict[str, str]:
    return {str(code): str(name) for code, name in sql.rows(connection, query, where)}


def _chart(key: str) -> Chart | None:
    try:
        return chart.load(key)
    except (OSError, ValueError):
        return None
