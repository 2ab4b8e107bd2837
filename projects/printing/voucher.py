"""A sealed voucher as a 记账凭证: both sides by account, the sum in capitals, papers, hands, the hash of its seal.

It says what the record says; what was reversed says by what. The hash is that of the leaf in the book's log: whoever
holds the paper can ask the ledger, its books or a published checkpoint whether it is still the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from ledger import messages, register
from ledger.chart import channel_of, readable
from ledger.messages import Lang
from ledger.money import plain, yuan
from ledger.proposals import REVERSAL
from ledger.store import sql
from ledger.text import visible
from projects.capitals import capitals
from projects.sealed import need_sealed
from projects.sums import YUAN, is_money
from projects.typeset import Printed, typeset
from projects.typeset.press import Size
from projects.typeset.square import drawing

TEMPLATE = "printing/templates/voucher.typ"
SHEETS: tuple[Size, ...] = ("a5", "a4")
"""A5 lies across, as vouchers are bound; A4 stands upright."""


def print_vouchers(connection: Connection, book: str, numbers: Sequence[str], lang: Lang, *, size: Size) -> Printed:
    """Return vouchers of a book as one PDF, each on pages of its own; the same vouchers give the same bytes.

    Raises:
        VoucherUnknown: the book has none of a number.
        GlyphMissing: the fonts lack a character of one.
    """
    of = _Of(connection, book, lang)
    found = [need_sealed(connection, book, number.upper().removeprefix("V")) for number in numbers]
    title = of.say("title") if len(found) > 1 else f"{of.say('title')} V{found[0]['number']}"
    return typeset(
        TEMPLATE,
        {"vouchers": [_told(of, each) for each in found]},
        title=f"{title} {of.book}",
        lang=lang,
        on=max(date.fromisoformat(str(each["date"])) for each in found),
        size=size,
        across=size == "a5",
    ).print()


class _Of:
    """A book and its words."""

    def __init__(self, connection: Connection, book: str, lang: Lang) -> None:
        known = register.need_book(connection, book)
        self.code, self.book, self.lang = known.code, f"{known.code} {known.name}", lang
        self.channels = {str(code): str(name) for code, name in sql.rows(connection, "SELECT code, name FROM channel")}
        query = "SELECT code, title FROM project WHERE book = :book"
        self.projects = {str(code): str(name) for code, name in sql.rows(connection, query, {"book": book})}

    def say(self, key: str, /, **facts: object) -> str:
        """Return words of the form."""
        return messages.text("projects", f"binder.{key}", self.lang, **facts)

    def event(self, name: str) -> str:
        """Return what kind of event it is."""
        return messages.text("projects", f"event.{name}", self.lang)


@dataclass(frozen=True)
class _Line:
    """A posting as the form shows it, on the side of the event it takes back where it is of a reversal."""

    account: str
    commodity: str
    amount: int
    scale: int
    debit: bool

    @property
    def is_money(self) -> bool:
        """Tell whether it is of money: not of goods by quantity, nor of the budget, which mirrors it."""
        return is_money(self.commodity, self.scale)

    def cells(self, of: _Of) -> list[str]:
        """Return account, detail, channel, debit and credit."""
        head, detail = readable(self.account)
        channel = channel_of(self.commodity)
        shown = yuan(self.amount) if self.scale == YUAN else plain(self.amount, self.scale)
        of_whom = f"{channel} {of.channels[channel]}" if channel in of.channels else self.commodity
        sides = [shown, ""] if self.debit else ["", shown]
        return [visible(each) for each in (head, detail, of_whom, *sides)]


def _told(of: _Of, found: Mapping[str, Any]) -> dict[str, Any]:
    undoes = found["event"] == REVERSAL
    lines = [_line(each, undoes=undoes) for each in found["postings"]]
    money = [each for each in lines if each.is_money]
    # What moves no money, such as an allotment, is a voucher of the budget alone.
    main = money or [each for each in lines if each.scale == YUAN]
    rest = [each for each in lines if each not in main]
    whole = sum(each.amount for each in main if each.debit)
    reversed_by = of.say("reversed-by", number=f"V{found['reversed_by']}") if found["reversed_by"] else ""
    day = date.fromisoformat(str(found["date"]))
    said = {
        "event": of.event(str(found["event"])),
        "project": f"{found['project']} {of.projects.get(found['project'], '')}".strip(),
        "contract": found["contract"],
        "payee": found["payee"],
    }
    return {
        "title": of.say("title"),
        "mark": reversed_by,
        "above": [
            of.say("book", book=of.book),
            of.say("day", year=day.year, month=f"{day.month:02}", day=f"{day.day:02}"),
            of.say("number", number=f"V{found['number']}"),
        ],
        "heads": [
            of.say(f"column.{each}") for each in ("narration", "account", "detail", "channel", "debit", "credit")
        ],
        "rows": [["" if at else visible(str(found["narration"])), *each.cells(of)] for at, each in enumerate(main)],
        "undoes": undoes,
        "total": [
            of.say("total", capitals=capitals(whole)),
            *(yuan(sum(each.amount for each in main if each.debit is side)) for side in (True, False)),
        ],
        "memo": of.say("memo") if rest else "",
        "memo-heads": [
            of.say(f"column.{each}") for each in ("account", "detail", "channel", "memo-debit", "memo-credit")
        ],
        "memo-rows": [each.cells(of) for each in rest],
        "about": [
            *([of.say(f"about.{name}"), visible(str(value))] for name, value in said.items() if value),
            [of.say("about.papers"), of.say("papers", count=len(found["documents"]))],
        ],
        "hands": [
            of.say("hand.maker", name=visible(str(found["maker"]))),
            of.say("hand.approver", name=visible(str(found["approver"]))),
            of.say("hand.sealed", at=str(found["sealed_at"])[:16].replace("T", " ")),
            of.say("hand.cashier"),
        ],
        "leaf": [of.say("leaf"), *(str(found["leaf"])[at : at + 8] for at in range(0, 64, 8))],
        # In capitals: a code of letters and digits alone has fewer and larger squares.
        "code": drawing(f"earmark {of.code} V{found['number']} {found['leaf']}".upper(), border=2, scale=3),
        "code-alt": of.say("code-alt", number=f"V{found['number']}", leaf=found["leaf"]),
    }


def _line(posting: Mapping[str, Any], *, undoes: bool) -> _Line:
    """Return a posting on its side; a reversal counts negative on the side of what it takes back."""
    amount = int(posting["amount"])
    debit = (amount > 0) != undoes
    shown = abs(amount) * (-1 if undoes else 1)
    return _Line(str(posting["account"]), str(posting["commodity"]), shown, int(posting["scale"]), debit)
