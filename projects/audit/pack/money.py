"""The sheets of the money: the trial balance, special funds, projects, contracts, what came and went, what is owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ledger import chart
from ledger.chart import Chart
from ledger.statements import Statement
from ledger.statements.made import cash_of_projects
from ledger.statements.moves import Move
from ledger.statements.statement import Cell
from ledger.store import sql
from projects.audit.pack.working import Working, sheet, total
from projects.audit.reading import Entry

LARGEST = 50
"""So many payments stand one by one, the largest first; of the others the sheet has the sum."""
DEBTS = (
    *("advance", "household", "audit_due", "lent"),
    *("payable", "retention", "repair", "wages", "held", "deposit", "borrowed"),
)
"""The roles of what others owe, and of what is owed to them."""
FIGURES = ("allotted", "received", "certified", "paid", "owed", "retention", "cash", "left")


def accounts(working: Working) -> Statement:
    """科目余额表 of the period."""
    return replace(working.statement("accounts"), name="pack-accounts")


def funds(working: Working) -> Statement:
    """专项资金收支表 by project and channel."""
    return replace(working.funds, name="pack-funds")


def assets(working: Working) -> Statement:
    """固定资产和公益资产清单 at the end of the period."""
    return replace(working.statement("assets"), name="pack-assets")


def position(working: Working) -> Statement:
    """What there was at the beginning and at the end, code by code: what was taken over, and what is handed on."""
    of = chart.load(working.scope.book.chart)
    columns = ["code", "account", "at-begin", "increase", "decrease", "at-end"]
    found: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for each in working.moves:
        if each.kind == "money" or each.role in {"allotted", "available"}:
            code, name, row = _place(of, each)
            sides = [each.opening, each.debit, -each.credit, each.closing]
            normal = of.roles[each.role].normal
            up, down = (1, 2) if normal > 0 else (2, 1)
            told = [normal * sides[0], normal * sides[up], -normal * sides[down], normal * sides[3]]
            found[row, code, name] = [a + b for a, b in zip(found[row, code, name], told, strict=True)]
    rows: list[list[Cell]] = [[code, name, *sides] for (_, code, name), sides in sorted(found.items())]
    return sheet(working, "position", columns, rows)


def _place(of: Chart, move: Move) -> tuple[str, str, int]:
    """Return code and name of the account of the chart, and where it stands: assets, debts, funds, income, budget."""
    _, detail, *_ = move.account.split(":")
    code, _, name = detail.partition("-")
    return (
        code,
        name,
        ("Assets", "Liabilities", "Equity", "Income", "Expenses").index(of.roles[move.role].root)
        + (10 if move.kind == "budget" else 0),
    )


def channels(working: Working) -> Statement:
    """专项资金收支 by channel: source, what was allotted, came and went, and what is left."""
    figures = ["allotted", "opening", "income", "expense", "closing", "spent", "available"]
    columns = ["channel", "name", "source", *figures, "projects"]
    named = {str(code): str(name) for code, name in sql.rows(working.connection, _CHANNELS, {})}
    where = list(working.funds.columns)
    found: dict[str, list[int]] = defaultdict(lambda: [0] * len(figures))
    reached: dict[str, list[str]] = defaultdict(list)
    for number, row in enumerate(working.funds.rows):
        if number not in working.funds.sums:
            channel = str(row[where.index("channel")])
            values = [int(row[where.index(figure)]) for figure in figures]
            found[channel] = [a + b for a, b in zip(found[channel], values, strict=True)]
            reached[channel].append(str(row[0]))
    rows: list[list[Cell]] = []
    for code, values in sorted(found.items()):
        source = working.word("source", working.reading.sources.get(code, ""))
        rows.append([code, named.get(code, ""), source, *values, " ".join(reached[code])])
    rows.append(total(working, columns, rows, *figures))
    return sheet(working, "channels", columns, rows, sums=[len(rows) - 1])


def projects(working: Working) -> Statement:
    """Each project: what was planned, allotted, contracted, certified and paid until the end, and what is left."""
    columns = ["project", "title", "responsible", "course", "planned", "contracted", *FIGURES]
    prices: dict[str, int] = defaultdict(int)
    for deal in working.reading.deals:
        prices[deal.project] += deal.price
    rows: list[list[Cell]] = []
    for code, row in working.reading.projects.items():
        pairs = working.pairs(project=code)
        if not pairs and not row["planned"]:
            continue
        values = [working.figure(name, pairs) for name in FIGURES]
        said = [code, str(row["title"]), str(row["responsible"] or ""), _course(working, code)]
        rows.append([*said, int(row["planned"]), prices[code], *values])
    rows.append(total(working, columns, rows, "planned", "contracted", *FIGURES))
    return sheet(working, "projects", columns, rows, sums=[len(rows) - 1])


def _course(working: Working, project: str) -> str:
    """Return what became of a project until the end, and on which days."""
    told = [(each.on, "start") for each in working.reading.facts("start", project)]
    told += [
        (each.date, each.event)
        for each in working.reading.standing("acceptance", "cancellation", project=project)
        if each.reverses is None
    ]
    told += [(each.on, each.kind) for each in working.reading.told if each.kind in _ENDS and each.subject == project]
    return " ".join(f"{working.say(f'course.{kind}')} {on}" for on, kind in sorted(told))


def contracts(working: Working) -> Statement:
    """Each contract: with whom, how the partner was found, its price at first and with changes, and what was paid."""
    columns = ["contract", "project", "payee", "class", "date", "procured", "first-price", "changes", "price"]
    columns += ["certified", "paid", "retention"]
    rows: list[list[Cell]] = []
    for deal in working.reading.deals:
        procured = working.reading.facts("procurement", deal.code)
        how = " ".join(f"{working.word('method', str(each.data['method']))} {each.label}" for each in procured)
        of = [
            each
            for each in working.reading.entries
            if each.contract == deal.code and each.event not in {"contract", "change_up", "change_down"}
        ]
        paid = -sum(each.sum("bank", "cash") for each in of)
        held = working.reading.left("retention", contract=deal.code)
        said = [deal.code, working.reading.project_label(deal.project), deal.payee]
        said += [working.say(f"contract-kind.{deal.kind}"), deal.made.date, how or working.say("none")]
        rows.append([*said, deal.first, deal.price - deal.first, deal.price, deal.certified, paid, held])
    rows.append(total(working, columns, rows, *columns[6:]))
    return sheet(working, "contracts", columns, rows, sums=[len(rows) - 1])


def receipts(working: Working) -> Statement:
    """What came for projects in the period, voucher by voucher, with the number of its document."""
    columns = ["date", "number", "event", "project", "channel", "payee", "narration", "document", "amount"]
    rows = [row for _, row in _moved(working, into=True)]
    rows.append(total(working, columns, rows, "amount"))
    return sheet(working, "receipts", columns, rows, sums=[len(rows) - 1])


def payments(working: Working) -> Statement:
    """What was paid for projects in the period: the largest payments one by one, the others in one sum."""
    columns = ["date", "number", "event", "project", "channel", "payee", "narration", "document", "amount"]
    every = sorted((row for _, row in _moved(working, into=False)), key=lambda row: (-int(row[-1]), *row[:5]))
    rows, others = every[:LARGEST], every[LARGEST:]
    sums = []
    if others:
        said = working.say("others", count=len(others))
        rows.append(["", "", "", "", "", "", said, "", sum(int(row[-1]) for row in others)])
    sums.append(len(rows))
    rows.append(total(working, columns, rows, "amount"))
    return sheet(working, "payments", columns, rows, sums=sums)


def personal(working: Working) -> Statement:
    """What was paid to persons in the period, all of it; names as the vouchers show them."""
    columns = ["date", "number", "event", "project", "channel", "payee", "narration", "document", "amount"]
    rows = [row for entry, row in _moved(working, into=False) if _to_person(working, entry)]
    rows.append(total(working, columns, rows, "amount"))
    return sheet(working, "personal", columns, rows, sums=[len(rows) - 1])


def _moved(working: Working, *, into: bool) -> list[tuple[Entry, list[Cell]]]:
    """Return what came or went, by voucher and channel, with its voucher; what was taken back is below zero."""
    found: list[tuple[Entry, list[Cell]]] = []
    for (number, project, channel), (came, amount) in cash_of_projects(working.lines).items():
        if came != into or not amount:
            continue
        entry = working.entries[f"V{number}"]
        event, fen = working.word("event", entry.event), amount if into else -amount
        said: Sequence[Cell] = (entry.payee, entry.narration, entry.facts.get("number", ""))
        label = working.reading.project_label(project)
        found.append((entry, [entry.date, entry.label, event, label, channel, *said, fen]))
    return found


def _to_person(working: Working, entry: Entry) -> bool:
    """Tell whether a voucher pays a person: by its own words, by the register of payees, or by its contract's."""
    if any(deal.private for deal in working.reading.deals if deal.code == entry.contract):
        return True
    payee = working.reading.payees.get(entry.facts.get("payee-code", ""))
    return "payee-commitment" in entry.facts or (payee is not None and payee.person)


def debts(working: Working) -> Statement:
    """债权债务: what others owe and what is owed to them, account by account, at both ends of the period."""
    of = chart.load(working.scope.book.chart)
    columns = ["class", "account", "channel", "at-begin", "increase", "decrease", "at-end"]
    rows: list[list[Cell]] = []
    for role in DEBTS:
        normal = of.roles[role].normal
        for each in working.moves:
            if each.role == role and (each.opening or each.debit or each.credit):
                up, down = (each.debit, each.credit) if normal > 0 else (each.credit, each.debit)
                said = [working.word("role", role), each.account.partition(":")[2], each.channel]
                rows.append([*said, normal * each.opening, up, down, normal * each.closing])
    return sheet(working, "debts", columns, rows)


_ENDS = ("final-accounts", "handover", "closing")
_CHANNELS = "SELECT code, name FROM channel ORDER BY code"
