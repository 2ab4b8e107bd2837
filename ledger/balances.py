"""What stands in a book now: balances, budgets, the last date, with the waiting drafts counted in if asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from ledger import chart
from ledger.chart import Chart, Line, Place, Role
from ledger.closed import closed_through
from ledger.errors import Unknown
from ledger.register import Bank, list_banks, need_book
from ledger.store import sql
from ledger.waiting import waiting


class State:
    """One book as it stands in the caller's unit of work; it only reads.

    With `drafts` the postings of all waiting drafts count as if they were sealed, so that a clerk can draft an
    afternoon's vouchers that lean on each other, and cannot promise the same money twice.
    """

    def __init__(self, connection: Connection, book: str, *, drafts: bool = True, without: int | None = None) -> None:
        self.connection = connection
        self.book = need_book(connection, book)
        self.chart: Chart = chart.load(self.book.chart)
        self._with_drafts = drafts
        self._without = without
        self._balances: dict[tuple[str, str], int] = {}
        self._open: set[tuple[str, str]] = set()

    @cached_property
    def drafts(self) -> list[dict[str, Any]]:
        """Return the proposals of the drafts that count here, by number, with their `id`."""
        if not self._with_drafts:
            return []
        found = waiting(self.connection, self.book.code, without=self._without)
        return [{**each.proposal, "id": each.id} for each in found]

    @cached_property
    def _promised(self) -> dict[tuple[str, str], int]:
        """Return by how much the waiting drafts will move each account."""
        found: dict[tuple[str, str], int] = defaultdict(int)
        for draft in self.drafts:
            for account, commodity, amount in draft["lines"]:
                found[account, commodity] += amount
        return found

    def behind(self, proposal: Mapping[str, Any]) -> State:
        """Return the book as it will stand once this proposal waits too, as `ledger.vouchers.told` tells it.

        What is asked of it is answered as the rules will be answered then.
        """
        then = State(self.connection, self.book.code, without=self._without)
        then.drafts = [*self.drafts, {**proposal, "id": 0}]
        return then

    def signed(self, account: str, commodity: str) -> int:
        """Return a balance with debit positive."""
        key = (account, commodity)
        if key not in self._balances:
            where = {"book": self.book.code, "account": account, "commodity": commodity}
            row = sql.first(self.connection, _BALANCE, where)
            if row:
                self._open.add(key)
            self._balances[key] = (row[0] if row else 0) + self._promised.get(key, 0)
        return self._balances[key]

    def is_open(self, account: str, commodity: str) -> bool:
        """Tell whether a sealed voucher has moved a commodity in an account."""
        self.signed(account, commodity)
        return (account, commodity) in self._open

    def move(self, on: date, lines: Iterable[Line]) -> None:
        """Count a voucher as sealed that is about to be: what comes behind it in the same unit leans on it."""
        for line in lines:
            key = (line.account.name, line.commodity)
            self._balances[key] = self.signed(*key) + line.amount
            self._open.add(key)
            self._accounts[line.account.name] = (line.account.role.name, line.account.project)
        self.last_date = on.isoformat()

    def left(self, role: str | Role, place: Place, channel: str) -> int:
        """Return what an account has on its normal side, in fen of `channel` (or units of a good)."""
        account = self.chart.account(role, place)
        commodity = channel + chart.BUDGET_SUFFIX if account.role.holds == "budget" else channel
        return account.role.normal * self.signed(account.name, commodity)

    def total(self, role: str, project: str, channel: str) -> int:
        """Return what all accounts of a role in a project have on their normal side, in fen of `channel`."""
        found = self.chart.roles[role]
        commodity = channel + chart.BUDGET_SUFFIX if found.holds == "budget" else channel
        accounts = [name for name, belongs in self._accounts.items() if belongs == (role, project)]
        return found.normal * sum(self.signed(name, commodity) for name in accounts)

    @cached_property
    def _accounts(self) -> dict[str, tuple[str, str]]:
        """Return role and project of every account, those that drafts will open too."""
        query = "SELECT name, role, project FROM account WHERE book = :book"
        rows = sql.rows(self.connection, query, {"book": self.book.code})
        found = {name: (role, project) for name, role, project in rows}
        for draft in self.drafts:
            found |= {name: (facts[0], facts[1]) for name, facts in draft["accounts"].items()}
        return found

    def after(self, lines: Iterable[Line]) -> dict[tuple[str, str], tuple[Line, int, int]]:
        """Return what `lines` would do: by account and commodity a line, the balance now, the change."""
        changed: dict[tuple[str, str], tuple[Line, int, int]] = {}
        for line in lines:
            key = (line.account.name, line.commodity)
            _, now, change = changed.get(key, (line, self.signed(*key), 0))
            changed[key] = (line, now, change + line.amount)
        return changed

    @cached_property
    def last_date(self) -> str:
        """Return the date of the last sealed voucher, empty if there is none."""
        # Dates never go back, so that the last voucher has the last date.
        query = "SELECT date FROM voucher WHERE book = :book ORDER BY seq DESC LIMIT 1"
        row = sql.first(self.connection, query, {"book": self.book.code})
        return str(row[0]) if row else ""

    @cached_property
    def closed(self) -> str:
        """Return the last month that is closed, empty if there is none."""
        return closed_through(self.connection, self.book.code)

    @cached_property
    def budget(self) -> dict[str, dict[str, int]]:
        """Return the planned fen by project and channel, channels in the order of the plan."""
        query = (
            "SELECT project, channel, planned FROM budget_line WHERE book = :book ORDER BY project, position, channel"
        )
        found: dict[str, dict[str, int]] = {}
        for project, channel, planned in sql.rows(self.connection, query, {"book": self.book.code}):
            found.setdefault(project, {})[channel] = planned
        return found

    @cached_property
    def banks(self) -> dict[str, Bank]:
        """Return the bank accounts by code."""
        return {bank.code: bank for bank in list_banks(self.connection, self.book.code)}

    @cached_property
    def channels(self) -> dict[str, tuple[str, str]]:
        """Return name and source of every channel by code."""
        rows = sql.rows(self.connection, "SELECT code, name, source FROM channel")
        return {code: (name, source) for code, name, source in rows}

    @cached_property
    def scales(self) -> dict[str, int]:
        """Return the decimals of every commodity."""
        return {str(code): int(scale) for code, scale in sql.rows(self.connection, "SELECT code, scale FROM commodity")}

    @cached_property
    def titles(self) -> dict[str, str]:
        """Return the short name of every project of the book by code."""
        query = "SELECT code, title FROM project WHERE book = :book ORDER BY code"
        return {str(code): str(title) for code, title in sql.rows(self.connection, query, {"book": self.book.code})}

    def place(self, project: str, **more: str) -> Place:
        """Return the place of a project, for account names.

        Raises:
            Unknown: the book has no such project.
        """
        if project not in self.titles:
            raise Unknown(about="project", text=project, book=self.book.code)
        return Place(project=project, title=self.titles[project], **more)

    def source(self, channel: str) -> str:
        """Return where a channel's money comes from.

        Raises:
            Unknown: there is no such channel.
        """
        if channel not in self.channels:
            raise Unknown(about="channel", text=channel)
        return self.channels[channel][1]

    def label(self, commodity: str) -> str:
        """Return a channel as people read it: code and name."""
        channel = chart.channel_of(commodity)
        return f"{channel} {self.channels[channel][0]}" if channel in self.channels else channel

    def label_project(self, project: str) -> str:
        """Return a project as people read it: code and short name."""
        return f"{project} {self.titles.get(project, '')}".strip()


_BALANCE = "SELECT amount FROM balance WHERE book = :book AND account = :account AND commodity = :commodity"
