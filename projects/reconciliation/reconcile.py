"""One reconciliation: what is new in a statement, what is which voucher, what is left, and where both sides stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlalchemy import Connection

from importers.banks import Statement, keys
from ledger.facts import Fact
from ledger.register import list_banks
from projects.reconciliation.apart import Apart, pairs, read_apart
from projects.reconciliation.choices import NONE, Choices, by_hand
from projects.reconciliation.differences import Difference, differences
from projects.reconciliation.history import History, fresh, read_history
from projects.reconciliation.learning import Guess, Habits, choice_of
from projects.reconciliation.matching import WINDOW, Match, match
from projects.reconciliation.remarks import read_remarks
from projects.reconciliation.sides import AtBank, InBook, balance_on, in_book, in_drafts, in_opening
from projects.reconciliation.table import Table, table

REMEMBERED = 12
"""From so many earlier statements it is learnt what lines were recorded as."""

Reread = Callable[[Fact], Statement | None]
"""Returns the statement of a fact from the file that was kept, None if that is gone."""


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What a statement comes to; amounts in fen.

    `taken` are its lines that no earlier statement had. `matches` are those that are new, `earlier` those that stand.
    `tables` are of the month ends that the statement completes, and `now` of the last day.
    """

    bank: str
    until: str
    statement: Statement
    history: History
    taken: tuple[AtBank, ...]
    matches: tuple[Match, ...]
    earlier: tuple[Match, ...]
    differences: tuple[Difference, ...]
    guesses: dict[str, Guess] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    """For each open line that a draft is waiting for, the draft's label."""
    remarks: dict[str, str] = field(default_factory=dict)
    """What people said of a difference, by the line's key or the voucher's number."""
    apart: dict[str, Match] = field(default_factory=dict)
    """What is open and not proposed, because somebody said that it is not the same, by the fact that says so."""
    now: Table
    tables: tuple[Table, ...]
    persons: frozenset[str] = frozenset()
    """Payees of whom the record knows that they are persons."""


def reconcile(
    connection: Connection,
    book: str,
    bank: str,
    statement: Statement,
    *,
    until: date,
    reread: Reread,
    choices: Choices = NONE,
) -> Reconciliation:
    """Reconcile a bank account with a statement that goes until the end of a day.

    `choices` are a person's: they go before what the matching would propose.

    Raises:
        StatementOfOther, StatementGap: it is of another account, or does not go on from the last one.
        MatchUnfit: what was chosen is not open any more, or does not come to the same sum.
    """
    history = read_history(connection, book, bank)
    taken = fresh(history, statement, bank=bank)
    lines = _told(history, statement, taken)
    vouchers = in_book(connection, book, bank)
    since = history.first or statement.first
    earlier = standing(history, lines, vouchers)
    left_lines, left_vouchers = left(lines, vouchers, earlier, since=_days(since, -WINDOW))
    lines = _with_words(lines, history, left_lines, reread)
    made = by_hand(choices, [lines[line.key] for line in left_lines], left_vouchers)
    free_lines, free_vouchers = left(lines, vouchers, [*earlier, *made], since=_days(since, -WINDOW))
    said = read_apart(connection, book, bank)
    apart = pairs(said)
    made += match([lines[line.key] for line in free_lines if line.key not in choices.apart], free_vouchers, apart)
    open_lines, open_vouchers = left(lines, vouchers, [*earlier, *made], since=since)
    day = until.isoformat()
    found = differences(
        [line for line in open_lines if line.key not in choices.apart],
        [each for each in open_vouchers if each.date <= day],
        [*earlier, *made],
        _elsewhere(connection, book, bank),
        apart,
    )
    found += [Difference("not-in-books", line) for line in open_lines if line.key in choices.apart]
    late = [
        Match((each.line,), (each.voucher,), "late")
        for each in found
        if each.kind == "late" and each.line is not None and each.voucher is not None
    ]
    matches = [*earlier, *made, *late]
    opening = history.opening if history.lines else statement.opening

    def at(on: str) -> Table:
        moved = sum(line.amount for line in lines.values() if line.date <= on)
        return table(
            on,
            bank_balance=opening + moved,
            book_balance=balance_on(connection, book, bank, on),
            lines=list(lines.values()),
            vouchers=vouchers,
            matches=matches,
            since=since,
        )

    return Reconciliation(
        bank=bank,
        until=day,
        statement=statement,
        history=history,
        taken=tuple(taken),
        matches=(*made, *late),
        earlier=tuple(earlier),
        differences=tuple(found),
        guesses=_guesses(found, matches, lines, vouchers),
        drafts={
            line.key: each.vouchers[0].number
            for each in match((each.line for each in found if each.line), in_drafts(connection, book, bank))
            for line in each.lines
        },
        remarks=read_remarks(connection, book, bank),
        now=at(day),
        apart=_still_apart(said, open_lines, vouchers),
        persons=frozenset(each.payee for each in vouchers if each.person),
        tables=tuple(at(each) for each in _month_ends(history, statement, until)),
    )


def _told(history: History, statement: Statement, taken: Sequence[AtBank]) -> dict[str, AtBank]:
    """Return all lines ever taken, with the words of those that this statement has (again)."""
    said = dict(zip(keys(statement.lines), statement.lines, strict=True))
    lines = {
        key: replace(line, payee=said[key].payee, text=said[key].text, serial=said[key].serial, row=said[key].row)
        if key in said
        else line
        for key, line in history.lines.items()
    }
    return lines | {line.key: line for line in taken}


def _with_words(
    lines: dict[str, AtBank], history: History, needed: Sequence[AtBank], reread: Reread
) -> dict[str, AtBank]:
    """Return the lines with the words that the files of earlier statements have: no name stands in the log."""
    wanted = {history.of_file[line.key] for line in needed if line.key in history.of_file and not line.row}
    wanted |= set(list(history.files)[-REMEMBERED:])
    made = dict(lines)
    for file in sorted(wanted):
        statement = reread(history.files[file])
        for key, line in zip(keys(statement.lines), statement.lines, strict=True) if statement else ():
            if key in made and not made[key].row:
                made[key] = replace(made[key], payee=line.payee, text=line.text, serial=line.serial)
    return made


def standing(history: History, lines: dict[str, AtBank], vouchers: Sequence[InBook]) -> list[Match]:
    """Return the earlier matches that still stand; one whose voucher was reversed since is open again."""
    numbered = {each.number: each for each in vouchers if not each.undone}
    return [
        Match(tuple(lines[key] for key in some), tuple(numbered[number] for number in others), "earlier")
        for some, others in history.matched
        if all(key in lines for key in some) and all(number in numbered for number in others)
    ]


def _still_apart(said: Sequence[Apart], open_lines: Sequence[AtBank], vouchers: Sequence[InBook]) -> dict[str, Match]:
    """Return what is kept apart of the lines that are open still."""
    of_key = {line.key: line for line in open_lines}
    of_number = {each.number: each for each in vouchers}
    return {
        each.label: Match(
            tuple(of_key[key] for key in each.lines), tuple(of_number[number] for number in each.vouchers), "apart"
        )
        for each in said
        if all(key in of_key for key in each.lines) and all(number in of_number for number in each.vouchers)
    }


def left(
    lines: dict[str, AtBank], vouchers: Sequence[InBook], matches: Sequence[Match], *, since: str
) -> tuple[list[AtBank], list[InBook]]:
    """Return the lines and vouchers that are in no match, without what the opening balance of a day has."""
    done = {line.key for each in matches for line in each.lines}
    sealed = {voucher.seq for each in matches for voucher in each.vouchers}
    return (
        [line for key, line in lines.items() if key not in done],
        [each for each in vouchers if each.seq not in sealed and not in_opening(each, since)],
    )


def _elsewhere(connection: Connection, book: str, bank: str) -> list[InBook]:
    """Return the vouchers of the book's other bank accounts that no statement has confirmed."""
    confirmed = {
        (each.code, number)
        for each in list_banks(connection, book)
        if each.code != bank
        for _, numbers in read_history(connection, book, each.code).matched
        for number in numbers
    }
    others = [each for each in in_book(connection, book) if each.bank != bank and each.event != "opening"]
    return [each for each in others if (each.bank, each.number) not in confirmed]


def _guesses(
    found: Sequence[Difference], matches: Sequence[Match], lines: dict[str, AtBank], vouchers: Sequence[InBook]
) -> dict[str, Guess]:
    """Return for each line that is not in the books what lines like it were recorded as.

    What vouchers say of their payee counts too, so that something is known before the first statement.
    """
    habits = Habits()
    told = [AtBank(f"V{each.number}", each.date, each.amount, each.payee, each.text) for each in vouchers]
    habits.learn(
        (line, choice_of(voucher))
        for line, voucher in zip(told, vouchers, strict=True)
        if not voucher.undone and voucher.undoes is None
    )
    pairs = [(lines[line.key], choice_of(each.vouchers[0])) for each in matches for line in each.lines]
    habits.learn(sorted(pairs, key=lambda pair: pair[0].date))
    guesses = {each.line.key: habits.guess(each.line) for each in found if each.kind == "not-in-books" and each.line}
    return {key: guess for key, guess in guesses.items() if guess is not None}


def _month_ends(history: History, statement: Statement, until: date) -> Iterator[str]:
    """Yield the month ends from the first day of the statement (or the end of what was recorded) until a day."""
    day = date.fromisoformat(min([statement.first, *([history.last] if history.last else [])]))
    while (end := month_end(day)) <= until:
        yield end.isoformat()
        day = end + timedelta(days=1)


def month_end(day: date) -> date:
    """Return the last day of the month of a day."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _days(day: str, more: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=more)).isoformat()
