"""The statements, each made of what moved in a period; all of them follow from the sealed vouchers alone."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection

from ledger import chart
from ledger.proposals import YEAR_END
from ledger.register import need_book
from ledger.statements.moves import Line, Move, lines, moves
from ledger.statements.period import Period
from ledger.statements.statement import Cell, Statement
from ledger.store import sql

CASH = {"cash", "bank", "own_bank", "deposit_bank"}
"""The roles whose accounts hold money that can be spent."""
OF_PROJECT = {"cash", "bank"}
"""Those of them that belong to one project."""
ASSETS = ("asset", "public_asset", "productive_asset", "consumable_asset", "intangible_asset")


def accounts(connection: Connection, book: str, period: Period) -> Statement:
    """科目余额表: of every account and channel what stood, moved and stands; each code of the chart is summed up."""
    amounts = ["opening-debit", "opening-credit", "debit", "credit", "closing-debit", "closing-credit"]
    columns = ["code", "account", "channel", *amounts]
    rows: list[list[Cell]] = []
    sums = set()
    by_code: dict[str, list[Move]] = {}
    for each in _money(connection, book, period):
        by_code.setdefault(_code(each.account), []).append(each)
    for code, of_code in sorted(by_code.items()):
        sums.add(len(rows))
        made = [_sides(each) for each in of_code]
        rows.append([code, _title(of_code[0].account), "", *_added(made, len(amounts))])
        rows += [["", _detail(each.account), each.channel, *sides] for each, sides in zip(of_code, made, strict=True)]
    whole = [_sides(each) for of_code in by_code.values() for each in of_code]
    sums.add(len(rows))
    rows.append(["", "@total", "", *_added(whole, len(amounts))])
    return Statement("accounts", book, period.name, columns, frozenset(amounts), rows, frozenset(sums))


def journal(connection: Connection, book: str, period: Period) -> Statement:
    """明细账: account by account every posting with the balance behind it."""
    columns = ["account", "channel", "date", "number", "narration", "debit", "credit", "balance"]
    posted: dict[tuple[str, str], list[Line]] = {}
    for line in lines(connection, book, period):
        posted.setdefault((line.account, line.channel), []).append(line)
    rows: list[list[Cell]] = []
    sums = set()
    for each in _money(connection, book, period):
        now = each.opening
        sums |= {len(rows)}
        rows.append([each.account, each.channel, period.since, "", "@opening", 0, 0, now])
        for line in posted.get((each.account, each.channel), ()):
            now += line.amount
            said = ["", "", line.date, f"V{line.number}", line.narration]
            rows.append([*said, line.debit, line.credit, now])
        sums |= {len(rows)}
        rows.append(["", "", period.until, "", "@closing", each.debit, each.credit, now])
    return Statement("journal", book, period.name, columns, frozenset(columns[5:]), rows, frozenset(sums))


def cash(connection: Connection, book: str, period: Period) -> Statement:
    """收支明细表: every voucher that brought money or took it away, as villagers read it."""
    columns = ["date", "number", "project", "narration", "payee", "income", "expense", "balance"]
    opening = sum(each.opening for each in _money(connection, book, period) if each.role in CASH)
    rows: list[list[Cell]] = [[period.since, "", "", "@opening", "", 0, 0, opening]]
    of_voucher: dict[str, list[Line]] = {}
    for line in lines(connection, book, period):
        if line.role in CASH:
            of_voucher.setdefault(line.number, []).append(line)
    now, came, went = opening, 0, 0
    for number, some in of_voucher.items():
        amount = sum(line.amount for line in some)
        if amount == 0:
            continue  # It only lies elsewhere now.
        into = (amount > 0) != bool(some[0].reversal)
        income, expense = (amount, 0) if into else (0, -amount)
        now, came, went = now + amount, came + income, went + expense
        one = some[0]
        rows.append([one.date, f"V{number}", one.project, one.narration, one.payee, income, expense, now])
    rows.append([period.until, "", "", "@total", "", came, went, now])
    sums = frozenset({0, len(rows) - 1})
    return Statement("cash", book, period.name, columns, frozenset(columns[5:]), rows, sums)


def balance(connection: Connection, book: str, period: Period) -> Statement:
    """资产负债表: what there is and whose it is, at the end and at the beginning of the year."""
    columns = ["item", "closing", "year-opening"]
    now = [(each.account, each.closing) for each in _money(connection, book, period)]
    before = [(each.account, each.opening) for each in _money(connection, book, Period(period.until[:4]))]
    form = form_of(need_book(connection, book).chart)
    rows: list[list[Cell]] = []
    sums = set()
    for part, sign in (("assets", 1), ("funds", -1)):
        columns_of = [_summed(form[part], found, sign) for found in (now, before)]
        for item, said in form[part].items():
            if "sum" in said:
                sums.add(len(rows))
            rows.append([f"@item-{item}", *(column[item] for column in columns_of)])
    return Statement("balance", book, period.name, columns, frozenset(columns[1:]), rows, frozenset(sums))


def result(connection: Connection, book: str, period: Period) -> Statement:
    """收益及收益分配表: income and expense of the period and of the year so far, and what was undistributed before."""
    columns = ["item", "period", "year"]
    form = form_of(need_book(connection, book).chart)["result"]
    of_year = Period(period.until[:4])
    found = []
    for since in (period.since, of_year.since):
        of_code: dict[str, int] = {}
        for line in lines(connection, book, of_year):
            if since <= line.date <= period.until and line.event != YEAR_END:
                of_code[_code(line.account)] = of_code.get(_code(line.account), 0) - line.amount
        made: dict[str, int] = {}
        for item, said in form.items():
            made[item] = (
                sum(made[each] for each in said["sum"])
                if "sum" in said
                else sum(of_code.get(code, 0) for code in said["accounts"])
            )
        # Beside what was earned only openings and interest of the village's own money move it.
        made["gained"] = of_code.get("322", 0)
        found.append(made)
    rows: list[list[Cell]] = [[f"@item-{item}", *(each[item] for each in found)] for item in [*form, "gained"]]
    kept = {"321", "322", "503", "514", "515"}
    before = [
        -sum(each.opening for each in _money(connection, book, one) if _code(each.account) in kept)
        for one in (period, of_year)
    ]
    rows.append(["@item-before", *before])
    rows.append(["@item-after", *(b + each["result"] + each["gained"] for b, each in zip(before, found, strict=True))])
    sums = frozenset({len(form) - 1, len(rows) - 1})
    return Statement("result", book, period.name, columns, frozenset(columns[1:]), rows, sums)


def funds(connection: Connection, book: str, period: Period) -> Statement:
    """专项资金收支表: by project and channel what was allotted, came, went and is left, and what was spent so far."""
    figures = ["allotted", "opening", "income", "expense", "closing", "spent", "available"]
    columns = ["project", "title", "channel", *figures]
    found: dict[tuple[str, str], dict[str, int]] = {}
    for each in moves(connection, book, period):
        if each.project:
            of = found.setdefault((each.project, each.channel), dict.fromkeys(figures, 0))
            if each.role in {"allotted", "spent", "available"}:
                of[each.role] += -each.closing if each.role == "allotted" else each.closing
            elif each.role in OF_PROJECT:
                of["opening"] += each.opening
                of["closing"] += each.closing
    for (_, project, channel), (into, amount) in cash_of_projects(lines(connection, book, period)).items():
        found[project, channel]["income" if into else "expense"] += amount if into else -amount
    titles = _named(connection, "SELECT code, title FROM project WHERE book = :book", {"book": book})
    rows: list[list[Cell]] = []
    sums = set()
    for project in sorted({one for one, _ in found}):
        of_project = {channel: of for (one, channel), of in sorted(found.items()) if one == project}
        title = titles.get(project, "")
        rows += [[project, title, channel, *of.values()] for channel, of in of_project.items()]
        sums.add(len(rows))
        added = _added([list(of.values()) for of in of_project.values()], len(figures))
        rows.append([project, title, "@subtotal", *added])
    sums.add(len(rows))
    rows.append(["", "@total", "", *_added([list(of.values()) for of in found.values()], len(figures))])
    return Statement("funds", book, period.name, columns, frozenset(figures), rows, frozenset(sums))


def cash_of_projects(posted: Iterable[Line]) -> dict[tuple[str, str, str], tuple[bool, int]]:
    """Return by voucher, project and channel whether money came, and what moved in fen.

    What only moves from hand to bank is not there; what is taken back stands on the side that it takes from.
    """
    found: dict[tuple[str, str, str], tuple[bool, int]] = {}
    for line in posted:
        if line.role in OF_PROJECT:
            key = (line.number, line.project, line.channel)
            amount = found.get(key, (True, 0))[1] + line.amount
            found[key] = ((amount > 0) != bool(line.reversal), amount)
    return found


def assets(connection: Connection, book: str, period: Period) -> Statement:
    """固定资产/公益资产清单: what completed projects have become, with who paid and since when."""
    columns = ["code", "kind", "project", "name", "channel", "accepted", "amount"]
    accepted = _named(connection, _ACCEPTED, {"book": book, "until": period.until})
    names = _named(connection, "SELECT code, name FROM project WHERE book = :book", {"book": book})
    rows: list[list[Cell]] = [
        [
            _code(each.account),
            _title(each.account),
            each.project,
            names.get(each.project, ""),
            each.channel,
            accepted.get(each.project, ""),
            each.closing,
        ]
        for each in _money(connection, book, period)
        if each.role in ASSETS and each.closing
    ]
    rows.append(["", "@total", "", "", "", "", sum(int(each[-1]) for each in rows)])
    return Statement("assets", book, period.name, columns, frozenset({"amount"}), rows, frozenset({len(rows) - 1}))


Maker = Callable[[Connection, str, Period], Statement]
STATEMENTS: Mapping[str, Maker] = {
    "accounts": accounts,
    "journal": journal,
    "cash": cash,
    "balance": balance,
    "result": result,
    "funds": funds,
    "assets": assets,
}


def _money(connection: Connection, book: str, period: Period) -> list[Move]:
    return [each for each in moves(connection, book, period) if each.kind == "money"]


def _sides(move: Move) -> list[int]:
    """Return what stood on each side, what moved on each, and what stands on each."""
    return [
        max(move.opening, 0),
        max(-move.opening, 0),
        move.debit,
        move.credit,
        max(move.closing, 0),
        max(-move.closing, 0),
    ]


def _added(rows: Iterable[Sequence[int]], width: int) -> list[int]:
    return [sum(column) for column in zip([0] * width, *rows, strict=True)]


def _summed(form: Mapping[str, Any], found: Iterable[tuple[str, int]], sign: int) -> dict[str, int]:
    """Return each line of a part of the form in fen."""
    made: dict[str, int] = {}
    for item, said in form.items():
        if "sum" in said:
            made[item] = sum(made[each] for each in said["sum"])
            continue
        sides = _SIDES[said["side"]]
        some = [fen for account, fen in found if _code(account) in said["accounts"] and (fen > 0) - (fen < 0) in sides]
        made[item] = sign * sum(some)
    return made


def _named(connection: Connection, query: str, where: Mapping[str, str]) -> dict[str, str]:
    return {str(code): str(name) for code, name in sql.rows(connection, query, where)}


def _code(account: str) -> str:
    return account.split(":")[1].partition("-")[0]


def _title(account: str) -> str:
    return account.split(":")[1].partition("-")[2]


def _detail(account: str) -> str:
    return ":".join(account.split(":")[2:]) or _title(account)


@cache
def form_of(key: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the lines of the statements by the chart of a book."""
    assert key in chart.standards(), f"{key}: a book has a chart"
    text = files("ledger").joinpath("statements", "forms.toml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Any]] = tomllib.loads(text)[key]
    return found


_SIDES = {"both": {-1, 0, 1}, "debit": {1}, "credit": {-1}}
_ACCEPTED = """
SELECT v.project, v.date FROM voucher v WHERE v.book = :book AND v.date <= :until AND v.event = 'acceptance'
  AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq) ORDER BY v.seq
"""
