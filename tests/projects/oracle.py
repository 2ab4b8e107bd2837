"""A second ledger, written apart from the product: plain dicts and integers, from the design's entry table alone.

It knows accounts by their names in the books, splits by its own largest remainder and holds its own floors. It must
never import the product: what it agrees on with the product was thought out twice.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any


class Lines(Counter[tuple[str, str]]):
    """By account and commodity what a voucher moves, a debit positive; unlike a plain counter it keeps debts."""

    def __add__(self, other: Any) -> Lines:
        total = Lines(self)
        total.update(other)
        return Lines({key: fen for key, fen in total.items() if fen})

    __iadd__ = __add__  # type: ignore[assignment]


FUND = {"JT2024": "241", "WS2024": "241", "JZ2024": "241", "JL2024": "241", "ZC2024": "231", "TG2024": "311"}
"""F of the design's table; the collective's own money owes nobody."""
HOUSEHOLDS, OWN, LABOUR = "ZC2024", "CJ2024", "TG2024"
IN_BANK = {"JT2024", "WS2024", "JZ2024", "JL2024", "ZC2024", "CJ2024"}
TITLES = {"P001": "通村公路", "P002": "村卫生室"}
BUDGET = {
    "P001": {"JT2024", "ZC2024", "JZ2024", "SN2024", "TG2024", "JL2024", "CJ2024"},
    "P002": {"WS2024", "JZ2024", "CJ2024"},
}
MAKERS, APPROVERS = {"zhang", "wang", "chen"}, {"li", "chen"}
STARTED = dt.date(2024, 1, 1)
OWN_BANK = "Assets:102-银行存款:B00-村基本户"
RETENTION_PERCENT = Fraction(3)
ADVANCE_PERCENT = 30
CASH_OVER_NIGHT = 5_000_00


class No(Exception):  # noqa: N818 - the oracle's whole vocabulary is yes and no
    """The oracle would refuse."""


@dataclass(frozen=True)
class Sheet:
    """A voucher of the oracle, waiting or sealed."""

    verb: str
    asked: dict[str, Any]
    maker: str
    date: dt.date
    project: str
    contract: str
    lines: Lines
    number: str = ""
    reverses: str = ""


@dataclass
class Oracle:
    """What the ledger should be."""

    today: dt.date
    sealed: list[Sheet] = field(default_factory=list)
    waiting: dict[int, Sheet] = field(default_factory=dict)
    drafted: int = 0
    balances: Lines = field(default_factory=Lines)

    # What the desk does.

    def draft(self, user: str, verb: str, date: dt.date, asked: dict[str, Any]) -> str:
        if user not in MAKERS:
            raise No("maker")
        sheet = self._sheet(self._now(), user, verb, date, asked)
        self.drafted += 1
        self.waiting[self.drafted] = sheet
        return f"D{self.drafted}"

    def edit(self, user: str, label: str, changes: dict[str, Any]) -> None:
        number = self._number(label)
        old = self.waiting[number]
        if old.maker != user:
            raise No("another's draft")
        asked = old.asked | changes
        self.waiting[number] = self._sheet(self._now(without=number), user, old.verb, old.date, asked)

    def drop(self, user: str, label: str) -> None:
        number = self._number(label)
        if user != self.waiting[number].maker and user not in APPROVERS:
            raise No("another's draft")
        del self.waiting[number]

    def seal(self, user: str, label: str) -> str:
        number = self._number(label)
        sheet = self.waiting[number]
        if user == sheet.maker or user not in APPROVERS:
            raise No("one makes, another approves")
        sealed = Desk(self, self.balances, [])
        self._need_date(sheet.date)
        if sheet.verb == "receive" and sealed.propose(sheet.verb, sheet.asked) != sheet.lines:
            raise No("what stands has changed since")
        if sheet.reverses:
            sealed.need_covered(sheet.lines)
        sealed.need_floors(sheet.lines)
        month = f"{sheet.date:%Y-%m}"
        count = sum(1 for each in self.sealed if each.number.startswith(month))
        sheet = replace(sheet, number=f"{month}-{count + 1:04}")
        del self.waiting[number]
        self.sealed.append(sheet)
        self.balances.update(sheet.lines)
        return sheet.number

    def open(self, number: str, date: dt.date, lines: dict[tuple[str, str], int]) -> None:
        """Begin with what stood when the book was opened."""
        self.drafted += 1
        self.sealed.append(Sheet("opening", {}, "zhang", date, "P000", "", Lines(lines), number))
        self.balances.update(lines)

    # What may be asked.

    def standing(self) -> list[Sheet]:
        """Return the sealed vouchers that were not reversed and reverse none."""
        undone = {each.reverses for each in self.sealed}
        return [each for each in self.sealed if not each.reverses and each.number not in undone]

    def desk(self) -> Desk:
        """Return what a maker sees now: what is sealed, with what waits."""
        return self._now()

    def nonzero(self) -> dict[tuple[str, str], int]:
        return {key: fen for key, fen in self.balances.items() if fen}

    def _now(self, *, without: int = 0) -> Desk:
        drafts = [sheet for number, sheet in sorted(self.waiting.items()) if number != without]
        balances = Lines(self.balances)
        for sheet in drafts:
            balances.update(sheet.lines)
        return Desk(self, balances, drafts)

    def _sheet(self, desk: Desk, user: str, verb: str, date: dt.date, asked: dict[str, Any]) -> Sheet:
        lines = desk.propose(verb, asked)
        desk.need_policy(verb, date, asked, lines)
        self._need_date(date)
        desk.need_floors(lines)
        contract, project = str(asked.get("contract", "")), str(asked.get("project", ""))
        reverses = str(asked.get("voucher", ""))
        if reverses:
            [undone] = [each for each in self.sealed if each.number == reverses]
            contract, project = undone.contract, undone.project
        return Sheet(verb, asked, user, date, project or contract[:4], contract, lines, reverses=reverses)

    def _need_date(self, date: dt.date) -> None:
        last = max((each.date for each in self.sealed), default=STARTED)
        if not max(STARTED, last) <= date <= self.today:
            raise No("date")

    def _number(self, label: str) -> int:
        number = int(label[1:])
        if number not in self.waiting:
            raise No("no such draft")
        return number


@dataclass
class Desk:
    """What stands when somebody asks: balances, and the drafts that count."""

    oracle: Oracle
    balances: Lines
    drafts: list[Sheet]

    def propose(self, verb: str, asked: dict[str, Any]) -> Lines:
        """Return what a verb posts, or say no."""
        lines: Lines = getattr(self, f"_{verb}")(**asked)
        for (account, commodity), fen in lines.items():
            assert fen, f"{verb} moves nothing on {account}"
            project = next((each for each in TITLES if f"{each}" in account), "")
            if project and commodity.removesuffix(".B") not in BUDGET[project]:
                raise No("not in the budget")
        return lines

    def need_floors(self, lines: Lines) -> None:
        for (account, commodity), fen in lines.items():
            side = _side(account)
            if side * fen < 0 and side * (self.balances[account, commodity] + fen) < 0:
                raise No(f"below zero: {account} {commodity}")

    def need_policy(self, verb: str, date: dt.date, asked: dict[str, Any], lines: Lines) -> None:
        """What the field's numbers allow; judged when it is drafted, and not again."""
        if verb == "advance":
            account = _of("112", contract := asked["contract"])
            left = sum(self.balances[_of(code, contract), f"{each}.B"] for code in ("B2", "B2A") for each in IN_BANK)
            price = left + self._came(_account("153", contract[:4]), verb="certify", contract=contract)
            ahead = self._came(account, verb="advance", contract=contract)
            paid = sum(fen for (name, _), fen in lines.items() if name == account)
            if (ahead + paid) * 100 > ADVANCE_PERCENT * price:
                raise No("too much ahead of work")
        if verb == "receive" and asked.get("how") == "cash":
            hands = [f"Assets:101-库存现金:{each}" for each in TITLES]
            held = sum(self.balances[each, HOUSEHOLDS] for each in hands)
            today = sum(self._came(each, verb="receive", date=date, how="cash") for each in hands)
            if held - today > CASH_OVER_NIGHT:
                raise No("cash of before is not banked")

    def _came(self, account: str, *, verb: str, contract: str = "", date: dt.date | None = None, how: str = "") -> int:
        """Return what vouchers of a verb brought to an account, drafts counted in, those being reversed left out."""
        undone = {each.reverses for each in self.drafts if each.reverses}
        return sum(
            fen
            for each in [*self.oracle.standing(), *self.drafts]
            if each.verb == verb and not (each.number and each.number in undone)
            if each.contract == (contract or each.contract) and each.date == (date or each.date)
            if not how or each.asked.get("how") == how
            for (name, _), fen in each.lines.items()
            if name == account
        )

    def need_covered(self, lines: Lines) -> None:
        """What arrived stays allotted: B0 has no floor of its own."""
        after = Desk(self.oracle, self.balances + lines, self.drafts)
        for (account, commodity), fen in lines.items():
            channel = commodity.removesuffix(".B")
            if account.startswith("Equity:B0") and fen > 0 and channel != OWN:
                project = next(each for each in TITLES if each in account)
                came = after.received(project, channel)
                came -= after.has(f"Assets:113-内部往来:{project}-农户筹资", channel) if channel == HOUSEHOLDS else 0
                if came > after.has(account, channel, budget=True):
                    raise No("money came on it")

    def has(self, account: str, channel: str, *, budget: bool = False) -> int:
        """Return what an account has on its normal side."""
        side = -1 if account.startswith("Equity:B0") else _side(account)
        return side * self.balances[account, f"{channel}.B" if budget else channel]

    def received(self, project: str, channel: str) -> int:
        reserve = self.has(_account("311", project), channel)
        return reserve + (0 if FUND[channel] == "311" else self.has(_account(FUND[channel], project), channel))

    def channels(self, contract: str) -> list[str]:
        """Return the channels of a contract: those of vouchers that stand, and of drafts."""
        found = {
            commodity.removesuffix(".B")
            for each in [*self.oracle.standing(), *self.drafts]
            for account, commodity in each.lines
            if contract in account
        }
        return sorted(found)

    def need_contract(self, contract: str) -> None:
        made = [each for each in [*self.oracle.standing(), *self.drafts] if each.verb == "contract"]
        if contract not in {each.contract for each in made}:
            raise No("no such contract")

    # The entry table.

    def _allot(self, project: str, channel: str, amount: int) -> Lines:
        if channel in {HOUSEHOLDS, OWN}:
            raise No("not allotted")
        return _moved(_budget("B0", project), _budget("B1", project), f"{channel}.B", amount)

    def _plan(self, project: str, channel: str, amount: int) -> Lines:
        if channel != HOUSEHOLDS:
            raise No("not the households'")
        lines = _moved(_account("231", project), f"Assets:113-内部往来:{project}-农户筹资", channel, amount)
        return lines + _moved(_budget("B0", project), _budget("B1", project), f"{channel}.B", amount)

    def _receive(self, project: str, channel: str, amount: int, how: str = "") -> Lines:
        bank, cash = _bank(project), f"Assets:101-库存现金:{project}"
        due = f"Assets:113-内部往来:{project}-农户筹资"
        if how and channel != HOUSEHOLDS:
            raise No("only households pay in cash")
        if channel in {LABOUR, "SN2024"}:
            raise No("no money")
        if channel == HOUSEHOLDS:
            source, target = (due, cash) if how == "cash" else (cash, bank) if how == "from_cash" else (due, bank)
            return _moved(source, target, channel, amount)
        if channel == OWN:
            lines = _moved(OWN_BANK, bank, channel, amount)
            return lines + _moved(_budget("B0", project), _budget("B1", project), f"{channel}.B", amount)
        allotted = self.has(_budget("B0", project), channel, budget=True)
        if self.received(project, channel) + amount > allotted:
            raise No("over what was allotted")
        fund, reserve = _account("241", project), _account("311", project)
        cost = self.has(_account("151", project), channel)
        topped = max(0, min(self.has(fund, channel) + amount, cost - self.has(reserve, channel)))
        return _moved(fund, bank, channel, amount) + _moved(reserve, fund, channel, topped)

    def _contract(self, contract: str, parts: dict[str, int]) -> Lines:
        taken = {each.contract for each in [*self.oracle.standing(), *self.drafts] if each.verb == "contract"}
        if contract in taken or contract[:4] not in TITLES or not parts:
            raise No("taken, nowhere or empty")
        lines = Lines()
        for channel, fen in parts.items():
            lines += _moved(_budget("B1", contract[:4]), _of("B2", contract), f"{channel}.B", fen)
        return lines

    def _advance(self, contract: str, amount: int = 0, percent: int = 0, parts: dict[str, int] | None = None) -> Lines:
        self.need_contract(contract)
        left = {each: max(0, self.has(_of("B2", contract), each, budget=True)) for each in self.channels(contract)}
        whole = sum(left.values())
        if parts:
            if any(fen > left.get(each, -1) for each, fen in parts.items()):
                raise No("over the contract")
        else:
            amount = amount or whole * percent // 100
            if not 0 < amount <= whole:
                raise No("over the contract")
            parts = share(amount, left)
        lines = Lines()
        for channel, fen in parts.items():
            _need_bank(channel, fen)
            lines += _moved(_bank(contract[:4]), _of("112", contract), channel, fen)
            lines += _moved(_of("B2", contract), _of("B2A", contract), f"{channel}.B", fen)
        return lines

    def _certify(
        self,
        contract: str,
        amount: int = 0,
        parts: dict[str, int] | None = None,
        retention: Fraction = RETENTION_PERCENT,
        reason: str = "",
    ) -> Lines:
        self.need_contract(contract)
        committed = {each: self.has(_of("B2", contract), each, budget=True) for each in self.channels(contract)}
        advanced = {each: self.has(_of("B2A", contract), each, budget=True) for each in committed}
        left = {each: max(0, committed[each] + advanced[each]) for each in committed}
        if parts:
            if not reason or any(fen > left.get(each, -1) for each, fen in parts.items()):
                raise No("over the contract, or without a reason")
        else:
            if not 0 < amount <= sum(left.values()):
                raise No("over the contract")
            parts = share(amount, left)
        if retention > RETENTION_PERCENT:
            raise No("over the cap")
        held = share(int(sum(parts.values()) * retention / 100), parts)
        lines = Lines()
        project = contract[:4]
        for channel, fen in parts.items():
            if not fen:
                continue
            least, most = max(0, fen - committed[channel]), min(advanced[channel], fen - held[channel])
            if least > most:
                raise No("no room for the offset")
            exact = Fraction(advanced[channel] * fen, committed[channel] + advanced[channel])
            offset = min(max(int(exact + Fraction(1, 2)), least), most)
            lines += _moved(
                _of("211-进度款", contract), _account("153", project), channel, fen - held[channel] - offset
            )
            lines += _moved(_of("211-质保金", contract), _account("153", project), channel, held[channel])
            lines += _moved(_of("112", contract), _account("153", project), channel, offset)
            lines += _moved(_of("B2", contract), _budget("B3", project), f"{channel}.B", fen - offset)
            lines += _moved(_of("B2A", contract), _budget("B3", project), f"{channel}.B", offset)
        return lines

    def _pay(
        self,
        contract: str,
        amount: int = 0,
        parts: dict[str, int] | None = None,
        channel: str = "",
        partial: bool = False,
    ) -> Lines:
        self.need_contract(contract)
        of = self.channels(contract)
        if not {*(parts or {}), *([channel] if channel else [])} <= set(of):
            raise No("not a channel of the contract")
        owed = {each: max(0, self.has(_of("211-进度款", contract), each)) for each in of if channel in {"", each}}
        if parts:
            if any(fen > owed[each] for each, fen in parts.items()):
                raise No("over what is owed")
        else:
            amount = amount or sum(owed.values())
            if not 0 < amount <= sum(owed.values()):
                raise No("over what is owed")
            parts = share(amount, owed)
        lines = Lines()
        bank = _bank(contract[:4])
        for each, fen in parts.items():
            _need_bank(each, fen)
            cash = self.has(bank, each)
            if fen and fen > cash and not partial:
                raise No("no cash")
            lines += _moved(bank, _of("211-进度款", contract), each, max(0, min(fen, cash)))
        if not lines:
            raise No("no cash at all")
        return lines

    def _labour(self, project: str, channel: str, days: int, rate: int) -> Lines:
        if channel != LABOUR:
            raise No("not labour")
        lines = _moved(_account("311", project), _account("153", project), channel, days * rate)
        return lines + _moved(_budget("B1", project), _budget("B3", project), f"{channel}.B", days * rate)

    def _accept(self, project: str) -> Lines:
        lines = Lines()
        asset, works, reserve = (_account(code, project) for code in ("151", "153", "311"))
        for channel in BUDGET[project]:
            done = self.has(works, channel)
            if done <= 0:
                continue
            lines += _moved(works, asset, channel, done)
            if FUND.get(channel, "311") != "311":
                fund = _account(FUND[channel], project)
                cost = self.has(asset, channel) + done
                topped = max(0, min(self.has(fund, channel), cost - self.has(reserve, channel)))
                lines += _moved(reserve, fund, channel, topped)
        if not lines:
            raise No("no works")
        return lines

    def _reverse(self, voucher: str) -> Lines:
        if voucher not in {each.number for each in self.oracle.standing()}:
            raise No("not there, reversed, or a reversal")
        if voucher in {each.reverses for each in self.drafts}:
            raise No("a draft reverses it")
        [undone] = [each for each in self.oracle.sealed if each.number == voucher]
        lines = Lines({key: -fen for key, fen in undone.lines.items()})
        self.need_covered(lines)
        return lines


def share(whole: int, weights: dict[str, int]) -> dict[str, int]:
    """Split by largest remainder, ties by code; done with fractions, one fen after the other."""
    total = sum(weights.values())
    exact = {each: Fraction(whole * weight, total) for each, weight in weights.items()}
    parts = {each: int(fen) for each, fen in exact.items()}
    while sum(parts.values()) < whole:
        neediest = max(sorted(parts), key=lambda each: exact[each] - parts[each])
        parts[neediest] += 1
    return parts


def _moved(credit: str, debit: str, commodity: str, fen: int) -> Lines:
    return Lines({(credit, commodity): -fen, (debit, commodity): fen}) if fen else Lines()


def _side(account: str) -> int:
    """Return +1 or -1 for the side that an account may not leave, 0 where it has none."""
    code = account.split(":")[1].partition("-")[0]
    if code in {"B0", "322", "Q0"}:
        return 0
    return 1 if account.startswith("Assets") or code in {"B1", "B2", "B2A", "B2S", "B3"} else -1


def _account(code: str, project: str) -> str:
    names = {
        "151": "Assets:151-固定资产",
        "153": "Assets:153-在建工程",
        "231": "Liabilities:231-一事一议资金",
        "241": "Liabilities:241-专项应付款",
        "311": "Equity:311-公积公益金",
    }
    return f"{names[code]}:{project}-{TITLES[project]}"


def _budget(code: str, project: str) -> str:
    names = {"B0": "下达", "B1": "可用预算", "B3": "已列支"}
    return f"Equity:{code}-{names[code]}:{project}-{TITLES[project]}"


def _of(code: str, contract: str) -> str:
    return {
        "112": f"Assets:112-应收款:{contract}-预付款",
        "211-进度款": f"Liabilities:211-应付款:{contract}-进度款",
        "211-质保金": f"Liabilities:211-应付款:{contract}-质保金",
        "B2": f"Equity:B2-合同占用:{contract}",
        "B2A": f"Equity:B2A-预付占用:{contract}",
    }[code]


def _bank(project: str) -> str:
    return f"Assets:102-银行存款:B01-农商行专户:{project}"


def _need_bank(channel: str, fen: int) -> None:
    if fen and channel not in IN_BANK:
        raise No("no bank account holds it")
