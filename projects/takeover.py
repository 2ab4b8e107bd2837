"""A Beancount ledger taken over: what stood on its accounts on a day becomes the openings of a book's projects.

Each account, with all below it, is given a project, a role and a channel by the office, or is left out; nothing is
guessed. What the openings themselves refuse, such as money of a channel that does not add up, stands against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from importers.beans import Balance, Book
from importers.errors import FileRefused
from ledger import money, vouchers
from ledger.balances import State
from ledger.errors import Names, Refusal
from ledger.store.workspace import Unit
from projects.desk import Desk
from projects.errors import LedgerAccountUnfit
from projects.events import openings
from projects.events.entries import Say
from projects.events.requests import Opening

IGNORE = "ignore"
_PARTS = 3


@dataclass(frozen=True)
class Line:
    """A balance of the ledger and what it is here; `fate` is a word of the catalogue under ``fate``."""

    balance: Balance
    project: str = ""
    role: str = ""
    channel: str = ""
    fate: str = "unmapped"


@dataclass(frozen=True)
class Takeover:
    """A ledger as it would be taken over: each balance, the lines of each project's opening, what stands against it."""

    lines: tuple[Line, ...]
    openings: Mapping[str, list[str]]
    problems: tuple[Refusal, ...]


def consider(connection: Connection, book: str, seen: Book, accounts: Mapping[str, str], say: Say) -> Takeover:
    """Return the openings that the balances of a ledger come to; nothing is changed."""
    state = State(connection, book)
    problems: list[Refusal] = []
    lines: list[Line] = []
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for balance in seen.balances:
        try:
            line = _line(state, balance, accounts)
        except Refusal as refusal:
            problems.append(refusal)
            line = Line(balance)
        lines.append(line)
        if line.fate == "opening" and balance.fen:
            sums[line.project, line.role, line.channel] += balance.fen
    typed: dict[str, list[str]] = defaultdict(list)
    for (project, role, channel), fen in sums.items():
        normal = fen * state.chart.roles[role.partition(":")[0]].normal
        if normal < 0:
            problems.append(LedgerAccountUnfit(about="side", account=f"{project}/{role}/{channel}", fen=-normal))
        elif normal:
            typed[project].append(f"{role}={channel}:{money.plain(normal)}")
    if not problems:
        for project, said in typed.items():
            try:
                openings.opening(state, _ask(seen, project, said, ()), say)
            except Refusal as refusal:
                problems.append(refusal)
    return Takeover(tuple(lines), typed, tuple(problems))


def take(desk: Desk, path: Path, seen: Book, accounts: Mapping[str, str], *, key: str | None = None) -> dict[str, Any]:
    """Draft the opening of each project from a ledger, all in one unit of work; its files become their papers.

    That an account opens once is a rule of the ledger, so a ledger is taken over once.

    Raises:
        FileRefused: its `problems` stand against it; nothing is kept then.
        Refusal: whatever the openings, their rules or the key refuse.
    """
    papers = tuple(dict.fromkeys(map(desk.keep_paper, seen.files)))

    def act(unit: Unit) -> dict[str, Any]:
        found = consider(unit.connection, desk.book, seen, accounts, desk.say)
        if found.problems:
            raise FileRefused(path=path, problems=list(found.problems))
        labels = []
        state = State(unit.connection, desk.book)
        for project, said in found.openings.items():
            ask = _ask(seen, project, said, papers)
            proposal = openings.opening(state, ask, desk.say)
            typed = {"date": seen.day.isoformat(), "project": project, "lines": said, "documents": list(papers)}
            labels.append(vouchers.draft(unit, state, proposal, maker=desk.user, verb="opening", request=typed).label)
        return {"book": desk.book, "projects": list(found.openings), "drafts": labels}

    content = {"papers": list(papers), "accounts": dict(accounts), "day": seen.day.isoformat()}
    return desk.change("import ledger", content | {"book": desk.book, "user": desk.user}, act, key=key)


def _ask(seen: Book, project: str, lines: list[str], papers: tuple[str, ...]) -> Opening:
    typed = {"date": seen.day.isoformat(), "project": project, "lines": lines, "documents": list(papers)}
    asked = Opening.read(typed)
    assert isinstance(asked, Opening), "a request reads itself"
    return asked


def _line(state: State, balance: Balance, accounts: Mapping[str, str]) -> Line:
    """Return what a balance is here.

    Raises:
        LedgerAccountUnfit: nobody said, what was said is not of that form, or it is no money of ours.
    """
    name = max((each for each in accounts if _within(balance.account, each)), key=len, default="")
    said = accounts.get(name, "")
    if said == IGNORE:
        return Line(balance, fate="left-out")
    if balance.why:
        facts = {"account": balance.account, "number": balance.number, "commodity": balance.commodity}
        raise LedgerAccountUnfit(about=balance.why, **facts)
    if not said:
        raise LedgerAccountUnfit(account=balance.account, number=balance.number)
    parts = [each.strip() for each in said.replace("／", "/").replace("：", ":").rsplit("/", 1)]
    project, _, role = parts[0].partition("/")
    if len([each for each in (project, role, *parts[1:]) if each]) != _PARTS or role.partition(":")[0] not in _roles(
        state
    ):
        raise LedgerAccountUnfit(about="form", account=name, text=said, roles=Names(_roles(state)))
    return Line(balance, project.strip().upper(), role.strip(), parts[1], "opening")


def _within(account: str, above: str) -> bool:
    return account == above or account.startswith(f"{above}:")


def _roles(state: State) -> list[str]:
    return [name for name, each in state.chart.roles.items() if each.holds == "money" and name not in openings.FOLLOWS]
