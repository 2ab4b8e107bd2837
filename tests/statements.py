"""Made-up bank statements in the exact shapes of fifteen exports: headers, rows above, footers, padding, directions.

What is written here about each shape stands on its own: it shares nothing with the profiles that read it.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

PAYEES = ["青山路桥公司", "市交通运输局", "城关建筑队", "县财政局国库支付中心", "蒲君君", "区农业局", "张三", ""]
WORDS = ["工程款", "拨款", "转账", "手续费", "结息", "退汇", "劳务费", "筹资款"]
ACCOUNT = "6217001234567890123"


class Move(NamedTuple):
    """What happened: `fen` positive for money in."""

    day: date
    clock: str
    fen: int
    balance: int
    payee: str
    account: str
    words: str
    serial: str


def moves(count: int, *, seed: int = 1, opening: int = 1_234_567_89) -> list[Move]:
    """Return movements that never overdraw, several a day."""
    chance = random.Random(seed)
    day, balance, made = date(2024, 1, 2), opening, []
    for number in range(count):
        day += timedelta(days=chance.choice([0, 0, 0, 1, 1, 2]))
        fen = chance.choice([1, 5_00, 88_00, 1_234_56, 10_000_00, 250_000_00, chance.randrange(1, 9_999_999)])
        if chance.random() < 0.55 and fen <= balance:
            fen = -fen
        balance += fen
        clock = f"{8 + number % 10:02}:{number % 60:02}:{number * 7 % 60:02}"
        payee = chance.choice(PAYEES)
        account = f"62{chance.randrange(10**14):014}" if payee else ""
        made.append(Move(day, clock, fen, balance, payee, account, chance.choice(WORDS), f"{number + 1:08}"))
    return made


def comma(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def plain(fen: int) -> str:
    return comma(fen).replace(",", "")


def signed(fen: int) -> str:
    return ("+" if fen > 0 else "") + plain(fen)


def into(move: Move, write: Callable[[int], str] = plain, none: str = "") -> str:
    return write(move.fen) if move.fen > 0 else none


def out(move: Move, write: Callable[[int], str] = plain, none: str = "") -> str:
    return write(-move.fen) if move.fen < 0 else none


def stamp(move: Move) -> str:
    return f"{move.day} {move.clock}"


@dataclass(frozen=True)
class Shape:
    """One export: what stands above, the header, a row for each movement, what stands below."""

    header: str
    row: Callable[[int, Move], Sequence[str]]
    profile: str
    above: Sequence[Sequence[str]] = ()
    below: Sequence[Sequence[str]] = ()
    newest_first: bool = False
    encoding: str = "utf-8"
    serial: bool = False
    tail: str = ""

    def table(self, made: Sequence[Move]) -> Iterator[list[str]]:
        yield from map(list, self.above)
        yield self.header.split(",")
        for number, move in enumerate(reversed(made) if self.newest_first else made, 1):
            yield list(self.row(number, move))
        yield from map(list, self.below)

    def text(self, made: Sequence[Move]) -> bytes:
        """Return the file as the bank would write it."""
        return write(self.table(made), tail=self.tail, encoding=self.encoding)


def write(table: Iterator[list[str]], *, tail: str = "", encoding: str = "utf-8") -> bytes:
    lines = []
    for cells in table:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(cells)
        lines.append(line.getvalue() + (tail if any(cells) else ""))
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


SHAPES: dict[str, Shape] = {
    "icbc_debit_v2": Shape(
        "交易日期,摘要,交易详情,交易场所,交易国家或地区简称,钞/汇,交易金额(收入),交易金额(支出),交易币种,记账金额(收入),记账金额(支出),记账币种,余额,对方户名,对方账户",
        lambda _, m: [
            f"{m.day}\t",
            f"{m.words} ",
            "",
            "网上银行  ",
            "CHN",
            "钞",
            into(m, comma, "-"),
            out(m, comma, "-"),
            "人民币",
            into(m, comma),
            out(m, comma),
            "人民币",
            comma(m.balance),
            m.payee,
            f"{m.account}\t",
        ],
        "icbc-debit",
        above=[
            ["明细查询文件下载"],
            [],
            [f"卡号: {ACCOUNT}", "卡别名: "],
            [],
            ["子账户序号: 00000", "子账户类别: 活期", "子账户别名: "],
            [],
        ],
        below=[[], ["人民币合计", "", "", "", "", "", "", "", "", "1,000.00", "2,000.00"], ["合计金额", "3,000.00"]],
        newest_first=True,
        encoding="utf-8-sig",
        tail=",",
    ),
    "abc_debit": Shape(
        "交易日期,交易时间,交易摘要,交易金额,本次余额,对手信息,日 志 号,交易渠道,交易附言",
        # Rows end with the last cell that holds anything.
        lambda n, m: _short(
            [
                f"{m.day:%Y%m%d}",
                m.clock.replace(":", ""),
                m.words,
                signed(m.fen),
                plain(m.balance),
                m.payee,
                m.serial if n % 3 else "",
                "",
                "",
            ]
        ),
        "abc-debit",
        above=[["账户交易明细"], [f"账号：{ACCOUNT}", "起止日期：20240101-20241231"]],
        newest_first=True,
        encoding="gb18030",
    ),
    "ccb_xls": Shape(
        "记账日,交易日期,交易时间,支出,收入,账户余额,币种,摘要,对方账号,对方户名,交易地点",
        lambda _, m: [
            f"{m.day:%Y%m%d}",
            f"{m.day:%Y%m%d}",
            m.clock,
            out(m, comma, "0.00"),
            into(m, comma, "0.00"),
            comma(m.balance),
            "人民币元",
            m.words,
            m.account,
            m.payee,
            "柜台",
        ],
        "ccb-debit",
        above=[["China Construction Bank"], ["开户机构：某支行"], ["币　　种：人民币"], [f"账　　号：{ACCOUNT}"], []],
        below=[["以上数据仅供参考，具体内容请以柜台为准。"]],
    ),
    "ccb_csv": Shape(
        "序号,摘要,币别,钞汇,交易日期,交易金额,账户余额,交易地点/附言,对方账号与户名",
        lambda n, m: [
            str(n),
            m.words,
            "人民币元",
            "钞",
            f"{m.day:%Y%m%d}",
            plain(m.fen),
            plain(m.balance),
            "网上银行",
            f"{m.account}/{m.payee}" if m.payee else "",
        ],
        "ccb-debit-csv",
        above=[["中国建设银行个人活期账户全部交易明细"], [f"卡号/账号:{ACCOUNT}", "起始日期:20240101"]],
    ),
    "boc": Shape(
        "记账日期,记账时间,币别,金额,余额,交易名称,渠道,网点名称,附言,对方账户名,对方卡号/账号,对方开户行",
        lambda _, m: [
            str(m.day),
            m.clock,
            "人民币",
            comma(m.fen),
            comma(m.balance),
            m.words,
            "银企对接",
            "-------------------",
            "------",
            m.payee or "------",
            m.account or "------",
            "------",
        ],
        "boc-debit",
        newest_first=True,
    ),
    "corp_icbc03": Shape(
        "交易时间,本方账号,对方单位,对方账号,摘要,附言,用途,借贷标志,发生额,余额",
        lambda _, m: [
            f"{m.day}-{m.clock.replace(':', '.')}.123456",
            ACCOUNT,
            m.payee,
            m.account,
            m.words,
            "",
            m.words,
            "借" if m.fen < 0 else "贷",
            comma(abs(m.fen)),
            comma(m.balance),
        ],
        "icbc-corporate-mark",
        encoding="gb18030",
    ),
    "corp_icbc01": Shape(
        "交易时间,本方账号,对方单位,对方账号,摘要,附言,用途,转出金额,转入金额,余额",
        lambda _, m: [
            stamp(m),
            ACCOUNT,
            m.payee,
            m.account,
            m.words,
            "",
            "",
            out(m, comma),
            into(m, comma),
            comma(m.balance),
        ],
        "icbc-corporate-inout",
    ),
    "corp_icbc02": Shape(
        "日期,对方户名,对方账号,摘要,借方发生额,贷方发生额,余额",
        lambda _, m: [
            f"{m.day:%Y/%m/%d}",
            m.payee,
            m.account,
            m.words,
            out(m, comma, "0.00"),
            into(m, comma, "0.00"),
            comma(m.balance),
        ],
        "icbc-corporate-short",
        below=[["合计", "", "", "", "1.00", "2.00", ""]],
    ),
    "corp_icbc_raw": Shape(
        "凭证号,本方账号,对方账号,交易时间,借/贷,借方发生额,贷方发生额,对方行号,摘要,用途,对方单位名称,余额,个性化信息",
        lambda _, m: [
            "0",
            ACCOUNT,
            m.account,
            stamp(m),
            "借" if m.fen < 0 else "贷",
            out(m, comma, "0.00"),
            into(m, comma, "0.00"),
            "102",
            m.words,
            "",
            m.payee,
            comma(m.balance),
            "",
        ],
        "icbc-corporate",
        above=[["[HISTORYDETAIL]"]],
        encoding="gb18030",
        newest_first=True,
    ),
    "corp_abc": Shape(
        "交易时间,对方户名,对方账号,支出金额,收入金额,账户余额,交易用途",
        lambda _, m: [stamp(m), m.payee, m.account, out(m, plain), into(m, plain), plain(m.balance), m.words],
        "abc-corporate",
        above=[["账户明细"], [f"账号：{ACCOUNT}", "币种：人民币"]],
    ),
    "corp_ccb02": Shape(
        "账户明细编号-交易流水号,交易时间,账户名称,账号,对方户名,对方账号,摘要,备注,借方发生额（支取）,贷方发生额（收入）,余额,个性化信息名称1",
        lambda _, m: [
            f"1-{m.serial}",
            f"{m.day:%Y%m%d} {m.clock}",
            "示范村村民委员会",
            ACCOUNT,
            m.payee,
            m.account,
            m.words,
            "",
            out(m, comma, "0.00"),
            into(m, comma, "0.00"),
            comma(m.balance),
            "",
        ],
        "ccb-corporate",
        serial=True,
    ),
    "corp_ccb03": Shape(
        "账户明细编号-交易流水号,交易时间,对方户名,对方账号,摘要,备注,借方发生额/元(支取),贷方发生额/元(收入),余额",
        lambda _, m: [
            f"1-{m.serial}",
            f"{m.day:%Y%m%d} {m.clock}",
            m.payee,
            m.account,
            m.words,
            "备注",
            out(m, plain, "0"),
            into(m, plain, "0"),
            plain(m.balance),
        ],
        "ccb-corporate-yuan",
        serial=True,
    ),
    "corp_psbc": Shape(
        "交易流水号,交易日期,交易时间,对方户名,对方账号,摘要,用途,附言,支出金额,收入金额,余额",
        lambda _, m: [
            m.serial,
            str(m.day),
            m.clock,
            m.payee,
            m.account,
            m.words,
            "",
            "",
            out(m, comma),
            into(m, comma),
            comma(m.balance),
        ],
        "psbc-corporate",
        serial=True,
    ),
    "scrcb": Shape(
        "交易流水号,交易日期,对方户名,对方账号,摘要,支出金额,收入金额,账户余额",
        lambda _, m: [
            m.serial,
            f"{m.day:%Y%m%d}",
            m.payee,
            m.account,
            m.words,
            out(m, comma),
            into(m, comma),
            comma(m.balance),
        ],
        "scrcb-corporate",
        above=[["四川农信账户交易明细"], [f"户名:示范村村民委员会\n账号:{ACCOUNT}\n"]],
        serial=True,
    ),
    "cqrcb": Shape(
        "交易流水号,交易日期,交易账号,对方账户名,对方账号,摘要,用途,支出金额,收入金额,余额",
        lambda _, m: [
            m.serial,
            str(m.day),
            ACCOUNT,
            m.payee,
            m.account,
            m.words,
            "",
            out(m, comma),
            into(m, comma),
            comma(m.balance),
        ],
        "cqrcb-corporate",
        serial=True,
    ),
}


def _short(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells
