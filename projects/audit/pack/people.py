"""The sheets of who: who was responsible and when, who made and sealed, and whose vouchers were taken back."""

from __future__ import annotations

from collections import defaultdict

from ledger import people
from ledger.register import GENERAL_PROJECT
from ledger.statements import Statement
from ledger.statements.statement import Cell
from ledger.store import sql
from projects.audit.pack.working import Working, sheet, total
from projects.audit.reading import Entry


def responsible(working: Working) -> Statement:
    """Who was responsible for which project, since when; whose term it is stands marked where the name is his."""
    columns = ["project", "title", "responsible", "since", "source", "of-term"]
    rows: list[list[Cell]] = []
    for code, row in working.reading.projects.items():
        told = [("", str(row["responsible"] or ""), working.say("register"))]
        told += [
            (each.on, str(each.data["responsible"]), each.label)
            for each in working.reading.facts("project-profile", code)
            if each.data.get("responsible")
        ]
        for since, name, source in told:
            if name:
                rows.append([code, str(row["title"]), name, since, source, working.mine(name)])
    return sheet(working, "responsible", columns, rows)


def users(working: Working) -> Statement:
    """Users: their roles, since when, what each made and sealed in the period, and what of it was taken back."""
    columns = ["user", "roles", "since", "made", "made-amount", "sealed", "taken-back", "facts", "of-term"]
    book = working.scope.book.code
    made: dict[str, list[Entry]] = defaultdict(list)
    sealed: dict[str, int] = defaultdict(int)
    undone: dict[str, int] = defaultdict(int)
    by_seq = {each.seq: each for each in working.reading.entries}
    for maker, approver, seq in sql.rows(working.connection, _SEALED, {"book": book}):
        entry = by_seq.get(seq)
        if entry is not None and working.is_in(entry.date):
            made[maker].append(entry)
            sealed[approver] += 1
            if entry.reverses is not None:
                undone[by_seq[entry.reverses].maker] += 1
    told: dict[str, int] = defaultdict(int)
    for fact in working.reading.told:
        told[fact.by] += working.is_in(fact.on)
    rows: list[list[Cell]] = []
    for user in people.list_users(working.connection):
        name = user["name"]
        roles = people.roles_of(working.connection, name)
        own = sorted(roles.get(book, set()) | roles.get(people.EVERY_BOOK, set()))
        if not own and not made[name] and not sealed[name]:
            continue
        said = " ".join(working.say(f"role.{role}") for role in own)
        amount = sum(moved(each) for each in made[name])
        counts: list[Cell] = [str(len(made[name])), amount, str(sealed[name]), str(undone[name]), str(told[name])]
        shown = f"{name} {user['full_name']}".strip()
        mine = working.mine(name) or working.mine(user["full_name"])
        rows.append([shown, said, user["created_at"][:10], *counts, mine])
    rows.append(total(working, columns, rows, "made-amount"))
    for place in (3, 5, 6, 7):
        rows[-1][place] = str(sum(int(row[place] or 0) for row in rows[:-1]))
    return sheet(working, "users", columns, rows, sums=[len(rows) - 1])


def moved(entry: Entry) -> int:
    """Return what a voucher brought or took of money, whichever way."""
    return abs(entry.sum("bank", "cash", "own_bank", "deposit_bank"))


def reversals(working: Working) -> Statement:
    """What was taken back in the period: of whom, by whom, when and why."""
    columns = [
        "date",
        "number",
        "reversed",
        "reversed-on",
        "event",
        "project",
        "narration",
        "reason",
        "maker",
        "approver",
    ]
    columns += ["first-maker", "turnover"]
    by_seq = {each.seq: each for each in working.reading.entries}
    approvers = {seq: approver for _, approver, seq in sql.rows(working.connection, _SEALED, _at(working))}
    rows: list[list[Cell]] = []
    for each in working.reading.entries:
        if each.reverses is not None and working.is_in(each.date):
            first = by_seq[each.reverses]
            said = [each.date, each.label, first.label, first.date, working.word("event", first.event)]
            said += [_project(working, first), first.narration, each.facts.get("reason", "")]
            said += [each.maker, approvers[each.seq], first.maker]
            rows.append([*said, sum(fen for fen in first.moved.values() if fen > 0)])
    return sheet(working, "reversals", columns, rows)


def _project(working: Working, entry: Entry) -> str:
    return "" if entry.project == GENERAL_PROJECT else working.reading.project_label(entry.project)


def _at(working: Working) -> dict[str, str]:
    return {"book": working.scope.book.code}


_SEALED = "SELECT maker, approver, seq FROM voucher WHERE book = :book ORDER BY seq"
