"""A month of a bank account, made up: what the bank has, what the book has, and thirty planted differences."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

FIRMS = [
    "青山路桥",
    "城关建筑",
    "县建材",
    "红星砂石",
    "大河机械",
    "东山园林",
    "平安电力",
    "众和测绘",
    "利民运输",
    "永固水泥",
]
PERSONS = ["蒲君君", "王小明", "李二娃", "张三", "赵大田", "陈秀英", "刘桂花", "杨光明"]
OFFICES = ["市交通运输局", "县财政局国库支付中心", "区农业农村局", "县水务局"]
WORDS = ["砂石款", "水泥款", "运费", "机械租赁", "工程款", "劳务费", "补助资金", "设计费"]


@dataclass
class Move:
    """One movement on either side; `twin` names the same one on the other side."""

    name: str
    day: date
    fen: int
    payee: str
    words: str
    serial: str = ""
    bank: str = "B01"


@dataclass
class Month:
    """Both sides and what was planted: kind, line, voucher by name."""

    lines: list[Move] = field(default_factory=list)
    vouchers: list[Move] = field(default_factory=list)
    planted: set[tuple[str, str, str]] = field(default_factory=set)


KINDS = ["not-in-books", "not-at-bank", "twice-in-books", "twice-at-bank", "amount", "other-account", "late"]
PLAN = dict(zip(KINDS, [4, 4, 3, 3, 5, 5, 6], strict=True))
"""Thirty."""


def month(seed: int, *, lines: int = 500, start: date = date(2024, 5, 1), days: int = 31) -> Month:
    """Return a month in which the bank has so many lines."""
    chance = random.Random(seed)
    made = Month()
    plan = [kind for kind, count in PLAN.items() for _ in range(count)]
    # A line for each but what the bank lacks, and one more for what it has twice.
    bare = lines - sum(PLAN[kind] for kind in KINDS if kind != "not-at-bank") - PLAN["twice-at-bank"]
    for number in range(bare + len(plan)):
        kind = plan[number - bare] if number >= bare else ""
        _add(made, chance, f"{number:04}", kind, start, days, used={abs(each.fen) for each in made.lines})
    made.lines.sort(key=lambda each: (each.day, each.name))
    made.vouchers.sort(key=lambda each: (each.day, each.name))
    assert len(made.lines) == lines
    assert len(made.planted) == len(plan)
    return made


def _add(made: Month, chance: random.Random, name: str, kind: str, start: date, days: int, used: set[int]) -> None:
    day = start + timedelta(days=chance.randrange(3 if kind == "late" else 0, 4 if kind == "late" else days))
    came = chance.random() < 0.15
    payee = chance.choice(OFFICES if came else [*FIRMS, *FIRMS, *PERSONS])
    # Sums that come back often are what makes it hard; what is planted has sums of its own, as most sums are.
    fen = chance.choice([500_00, 800_00, 1_000_00, 1_200_00])
    while kind and abs(fen) in used | {500_00, 800_00, 1_000_00, 1_200_00}:
        fen = chance.randrange(100_00, 2_000_00)
    if not kind and chance.random() < 0.6:
        fen = chance.randrange(100_00, 2_000_00)
    fen = fen if came else -fen
    words = chance.choice(WORDS)
    at_bank = _as_the_bank_writes(chance, payee, known=bool(kind))
    serial = f"{chance.randrange(10**9):012}"
    known = serial if chance.random() < 0.2 and kind != "late" else ""
    line = Move(f"L{name}", day, fen, at_bank, words, serial)
    lag = timedelta(days=chance.choice([-2, -1, 0, 0, 0, 1, 2, 3]))
    voucher = Move(f"V{name}", min(max(day + lag, start), start + timedelta(days=days - 1)), fen, payee, words, known)
    match kind:
        case "not-in-books":
            made.planted.add((kind, line.name, ""))
            made.lines.append(line)
            return
        case "not-at-bank":
            made.planted.add((kind, "", voucher.name))
            made.vouchers.append(voucher)
            return
        case "twice-in-books":
            made.vouchers.append(Move(f"W{name}", voucher.day, fen, payee, words))
            made.planted.add((kind, "", f"?{name}"))
        case "twice-at-bank":
            made.lines.append(Move(f"M{name}", day, fen, at_bank, words, f"9{serial}"))
            made.planted.add((kind, f"?{name}", ""))
        case "amount":
            voucher.fen = chance.choice([fen + 9_00, fen - 90_00, fen * 10, fen + 1])
            made.planted.add((kind, line.name, voucher.name))
        case "other-account":
            voucher.bank = "B02"
            made.planted.add((kind, line.name, voucher.name))
        case "late":
            voucher.day = day + timedelta(days=chance.randrange(20, days - 4))
            made.planted.add((kind, line.name, voucher.name))
    made.lines.append(line)
    made.vouchers.append(voucher)


def _as_the_bank_writes(chance: random.Random, payee: str, *, known: bool) -> str:
    """Return a name as the bank has it: firms in full, some lines without any."""
    if not known and chance.random() < 0.1:
        return ""
    return f"{payee}有限公司" if payee in FIRMS and chance.random() < 0.5 else payee
